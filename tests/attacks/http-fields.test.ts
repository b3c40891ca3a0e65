/** Every field of every body with what does not belong there, and bodies with fields that nobody asked for. */
import type { GenericSchema } from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../server/http/route.ts';
import { ROUTES } from '../../server/http/routes.ts';
import { PASSWORD } from '../harness/people.ts';
import { Arena } from './harness.ts';
import { api, expectRefused, made, pathOf } from './http-requests.ts';

const arena = new Arena();
const keyOf = ({ method, path }: Route) => `${method} ${path}`;
const WRITES = ROUTES.filter(({ method }) => method !== 'GET');

/** A board of Otto's that nobody else is in: whatever is accepted changes it only. */
interface Sandbox extends Record<string, string> {
  board: string;
  room: string;
  column: string;
  task: string;
  message: string;
  user: string;
}

let sandboxed: Promise<Sandbox> | null = null;
const sandbox = (): Promise<Sandbox> => (sandboxed ??= furnish());

async function furnish(): Promise<Sandbox> {
  const { otto } = arena.people;
  const post = async (path: string, body: unknown) => (await made(arena, otto, 'POST', path, body)).id;
  const board = await post('/boards', { title: 'Sandbox' });
  const room = await post(`/boards/${board}/rooms`, { name: 'Hall' });
  const column = await post(`/boards/${board}/columns`, { title: 'To do' });
  const task = await post(`/boards/${board}/tasks`, { column, title: 'Card' });
  const message = await post(`/rooms/${room}/messages`, { text: 'Words' });
  return { board, room, column, task, message, user: otto.id };
}

/** A good body for each route that takes one. A route without one fails the first test: add it here. */
const BODIES: Record<string, (s: Sandbox) => object> = {
  'POST /setup': () => ({ token: 'x'.repeat(43), username: 'late', name: 'Late', password: PASSWORD }),
  'POST /session': () => ({ username: 'nobody', password: 'wrong password', token: true }),
  'PATCH /me': () => ({ name: 'Otto Person', password: { current: 'wrong password', new: PASSWORD } }),
  'POST /boards': () => ({ title: 'Another' }),
  'PATCH /boards/:board': () => ({ title: 'Sandbox' }),
  'PUT /boards/:board/members/:user': () => ({ role: 'owner' }),
  'POST /boards/:board/invitations': () => ({ role: 'viewer', expiresIn: 3600, uses: 1 }),
  'POST /invitations/:code/accept': () => ({ username: 'late', name: 'Late', password: PASSWORD }),
  'POST /boards/:board/columns': () => ({ title: 'Doing' }),
  'POST /boards/:board/rooms': () => ({ name: 'Room' }),
  'PATCH /rooms/:room': () => ({ name: 'Hall', description: 'Words', archived: false }),
  'POST /boards/:board/tasks': ({ column }) => ({ column, title: 'Task' }),
  'PATCH /tasks/:task': ({ column, user }) => ({
    title: 'Card',
    column,
    before: null,
    assignees: [user],
    archived: false,
  }),
  'POST /rooms/:room/messages': ({ message }) => ({ text: 'Words', replyTo: message }),
  'POST /tasks/:task/comments': () => ({ text: 'Words' }),
  'PATCH /messages/:message': () => ({ text: 'Words' }),
  'POST /push/subscriptions': () => ({
    endpoint: 'https://push.example.org/otto',
    keys: { p256dh: 'A'.repeat(87), auth: 'A'.repeat(22) },
  }),
  'POST /notifications/read': ({ room }) => ({ conversation: `room/${room}` }),
};

/** The parts of a valibot schema that say what it takes. */
interface Shape {
  type: string;
  pipe?: readonly Shape[];
  wrapped?: Shape;
  entries?: Record<string, Shape>;
  item?: Shape;
}

type JsonType = 'null' | 'boolean' | 'number' | 'text' | 'list' | 'object';
interface Field {
  path: string[];
  takes: JsonType[];
}

