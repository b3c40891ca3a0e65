/** Ids of others, ids that are none, and places in lists that are not there. */
import { describe, expect } from 'vitest';
import type { Route } from '../../server/http/route.ts';
import { ROUTES } from '../../server/http/routes.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { PASSWORD, type Person } from '../harness/people.ts';
import { Arena } from './harness.ts';
import { answersIn, api, begin, expectNoInsides, expectRefused, made, pathOf, requestBytes } from './http-requests.ts';
import type { Place } from './population.ts';

const arena = new Arena();
const keyOf = ({ method, path }: Route) => `${method} ${path}`;
const WITH_IDS = ROUTES.filter(({ path }) => path.includes('/:'));
const LISTS = ROUTES.filter(({ method, query }) => query && method === 'GET');

/** A good body for whoever might: what refuses here is the id. Routes that take none, and those by a code, need none. */
const bodyOf = ({ method, path }: Route): object | undefined => {
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (path.endsWith('/restore') || path.startsWith('/rooms/:room/members')) return undefined;
  if (path.endsWith('/members/:user')) return { role: 'owner' };
  if (path.endsWith('/invitations')) return { role: 'owner' };
  if (path.endsWith('/rooms') || path.endsWith('/rooms/:room')) return { name: 'Mine' };
  if (path.endsWith('/tasks')) return { column: newId(), title: 'Mine' };
  if (path.endsWith('/messages') || path.endsWith('/comments') || path.endsWith('/:message')) return { text: 'Mine' };
  if (path.endsWith('/accept')) return { username: 'late', name: 'Late', password: PASSWORD };
  if (path.endsWith('/read')) return {};
  return { title: 'Mine' };
};

/** The ids of a place, with a message of it and an invitation to it. */
async function idsOf(owner: Person, { board, room, task }: Place): Promise<Record<string, string>> {
  type Items = { items: { id: string }[] };
  const { items: messages } = await made<Items>(arena, owner, 'GET', `/rooms/${room}/messages?limit=200`);
  const invitation = (await made(arena, owner, 'POST', `/boards/${board}/invitations`, { role: 'viewer' })).id;
  return { board, room, task, message: messages.at(-1)?.id ?? '', invitation, user: owner.id };
}

