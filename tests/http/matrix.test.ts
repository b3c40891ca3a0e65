import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { ROUTES } from '../../server/http/routes.ts';
import { PASSWORD, TestApp, type Person } from './harness.ts';

const ROLES = ['anonymous', 'stranger', 'viewer', 'commenter', 'member', 'owner'] as const;
type RoleName = (typeof ROLES)[number];

/** What a case may name. Everything was made by the owner. */
interface World {
  board: string;
  room: string;
  column: string;
  task: string;
  /** A message by the one who asks, where that one may speak; otherwise by the owner. */
  own: string;
  /** A message by another owner. */
  others: string;
  invitation: string;
  code: string;
  viewer: string;
}

interface Row {
  /** Statuses in the order of ROLES. */
  expected: [number, number, number, number, number, number];
  path: (world: World) => string;
  body?: (world: World) => unknown;
  /** It changes what other cases stand on: each case gets a world of its own. */
  destroys?: true;
}

const anyone = (status: number): Row['expected'] => [status, status, status, status, status, status];
const signedIn = (status: number): Row['expected'] => [401, status, status, status, status, status];
const reader = (status: number): Row['expected'] => [401, 404, status, status, status, status];
const speaker = (status: number): Row['expected'] => [401, 404, 403, status, status, status];
const member = (status: number): Row['expected'] => [401, 404, 403, 403, status, status];
const owner = (status: number): Row['expected'] => [401, 404, 403, 403, 403, status];

/** Every route of the API, with who may use it. A route without a row fails the first test. */
const ROWS: Record<string, Row> = {
  'POST /setup': {
    expected: anyone(403),
    path: () => '/setup',
    body: () => ({ token: 'x', username: 'late', name: 'Late', password: PASSWORD }),
  },
  'POST /session': {
    expected: anyone(401),
    path: () => '/session',
    body: () => ({ username: newId(), password: PASSWORD }),
  },
  'DELETE /session': { expected: anyone(204), path: () => '/session', destroys: true },
  'GET /sessions': { expected: signedIn(200), path: () => '/sessions' },
  'DELETE /sessions': { expected: signedIn(204), path: () => '/sessions' },
  'DELETE /sessions/:session': { expected: signedIn(404), path: () => `/sessions/${newId()}` },
  'GET /me': { expected: signedIn(200), path: () => '/me' },
  'PATCH /me': { expected: signedIn(200), path: () => '/me', body: () => ({ name: 'New Name' }) },
  'GET /boards': { expected: signedIn(200), path: () => '/boards' },
  'POST /boards': { expected: signedIn(201), path: () => '/boards', body: () => ({ title: 'Own' }) },
  'GET /boards/:board': { expected: reader(200), path: ({ board }) => `/boards/${board}` },
  'PATCH /boards/:board': {
    expected: owner(200),
    path: ({ board }) => `/boards/${board}`,
    body: () => ({ title: 'Renamed' }),
  },
  'DELETE /boards/:board': { expected: owner(204), path: ({ board }) => `/boards/${board}`, destroys: true },
  'GET /boards/:board/members': { expected: reader(200), path: ({ board }) => `/boards/${board}/members` },
  'PUT /boards/:board/members/:user': {
    expected: owner(200),
    path: ({ board, viewer }) => `/boards/${board}/members/${viewer}`,
    body: () => ({ role: 'viewer' }),
  },
  'DELETE /boards/:board/members/:user': {
    expected: [401, 404, 204, 403, 403, 204],
    path: ({ board, viewer }) => `/boards/${board}/members/${viewer}`,
    destroys: true,
  },
  'GET /boards/:board/invitations': { expected: owner(200), path: ({ board }) => `/boards/${board}/invitations` },
  'POST /boards/:board/invitations': {
    expected: owner(201),
    path: ({ board }) => `/boards/${board}/invitations`,
    body: () => ({ role: 'owner' }),
  },
  'DELETE /boards/:board/invitations/:invitation': {
    expected: owner(204),
    path: ({ board, invitation }) => `/boards/${board}/invitations/${invitation}`,
    destroys: true,
  },
  'GET /invitations/:code': { expected: anyone(200), path: ({ code }) => `/invitations/${code}` },
  'POST /invitations/:code/accept': {
    expected: [401, 201, 201, 201, 201, 201],
    path: ({ code }) => `/invitations/${code}/accept`,
    body: () => ({}),
    destroys: true,
  },
  'GET /boards/:board/columns': { expected: reader(200), path: ({ board }) => `/boards/${board}/columns` },
  'POST /boards/:board/columns': {
    expected: member(201),
    path: ({ board }) => `/boards/${board}/columns`,
    body: () => ({ title: 'Doing' }),
  },
  'GET /boards/:board/rooms': { expected: reader(200), path: ({ board }) => `/boards/${board}/rooms` },
  'POST /boards/:board/rooms': {
    expected: member(201),
    path: ({ board }) => `/boards/${board}/rooms`,
    body: () => ({ name: `Room ${newId()}` }),
  },
  'GET /boards/:board/tasks': { expected: reader(200), path: ({ board }) => `/boards/${board}/tasks` },
  'POST /boards/:board/tasks': {
    expected: member(201),
    path: ({ board }) => `/boards/${board}/tasks`,
    body: ({ column }) => ({ column, title: 'A task' }),
  },
  'GET /rooms/:room': { expected: reader(200), path: ({ room }) => `/rooms/${room}` },
  'GET /rooms/:room/messages': { expected: reader(200), path: ({ room }) => `/rooms/${room}/messages` },
  'POST /rooms/:room/messages': {
    expected: speaker(201),
    path: ({ room }) => `/rooms/${room}/messages`,
    body: () => ({ text: 'hello' }),
  },
  'GET /tasks/:task': { expected: reader(200), path: ({ task }) => `/tasks/${task}` },
  'PATCH /tasks/:task': {
    expected: member(200),
    path: ({ task }) => `/tasks/${task}`,
    body: () => ({ title: 'Another title' }),
  },
  'DELETE /tasks/:task': { expected: member(204), path: ({ task }) => `/tasks/${task}` },
  'GET /tasks/:task/comments': { expected: reader(200), path: ({ task }) => `/tasks/${task}/comments` },
  'POST /tasks/:task/comments': {
    expected: speaker(201),
    path: ({ task }) => `/tasks/${task}/comments`,
    body: () => ({ text: 'a comment' }),
  },
  'GET /messages/:message': { expected: reader(200), path: ({ others }) => `/messages/${others}` },
  'PATCH /messages/:message': {
    expected: speaker(200),
    path: ({ own }) => `/messages/${own}`,
    body: () => ({ text: 'better words' }),
  },
  'DELETE /messages/:message': { expected: owner(204), path: ({ others }) => `/messages/${others}`, destroys: true },
  'GET /notifications': { expected: signedIn(200), path: () => '/notifications' },
  'GET /notifications/count': { expected: signedIn(200), path: () => '/notifications/count' },
  'POST /notifications/:notification/read': { expected: signedIn(404), path: () => '/notifications/999999/read' },
  'POST /notifications/read': { expected: signedIn(204), path: () => '/notifications/read', body: () => ({}) },
  'GET /heads': { expected: signedIn(200), path: () => '/heads' },
  'GET /openapi.json': { expected: anyone(200), path: () => '/openapi.json' },
};