const TAKES: Record<string, JsonType> = {
  string: 'text',
  picklist: 'text',
  custom: 'text',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  strict_object: 'object',
};

/** Every field of a schema, at every depth, with the types of JSON that it may be. */
function fieldsOf(schema: Shape, path: string[] = [], also: JsonType[] = []): Field[] {
  if (schema.wrapped) return fieldsOf(schema.wrapped, path, schema.type === 'nullable' ? [...also, 'null'] : also);
  const type = TAKES[schema.type];
  if (type === undefined) throw new Error(`this test does not know what ${schema.type} takes: add it to TAKES`);
  const base = schema.pipe?.[0] ?? schema;
  const own = path.length === 0 ? [] : [{ path, takes: [...also, type] }];
  const inner = Object.entries(base.entries ?? {}).flatMap(([name, entry]) => fieldsOf(entry, [...path, name]));
  const items = base.item ? fieldsOf(base.item, [...path, '0']) : [];
  return [...own, ...inner, ...items];
}

const shapeOf = (schema: GenericSchema | undefined): Shape | null => (schema as unknown as Shape | undefined) ?? null;

const MB = 1_000_000;
/** Values as JSON text: JavaScript could not say all of them. */
const VALUES: [name: string, type: JsonType, json: string, always?: 'bad-request' | 'invalid'][] = [
  ['null', 'null', 'null'],
  ['true', 'boolean', 'true'],
  ['0', 'number', '0'],
  ['-1', 'number', '-1'],
  ['1.5', 'number', '1.5'],
  ['1e309', 'number', '1e309'],
  ['-0', 'number', '-0'],
  ['2^53 + 1', 'number', '9007199254740993'],
  ['a list', 'list', '[]'],
  ['a list of lists', 'list', '[[[[]]]]'],
  ['a list of text', 'list', '["x"]'],
  ['a long list', 'list', `[${'"aaaaaaaaaaaaaaaaaaaa",'.repeat(5_000)}"x"]`],
  ['an object', 'object', '{}'],
  ['an object with a length', 'object', '{"length":1,"0":"x"}'],
  ['an object like a String', 'object', '{"toString":"x","valueOf":"y"}'],
  ['a prototype', 'object', '{"__proto__":{"admin":true}}'],
  ['a constructor', 'object', '{"constructor":{"prototype":{"admin":true}}}'],
  ['an operator', 'object', '{"$ne":null}'],
  ['a megabyte', 'text', JSON.stringify('x'.repeat(MB)), 'invalid'],
  ['a megabyte of white space', 'text', JSON.stringify(' '.repeat(MB))],
  ['a megabyte of mentions', 'text', JSON.stringify('@a '.repeat(MB / 3)), 'invalid'],
  ['NUL', 'text', '"a\\u0000b"', 'bad-request'],
  ['half a pair', 'text', '"\\ud800"', 'bad-request'],
  ['the other half', 'text', '"x\\udc00"', 'bad-request'],
  ['nothing', 'text', '""', 'invalid'],
  ['__proto__', 'text', '"__proto__"'],
  ['constructor', 'text', '"constructor"'],
  ['SQL', 'text', '"\'; drop table users; --"'],
  ['a template', 'text', '"${7*7}{{7*7}}#{7*7}%s%n"'],
  ['a script', 'text', '"<script>alert(1)</script>"'],
  ['a path', 'text', '"../../../../passwd"'],
  ['a line break and a header', 'text', '"x\\r\\nSet-Cookie: a=b"'],
  ['right to left', 'text', '"\\u202egnp.exe"'],
  ['full-width letters', 'text', '"\\uff41\\uff44\\uff4d\\uff49\\uff4e"'],
  ['true as text', 'text', '"true"'],
  ['1e3 as text', 'text', '"1e3"'],
];

/** The body with this JSON in one place. */
function bodyWith(base: object, path: string[], json: string): string {
  const copy = structuredClone(base) as Record<string, unknown>;
  let at = copy;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = '@here@';
  return JSON.stringify(copy).replace('"@here@"', () => json);
}