describe('[H2] the id of another board', () => {
  for (const route of WITH_IDS) {
    arena.attack(`is answered by ${keyOf(route)} like one that was never given, to whoever is outside`, async () => {
      const { people } = arena;
      const places: [Person[], Record<string, string>][] = [
        [[people.otto, people.rick], await idsOf(people.olga, people.home)],
        [[people.mia, people.olga], await idsOf(people.oscar, people.other)],
      ];
      for (const [strangers, ids] of places) {
        for (const person of strangers) {
          const foreign = await api(arena, person, route.method, pathOf(route, ids), bodyOf(route));
          const absent = await api(arena, person, route.method, pathOf(route), bodyOf(route));
          // A code and one's own notifications and sessions are no ids of a board: nothing in them is foreign.
          const code = route.path.includes(':code') && route.method === 'POST' ? 'invalid' : 'not-found';
          expectRefused(foreign, code === 'invalid' ? 400 : 404, code, person.username);
          expect(foreign.text, 'the same in every byte').toBe(absent.text);
          expect([...foreign.headers.keys()].toSorted()).toEqual([...absent.headers.keys()].toSorted());
        }
      }
    });
  }

  const inside: [string, string, (home: Place) => string, (foreign: Record<string, string>) => object | undefined][] = [
    [
      'a column for a new task',
      'POST',
      (home) => `/boards/${home.board}/tasks`,
      ({ column = '' }) => ({ column, title: 'x' }),
    ],
    ['a column to move a task to', 'PATCH', (home) => `/tasks/${home.task}`, ({ column = '' }) => ({ column })],
    ['a task to stand before', 'PATCH', (home) => `/tasks/${home.task}`, ({ task = '' }) => ({ before: task })],
    ['a person to assign', 'PATCH', (home) => `/tasks/${home.task}`, ({ user = '' }) => ({ assignees: [user] })],
    [
      'a message to answer, in a room',
      'POST',
      (home) => `/rooms/${home.room}/messages`,
      ({ message = '' }) => ({ text: 'x', replyTo: message }),
    ],
    [
      'a message to answer, at a task',
      'POST',
      (home) => `/tasks/${home.task}/comments`,
      ({ message = '' }) => ({ text: 'x', replyTo: message }),
    ],
    [
      'a conversation to mark read',
      'POST',
      () => '/notifications/read',
      ({ room = '' }) => ({ conversation: `room/${room}` }),
    ],
    ['a task to mark read', 'POST', () => '/notifications/read', ({ task = '' }) => ({ conversation: `task/${task}` })],
  ];
  for (const [name, method, path, body] of inside) {
    arena.attack(`as ${name} is answered like one that was never given`, async () => {
      const { olga, oscar, home, other } = arena.people;
      const foreign = { ...(await idsOf(oscar, other)), column: other.column };
      const unknown = Object.fromEntries(Object.keys(foreign).map((key) => [key, newId()]));
      const refused = await api(arena, olga, method, path(home), body(foreign));
      const absent = await api(arena, olga, method, path(home), body(unknown));
      expect([400, 404]).toContain(refused.status);
      expectRefused(refused, refused.status, refused.status === 404 ? 'not-found' : 'invalid');
      expect(refused.text).toBe(absent.text);
    });
  }

  arena.attack('as a person to remove, or an invitation to take back, does nothing there', async () => {
    const { olga, oscar, home, other } = arena.people;
    const { invitation = '' } = await idsOf(oscar, other);
    expectRefused(await api(arena, olga, 'DELETE', `/boards/${home.board}/members/${oscar.id}`), 404, 'not-found');
    expectRefused(
      await api(arena, olga, 'DELETE', `/boards/${home.board}/invitations/${invitation}`),
      404,
      'not-found',
    );
    const { items } = await made<{ items: { id: string }[] }>(
      arena,
      oscar,
      'GET',
      `/boards/${other.board}/invitations?limit=200`,
    );
    expect(items.map(({ id }) => id)).toContain(invitation);
  });

  arena.attack('of another kind is no id of this kind', async () => {
    const { olga, home } = arena.people;
    const ids = await idsOf(olga, home);
    for (const route of WITH_IDS.filter(({ method, path }) => method === 'GET' && !path.includes(':code'))) {
      const own = /:(\w+)/.exec(route.path)?.[1] ?? '';
      for (const [kind, id] of Object.entries(ids)) {
        if (kind === own || kind === 'invitation') continue;
        expectRefused(
          await api(arena, olga, 'GET', pathOf(route, { [own]: id })),
          404,
          'not-found',
          `${route.path} ${kind}`,
        );
      }
    }
  });

  arena.attack('of somebody else’s session ends nothing', async () => {
    const { mia, otto } = arena.people;
    const { items } = await made<{ items: { id: string }[] }>(arena, mia, 'GET', '/sessions');
    for (const { id } of items) expectRefused(await api(arena, otto, 'DELETE', `/sessions/${id}`), 404, 'not-found');
    expect((await api(arena, mia, 'GET', '/me')).status).toBe(200);
  });

  arena.attack('of somebody else’s notification marks nothing', async () => {
    const { mia, olga, home } = arena.people;
    await made(arena, olga, 'POST', `/rooms/${home.scratch}/messages`, { text: 'hello @mia' });
    type Items = { items: { id: number; unread: boolean }[] };
    let found: Items = { items: [] };
    while (found.items.length === 0) found = await made<Items>(arena, mia, 'GET', '/notifications');
    const id = found.items[0]?.id ?? 0;
    for (const person of [olga, arena.people.otto]) {
      expectRefused(await api(arena, person, 'POST', `/notifications/${id}/read`, {}), 404, 'not-found');
    }
    expect((await made<Items>(arena, mia, 'GET', '/notifications')).items[0]).toMatchObject({ id, unread: true });
  });
});

/** Written into the request as they are. */
const NO_IDS = [
  '',
  ' ',
  '.',
  '..',
  '%2e%2e',
  '..%2f..',
  '%2F',
  '%5c',
  '\\',
  '%00',
  'a%00b',
  '%0d%0aSet-Cookie:%20a=b',
  '%ff',
  '%',
  '%zz',
  '%ed%a0%80',
  '%uFF41',
  '\xff\xfe',
  'null',
  'undefined',
  'NaN',
  '[object Object]',
  '-1',
  '0',
  '1e309',
  '__proto__',
  'constructor',
  "'--",
  '%27%20or%201=1--',
  'a'.repeat(15),
  'a'.repeat(25),
  'A'.repeat(20),
  `${'a'.repeat(19)}%20`,
  `${'a'.repeat(20)}%00`,
  `${'a'.repeat(20)};x=1`,
  `${'a'.repeat(20)}.json`,
  '%ef%bd%81'.repeat(20),
  '%e2%80%8b'.repeat(20),
  '%d0%b0'.repeat(20),
  '*',
  '?',
  '#',
  'a'.repeat(4_000),
  '${7*7}',
  '{board}',
  ':board',
  '%252e%252e',
];

