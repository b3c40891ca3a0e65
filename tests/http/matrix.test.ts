/** Every route × every role × every act. How to add a route stands at the top of `matrix-rows.ts`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { ROUTES } from '../../server/http/routes.ts';
import type { Answer, Person, TestApp } from './harness.ts';
import { ROLES, ROWS, type Act, type World } from './matrix-rows.ts';
import { HIDDEN_ROWS } from './matrix-rows-private.ts';
import { CANARY, Matrix, PEOPLE, roleOf, SECRET, type PersonName } from './matrix-world.ts';

let matrix: Matrix;
let app: TestApp;
let shared: World;
/** A session that its person has ended. */
let ended: Person;

beforeAll(async () => {
  matrix = await Matrix.open();
  app = matrix.app;
  shared = await matrix.world();
  ended = (await matrix.signedIn('member')).person;
  await app.ok(ended, 'DELETE', '/session');
});
afterAll(() => app.stop());

const casesOf = (rows: Record<string, Act[]>, more = '') =>
  Object.entries(rows).flatMap(([key, acts]) =>
    acts.map((act) => [`${key}${act.what ? `: ${act.what}` : ''}${more}`, key.split(' ')[0] ?? '', act] as const),
  );
const CASES = [...casesOf(ROWS), ...casesOf(HIDDEN_ROWS, ', of a private room of others')];

/** Whoever asks: a person by the cookie of their browser or the token of their program, or nobody in three disguises. */
interface Asker {
  name: PersonName | 'nobody';
  via: 'cookie' | 'bearer';
  person: Pick<Person, 'cookie' | 'token'> | null;
  called: string;
}

function askers(): Asker[] {
  const made = { cookie: `taskflow_session=${'a'.repeat(40)}`, token: 'a'.repeat(40) };
  const people = PEOPLE.flatMap((name) =>
    (['cookie', 'bearer'] as const).map((via) => ({
      name,
      via,
      person: matrix.person(name),
      called: `${name} by ${via}`,
    })),
  );
  return [
    { name: 'nobody', via: 'cookie', person: null, called: 'nobody' },
    { name: 'nobody', via: 'cookie', person: made, called: 'a made-up cookie' },
    { name: 'nobody', via: 'bearer', person: made, called: 'a made-up token' },
    ...people,
  ];
}

const statusFor = (act: Act, { name }: Asker): number => act.expected[ROLES.indexOf(roleOf(name))] ?? 0;
const bytesOf = ({ headers, body }: Answer<unknown>): string => JSON.stringify([...headers]) + JSON.stringify(body);