/** Nobody may be signed in where an account begins. */
const OUTSIDE = ['POST /setup', 'POST /session', 'POST /invitations/:code/accept'];
const whose = (key: string) => (OUTSIDE.includes(key) ? null : arena.people.otto);

it('knows a good body for every route that takes one', () => {
  const taking = WRITES.filter(({ body }) => body).map(keyOf);
  expect(Object.keys(BODIES).toSorted()).toEqual(taking.toSorted());
});

describe('[H6] a field', () => {
  for (const route of WRITES.filter(({ body }) => body)) {
    const key = keyOf(route);
    const shape = shapeOf(route.body);
    for (const { path, takes } of shape ? fieldsOf(shape) : []) {
      arena.attack(`${path.join('.')} of ${key} takes ${takes.join(' or ')} and nothing else`, async () => {
        const place = await sandbox();
        const base = BODIES[key]?.(place) ?? {};
        const target = pathOf(route, { ...place, code: 'a'.repeat(43) });
        for (const [name, type, json, always] of VALUES) {
          const answer = await api(arena, whose(key), route.method, target, bodyWith(base, path, json));
          const about = `${name}: ${answer.text.slice(0, 200)}`;
          if (always === 'bad-request') expectRefused(answer, 400, 'bad-request', about);
          else if (!takes.includes(type)) expectRefused(answer, 400, 'invalid', about);
          else expect(answer.status, about).toBeLessThan(500);
          if (always === 'invalid' && name !== 'nothing' && takes.includes('text'))
            expectRefused(answer, 400, 'invalid', about);
          expect(answer.text.length, 'what was sent does not come back').toBeLessThan(20_000);
          expect([...answer.headers].join(), about).not.toContain('a=b');
        }
      });
    }
  }
});

const STRANGE = [
  'role',
  'admin',
  'seq',
  'id',
  'by',
  'time',
  'at',
  'author',
  'owner',
  'user',
  'who',
  'board',
  'members',
  'createdAt',
  'created_by',
  'disabled',
  'passwordHash',
  'session',
  'private',
  'volume',
  'uses',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  'toJSON',
  '',
  '*',
  '$set',
];

describe('[H6] a field that the route does not know', () => {
  for (const route of WRITES) {
    arena.attack(`is refused by ${keyOf(route)}, whatever it promises`, async () => {
      const place = await sandbox();
      const { home } = arena.people;
      const base = BODIES[keyOf(route)]?.(place) ?? {};
      const shape = shapeOf(route.body);
      const known = shape ? fieldsOf(shape) : [];
      const depths = [[], ...known.filter(({ takes }) => takes.includes('object')).map(({ path }) => path)];
      const target = pathOf(route, { ...place, code: 'a'.repeat(43) });
      for (const depth of depths) {
        for (const name of STRANGE) {
          const path = [...depth, name];
          if (known.some((field) => field.path.join('/') === path.join('/'))) continue;
          const body = JSON.stringify(base);
          const at = depth.length === 0 ? body.lastIndexOf('}') : body.indexOf('}');
          const comma = body[at - 1] === '{' ? '' : ',';
          const json = `${body.slice(0, at)}${comma}${JSON.stringify(name)}:true${body.slice(at)}`;
          const answer = await api(arena, whose(keyOf(route)), route.method, target, json);
          expectRefused(answer, 400, 'invalid', json);
        }
      }
      // What would have been destroyed is there, and nobody has become more than they were.
      const { otto, mia } = arena.people;
      if (!keyOf(route).startsWith('DELETE /session')) {
        const me = (await api(arena, otto, 'GET', '/me')).body;
        expect(me).toMatchObject({ id: otto.id, seq: otto.seq, username: 'otto', admin: false });
        expect((await api(arena, otto, 'GET', `/boards/${place.board}`)).body).toMatchObject({ role: 'owner' });
      }
      expect((await api(arena, mia, 'GET', `/boards/${home.board}`)).body).toMatchObject({ role: 'member' });
    });
  }
});