describe('[H6] what is no id', () => {
  for (const route of WITH_IDS) {
    arena.attack(`is nothing to ${keyOf(route)}`, async () => {
      const { olga, home } = arena.people;
      const params = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
      const body = JSON.stringify(bodyOf(route) ?? {});
      const targets = params.flatMap((param) =>
        NO_IDS.map((id) =>
          pathOf(route, { board: home.board, room: home.room, task: home.task, user: olga.id, [param]: id }),
        ),
      );
      for (const target of targets) {
        const lines = [
          `Origin: ${arena.server.url}`,
          ...(route.method === 'GET' ? [] : ['Content-Type: application/json']),
        ];
        const request = { method: route.method, target: `/api/v1${target}`, person: olga, lines };
        const socket = begin(
          arena,
          olga,
          requestBytes(arena, { ...request, ...(route.method === 'GET' ? {} : { body }) }),
        );
        const text = await socket.rest();
        const [answer] = answersIn(text);
        expect([400, 404, 405], target.slice(0, 200)).toContain(answer?.status);
        expect(text).not.toMatch(/^set-cookie/im);
        expectNoInsides(text, target.slice(0, 200));
      }
    });
  }

  arena.attack('of a megabyte is not read', async () => {
    const { olga } = arena.people;
    for (const path of ['/api/v1/boards/', '/api/v1/invitations/', '/api/v1/boards?cursor=', '/']) {
      const socket = begin(arena, olga, requestBytes(arena, { target: path + 'a'.repeat(1_000_000), person: olga }));
      const [answer] = answersIn(await socket.rest());
      // Whoever is still sending when the connection ends may miss the answer.
      expect([undefined, 431], path).toContain(answer?.status);
    }
  });
});

describe('[H4] [H6] a place in a list', () => {
  const LIMITS = [
    '',
    '0',
    '-1',
    '-0',
    '+1',
    '1.5',
    '1e1',
    '1e309',
    'NaN',
    'Infinity',
    '0x10',
    '201',
    '999999',
    '9999999',
    '1'.repeat(5_000),
    ' 1',
    '1 ',
    '1%00',
    '%EF%BC%91',
    '%D9%A1',
    'true',
    'null',
    '[]',
    "1'--",
    '1;drop table users',
    '1_0',
    '١',
  ];
  const CURSORS = [
    '',
    '%00',
    '%20',
    'A',
    "'",
    "' or 1=1 --",
    '%27%3bselect%20pg_sleep(10)--',
    '..',
    '../..',
    '__proto__',
    'constructor',
    'nan',
    '-',
    '-1',
    '1e309',
    '0x10',
    '999999.999999999999999',
    '9999999.1',
    '1.9999999999999999',
    '0.0',
    '1.1.1',
    '.',
    'a'.repeat(101),
    '%F0%9F%98%80',
    '%ed%a0%80',
    '$1',
    '%',
    '*',
  ];
  for (const route of LISTS) {
    arena.attack(`of ${keyOf(route)} is a number and a key, or refused`, async () => {
      const { olga, home, other, oscar } = arena.people;
      const target = pathOf(route, { board: home.board, room: home.room, task: home.task });
      for (const limit of LIMITS) {
        const answer = await api(arena, olga, 'GET', `${target}?limit=${encodeURI(limit).replaceAll('%25', '%')}`);
        expectRefused(answer, 400, limit.includes('%00') ? 'bad-request' : 'invalid', `limit ${limit.slice(0, 40)}`);
      }
      for (const cursor of CURSORS) {
        const answer = await api(arena, olga, 'GET', `${target}?cursor=${encodeURI(cursor).replaceAll('%25', '%')}`);
        if (answer.status !== 200) expect(answer.status, cursor).toBe(400);
        else expect(answer.body).toMatchObject({ items: expect.any(Array) as unknown });
      }
      // The cursor of a list of somebody else's is a place to begin at, and shows nothing of that list.
      const ids = await idsOf(oscar, other);
      for (const cursor of [...Object.values(ids), '1.1', '999999.1', '1']) {
        const answer = await api(arena, olga, 'GET', `${target}?limit=1&cursor=${cursor}`);
        expect([200, 400]).toContain(answer.status);
      }
      for (const odd of [
        'x=1',
        '__proto__=1',
        'constructor[prototype][admin]=1',
        'limit[]=1',
        'limit[$gt]=1',
        'LIMIT=1',
        '=1',
        '%00=1',
        'fields=*',
        'board=x',
      ]) {
        expect((await api(arena, olga, 'GET', `${target}?${odd}`)).status, odd).toBe(400);
      }
      const twice = await api(arena, olga, 'GET', `${target}?limit=1&limit=200`);
      expectRefused(twice, 400, 'bad-request');
      const many = Array.from({ length: 1_000 }, (_, i) => `p${i}=1`).join('&');
      expectRefused(await api(arena, olga, 'GET', `${target}?${many}`), 400, 'invalid');
    });
  }

  for (const route of ROUTES.filter(({ method, query }) => method === 'GET' && !query)) {
    arena.attack(`is nothing that ${keyOf(route)} knows`, async () => {
      const { olga, home } = arena.people;
      const target = pathOf(route, { board: home.board, room: home.room, task: home.task });
      for (const query of ['limit=1', 'cursor=a', 'x', 'admin=true', '__proto__[admin]=1']) {
        expectRefused(await api(arena, olga, 'GET', `${target}?${query}`), 400, 'invalid', query);
      }
    });
  }
});