let app: TestApp;
const people = new Map<RoleName, Person>();
let olga: Person;
let otto: Person;
let shared: World;

beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
  const first = await app.board(olga);
  otto = await app.join(olga, first, 'otto', 'owner');
  for (const role of ROLES.slice(1)) {
    people.set(role, role === 'owner' ? olga : await app.join(olga, first, role, 'viewer'));
  }
  shared = await makeWorld();
});
afterAll(() => app.stop());

async function makeWorld(): Promise<World> {
  const board = await app.board(olga);
  for (const role of ['viewer', 'commenter', 'member'] as const) {
    await app.ok(olga, 'PUT', `/boards/${board}/members/${people.get(role)?.id}`, { role });
  }
  await app.ok(olga, 'PUT', `/boards/${board}/members/${otto.id}`, { role: 'owner' });
  const room = await app.room(olga, board);
  const column = await app.column(olga, board);
  const { code, id } = await app.ok(olga, 'POST', `/boards/${board}/invitations`, { role: 'viewer' });
  return {
    board,
    room,
    column,
    task: await app.task(olga, board, column),
    own: '',
    others: (await app.ok(otto, 'POST', `/rooms/${room}/messages`, { text: 'by Otto' })).id,
    invitation: id,
    code,
    viewer: people.get('viewer')?.id ?? '',
  };
}

describe('[H14] who may do what', () => {
  it('is told for every route', () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it.each(Object.entries(ROWS))('%s', async (key, row) => {
    const [method = ''] = key.split(' ');
    const answers: number[] = [];
    for (const role of ROLES) {
      const world = { ...(row.destroys ? await makeWorld() : shared) };
      const speaks = ['commenter', 'member', 'owner'].includes(role);
      const author = (speaks && people.get(role)) || olga;
      world.own = (await app.ok(author, 'POST', `/rooms/${world.room}/messages`, { text: 'own' })).id;
      const before = people.get(role);
      const person = before && row.destroys && key === 'DELETE /session' ? await app.signIn(before.username) : before;
      answers.push((await app.call(person ?? null, method, row.path(world), row.body?.(world))).status);
    }
    expect(Object.fromEntries(ROLES.map((role, i) => [role, answers[i]]))).toEqual(
      Object.fromEntries(ROLES.map((role, i) => [role, row.expected[i]])),
    );
  });
});

describe('[H2] what is absent', () => {
  it.each(Object.entries(ROWS).filter(([key]) => /:(board|room|task|message|user|invitation)/.test(key)))(
    '%s is answered like what a stranger may not see',
    async (key, row) => {
      const [method = ''] = key.split(' ');
      const absent = { ...shared, board: newId(), room: newId(), task: newId(), others: newId(), own: newId() };
      const stranger = people.get('stranger') ?? null;
      const world = { ...shared, own: shared.others };
      const forbidden = await app.call(stranger, method, row.path(world), row.body?.(world));
      const missing = await app.call(stranger, method, row.path(absent), row.body?.(absent));
      expect(missing.status).toBe(404);
      expect(missing.body).toEqual(forbidden.body);
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
    expect((await app.call(olga, 'GET', path)).body.error.code).toBe('not-found');
  });

  it('is told apart from a wrong method', async () => {
    const answer = await app.call(olga, 'PUT', `/boards/${shared.board}`, {});
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