describe('[H14] who may do what', () => {
  it('is told for every route', () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it.each(CASES)('%s', async (_name, method, act) => {
    const told: Record<string, number> = {};
    const expected: Record<string, number> = {};
    for (const asker of askers()) {
      const status = statusFor(act, asker);
      expected[asker.called] = status;
      if (status >= 400) continue;
      // A world for each is dear: of those who may, the owner shows that a program may what a browser may.
      if (act.destroys && asker.via === 'bearer' && asker.name !== 'owner') {
        delete expected[asker.called];
        continue;
      }
      let { person } = asker;
      // What makes an account, or asks as one of two, needs its own: the others stand on what is shared.
      const needsOwn = !act.fresh && (act.destroys === true || /PATCH|DELETE/.test(method));
      const world = { ...(needsOwn ? await matrix.world(asker.name) : shared) };
      world.self = asker.name === 'nobody' ? world.self : matrix.person(asker.name).id;
      if (act.fresh && asker.name !== 'nobody')
        ({ person, session: world.session } = await matrix.signedIn(asker.name));
      const answer = await app.call(person, method, act.path(world), act.body?.(world), asker.via);
      told[asker.called] = answer.status;
      if (act.endsOthers && asker.name !== 'nobody') await matrix.signInAgain(asker.name);
      const isOutside = ['nobody', 'outside'].includes(roleOf(asker.name));
      if (isOutside && !act.shows) expect(bytesOf(answer), asker.called).not.toContain(CANARY);
      if (!act.namesSecret) expect(bytesOf(answer), asker.called).not.toContain(SECRET);
    }
    // Those who are refused: all of them together leave everything as it was, and learn nothing.
    const refused = askers().filter((asker) => statusFor(act, asker) >= 400);
    if (refused.length > 0) {
      const world = { ...shared };
      const before = await matrix.state(world);
      for (const asker of refused) {
        // The same wrong guess again and again would be told to wait.
        app.advance(60_000);
        world.self = asker.name === 'nobody' ? shared.self : matrix.person(asker.name).id;
        const answer = await app.call(asker.person, method, act.path(world), act.body?.(world), asker.via);
        told[asker.called] = answer.status;
        expect(bytesOf(answer), asker.called).not.toContain(CANARY);
        expect(bytesOf(answer), asker.called).not.toContain(SECRET);
        expect(answer.headers.getSetCookie(), asker.called).toEqual([]);
      }
      expect(await matrix.state(world)).toEqual(before);
    }
    expect(told).toEqual(expected);
  });

  it.each(CASES.filter(([, , { blind }]) => !blind))(
    '%s: needs a session that has not ended',
    async (_name, method, act) => {
      for (const via of ['cookie', 'bearer'] as const) {
        const answer = await app.call(ended, method, act.path(shared), act.body?.(shared), via);
        expect([answer.status, answer.body.error.code]).toEqual([401, 'signed-out']);
      }
    },
  );
});

describe('[H2] what is absent', () => {
  it.each(CASES.filter(([key]) => /:(board|room|task|message|user|invitation)/.test(key)))(
    '%s is answered like what a stranger may not see',
    async (_name, method, act) => {
      const absent = {
        ...shared,
        board: newId(),
        room: newId(),
        hidden: newId(),
        inner: newId(),
        secret: newId(),
        task: newId(),
        others: newId(),
        own: newId(),
        othersComment: newId(),
        ownComment: newId(),
      };
      for (const name of ['stranger', 'removed', 'admin'] as const) {
        const forbidden = await app.call(matrix.person(name), method, act.path(shared), act.body?.(shared));
        const missing = await app.call(matrix.person(name), method, act.path(absent), act.body?.(absent));
        expect(missing.status).toBe(404);
        expect(missing.body).toEqual(forbidden.body);
      }
    },
  );

  it.each([
    '/boards/x',
    '/boards/..%2f',
    `/boards/${'a'.repeat(200)}`,
    '/boards/ABCDEFGHIJKLMNOPQRST',
    '/nowhere',
    '/',
    '',
  ])('%j is answered 404', async (path) => {
    expect((await app.call(matrix.person('owner'), 'GET', path)).body.error.code).toBe('not-found');
  });

  it('is told apart from a wrong method', async () => {
    const answer = await app.call(matrix.person('owner'), 'PUT', `/boards/${shared.board}`, {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, PATCH, DELETE']);
  });
});

describe('[H5] the description of the API', () => {
  it('tells every route, its parameters and its errors', async () => {
    type Operation = {
      parameters: object[];
      requestBody: { content: { 'application/json': { schema: object } } };
      responses: object;
    };
    const { paths, openapi } = await app.ok<{ openapi: string; paths: Record<string, Record<string, Operation>> }>(
      null,
      'GET',
      '/openapi.json',
    );
    expect(openapi).toBe('3.1.0');
    const told = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(told.toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
    const post = paths['/boards/{board}/rooms']?.post;
    expect(post?.parameters).toMatchObject([{ name: 'board', in: 'path', required: true }]);
    expect(post?.requestBody.content['application/json'].schema).toMatchObject({
      type: 'object',
      required: ['name'],
      additionalProperties: false,
    });
    expect(Object.keys(post?.responses ?? {})).toEqual(['201', 'default']);
  });
});
