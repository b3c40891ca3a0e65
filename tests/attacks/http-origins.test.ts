/** Requests that lie about where they come from, whom they are for, and what they are. */
import { describe, expect } from 'vitest';
import { ROUTES } from '../../server/http/routes.ts';
import { Arena } from './harness.ts';
import { api, expectRefused, made, pathOf, send } from './http-requests.ts';

const arena = new Arena();
const JSON_TYPE = 'Content-Type: application/json';
const WRITES = ROUTES.filter(({ method }) => method !== 'GET');

const boardsOf = async (): Promise<number> =>
  (await made<{ items: unknown[] }>(arena, arena.people.olga, 'GET', '/boards')).items.length;

/** A new board as Olga's browser would ask for it, but for these lines. */
const forged = (lines: string[], body = '{"title":"Forged"}') =>
  send(arena, { method: 'POST', target: '/api/v1/boards', person: arena.people.olga, lines, body });

describe('[H7] a write with somebody’s cookie, from', () => {
  const own = () => `http://localhost:${arena.server.port}`;
  const sources: [string, () => string[]][] = [
    ['a foreign Origin', () => ['Origin: https://evil.example']],
    ['the Origin null', () => ['Origin: null']],
    ['no Origin at all', () => []],
    ['an empty Origin', () => ['Origin: ']],
    ['our Origin and a foreign one', () => [`Origin: ${own()}`, 'Origin: https://evil.example']],
    ['a foreign Origin and ours', () => ['Origin: https://evil.example', `Origin: ${own()}`]],
    ['our host under another scheme', () => [`Origin: ${own().replace('http', 'https')}`]],
    ['our host on another port', () => ['Origin: http://localhost:1']],
    ['our Origin as the beginning of another', () => [`Origin: ${own()}.evil.example`]],
    ['our Origin as the end of another', () => [`Origin: http://evil.example/${own()}`]],
    ['our Origin with somebody before the host', () => [`Origin: http://evil@localhost:${arena.server.port}`]],
    ['our Origin with a path', () => [`Origin: ${own()}/`]],
    ['a name that leads to this machine', () => [`Origin: http://localhost.:${arena.server.port}`]],
    ['a file', () => ['Origin: file://']],
    ['an extension', () => ['Origin: chrome-extension://abcdefghijklmnop']],
    ['no Origin but our Referer', () => [`Referer: ${own()}/`]],
    ['no Origin and Sec-Fetch-Site none', () => ['Sec-Fetch-Site: none']],
    ['no Origin and a Sec-Fetch-Site that is none', () => ['Sec-Fetch-Site: Same-Origin']],
    ['our Origin, which the browser calls cross-site', () => [`Origin: ${own()}`, 'Sec-Fetch-Site: cross-site']],
    ['our Origin, which the browser calls same-site', () => [`Origin: ${own()}`, 'Sec-Fetch-Site: same-site']],
    [
      'a foreign Origin that calls itself same-origin',
      () => ['Origin: https://evil.example', 'Sec-Fetch-Site: same-origin'],
    ],
  ];
  for (const [name, lines] of sources) {
    arena.attack(`${name} is refused`, async () => {
      const before = await boardsOf();
      expectRefused(await forged([JSON_TYPE, ...lines()]), 403, 'foreign-origin');
      expect(await boardsOf()).toBe(before);
    });
  }

  for (const route of WRITES) {
    arena.attack(`a foreign page is refused by ${route.method} ${route.path}, whatever type it sends`, async () => {
      const { olga, home } = arena.people;
      const target = `/api/v1${pathOf(route, { board: home.board, room: home.room, task: home.task, user: olga.id })}`;
      for (const type of [
        'application/json',
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
      ]) {
        const lines = ['Origin: https://evil.example', `Content-Type: ${type}`];
        const answer = await send(arena, { method: route.method, target, person: olga, lines, body: '{}' });
        expectRefused(answer, 403, 'foreign-origin', type);
        expect(answer.head).not.toMatch(/set-cookie/i);
      }
    });
  }
});

describe('[H6] [H7] a form of another site', () => {
  const forms: [string, string, string][] = [
    ['text/plain with JSON in it', 'text/plain', '{"title":"x","rest":"="}'],
    ['text/plain named twice', 'text/plain; application/json', '{"title":"x"}'],
    ['a type in a list', 'text/plain, application/json', '{"title":"x"}'],
    ['fields', 'application/x-www-form-urlencoded', 'title=x'],
    [
      'a multipart body',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--x--',
    ],
    ['JSON of a relative', 'application/json-patch+json', '[]'],
    ['no type', '', '{"title":"x"}'],
  ];
  for (const [name, type, body] of forms) {
    arena.attack(`with ${name} is not taken, with our Origin either`, async () => {
      const before = await boardsOf();
      const answer = await forged([`Content-Type: ${type}`, `Origin: ${arena.server.url}`], body);
      expectRefused(answer, 415, 'not-json');
      expect(await boardsOf()).toBe(before);
    });
  }

  arena.attack(
    'signs nobody in, sets nothing up and accepts nothing, without a cookie and without an Origin',
    async () => {
      for (const path of ['/session', '/setup', `/invitations/${'a'.repeat(43)}/accept`]) {
        const lines = ['Content-Type: text/plain'];
        const body = JSON.stringify({ username: 'olga', password: 'correct horse battery' });
        const answer = await send(arena, { method: 'POST', target: `/api/v1${path}`, lines, body });
        expectRefused(answer, 415, 'not-json', path);
        expect(answer.head).not.toMatch(/set-cookie/i);
      }
    },
  );
});

describe('a method in disguise', () => {
  for (const header of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'X-Original-Method']) {
    arena.attack(`${header} is no method`, async () => {
      const { olga, home } = arena.people;
      const lines = [`${header}: DELETE`, `Origin: ${arena.server.url}`, JSON_TYPE];
      const target = `/api/v1/boards/${home.board}`;
      const posted = await send(arena, { method: 'POST', target, person: olga, lines, body: '{}' });
      expectRefused(posted, 405, 'method-not-allowed');
      expect((await send(arena, { target, person: olga, lines })).status).toBe(200);
      expect((await api(arena, olga, 'GET', `/boards/${home.board}`)).status).toBe(200);
    });
  }

  for (const header of ['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Prefix', 'X-Forwarded-Path']) {
    arena.attack(`${header} is no address`, async () => {
      const { other } = arena.people;
      const lines = [`${header}: /api/v1/boards/${other.board}`];
      const answer = await send(arena, { target: '/healthz', person: arena.people.oscar, lines });
      expect([answer.status, answer.body]).toEqual([200, 'alive']);
    });
  }

  arena.attack('_method is no method, in the address and in the body', async () => {
    const { olga, home } = arena.people;
    expectRefused(await api(arena, olga, 'GET', `/boards/${home.board}?_method=DELETE`), 400, 'invalid');
    const answer = await api(arena, olga, 'PATCH', `/boards/${home.board}`, { title: 'x', _method: 'DELETE' });
    expectRefused(answer, 400, 'invalid');
  });
});

describe('[H8] [H26] forged words of a proxy', () => {
  const FORGED = [
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Port: 666',
    'X-Forwarded-For: 10.1.2.3',
    'X-Forwarded-Server: evil.example',
    'X-Real-IP: 10.1.2.3',
    'Forwarded: for=10.1.2.3;host=evil.example;proto=https',
    'X-Host: evil.example',
  ];

  arena.attack('decide nothing of an invitation’s link', async () => {
    const { olga, home } = arena.people;
    const lines = [...FORGED, `Origin: ${arena.server.url}`, JSON_TYPE];
    const target = `/api/v1/boards/${home.board}/invitations`;
    for (const host of [
      `localhost:${arena.server.port}`,
      'evil.example',
      'evil.example:443',
      `evil.example@localhost`,
    ]) {
      const answer = await send(arena, {
        method: 'POST',
        target,
        person: olga,
        host,
        lines,
        body: '{"role":"viewer"}',
      });
      expect(answer.status).toBe(201);
      const { url } = JSON.parse(answer.body) as { url: string };
      expect(url).toMatch(new RegExp(`^${arena.server.url}/invite/[\\w-]{43}$`));
    }
  });

  arena.attack('decide nothing of a cookie', async () => {
    const body = JSON.stringify({ username: 'mia', password: 'correct horse battery' });
    const lines = [...FORGED, JSON_TYPE];
    const answer = await send(arena, { method: 'POST', target: '/api/v1/session', host: 'evil.example', lines, body });
    expect(answer.status).toBe(200);
    expect(/^set-cookie: (.*)$/im.exec(answer.head)?.[1]).toMatch(
      /^taskflow_session=[a-z2-7]{40}; HttpOnly; Max-Age=\d+; Path=\/; SameSite=Lax$/,
    );
  });

  arena.attack('are in nothing that comes back', async () => {
    for (const target of [
      '/',
      '/shell/',
      '/b/x',
      '/nowhere',
      '/api/v1/openapi.json',
      '/api/v1/me',
      '/healthz',
      '/metrics',
    ]) {
      const answer = await send(arena, { target, host: 'evil.example', lines: FORGED });
      expect(answer.head + answer.body, target).not.toMatch(/evil\.example|10\.1\.2\.3|:666/);
    }
  });

  arena.attack('were in the set-up link neither', () => {
    expect(arena.server.output).toMatch(new RegExp(`^Set up: ${arena.server.url}/setup\\?token=[\\w-]{43}$`, 'm'));
    return Promise.resolve();
  });
});

describe('[H26] a Host', () => {
  const hosts: [string, string][] = [
    ['of somebody else', 'evil.example'],
    ['with our name and a foreign port', 'localhost:1'],
    ['with a port that is none', 'localhost:99999'],
    ['with somebody before it', 'evil.example@localhost'],
    ['with a path', 'localhost/../..'],
    ['of a neighbour of ours', 'localhost.evil.example'],
    ['with a percent code', 'localhost%00.evil.example'],
  ];
  for (const [name, host] of hosts) {
    arena.attack(`${name} opens nothing that the right one would not, and is not told back`, async () => {
      const { otto, home } = arena.people;
      const foreign = await send(arena, { target: `/api/v1/boards/${home.board}`, person: otto, host });
      const own = await send(arena, { target: `/api/v1/boards/${home.board}`, person: otto });
      expectRefused(foreign, 404, 'not-found');
      expect(foreign.body).toBe(own.body);
      const origin = [`Origin: http://${host}`, JSON_TYPE];
      const rebound = {
        method: 'POST',
        target: '/api/v1/boards',
        person: otto,
        host,
        lines: origin,
        body: '{"title":"x"}',
      };
      expectRefused(await send(arena, rebound), 403, 'foreign-origin');
    });
  }

  arena.attack('given twice is refused, and one that is missing too', async () => {
    for (const target of ['/api/v1/me', '/', '/healthz']) {
      for (const second of ['evil.example', `localhost:${arena.server.port}`]) {
        const answer = await send(arena, { target, person: arena.people.mia, lines: [`Host: ${second}`] });
        expect(answer.status, target).toBe(400);
      }
      expect((await send(arena, { target, host: null })).status, target).toBe(400);
    }
  });

  arena.attack('in the address decides nothing', async () => {
    for (const target of [
      'http://evil.example/api/v1/me',
      'https://evil.example:1/api/v1/me',
      'http://x@evil.example/api/v1/me',
    ]) {
      const answer = await send(arena, { target, person: arena.people.mia });
      expect([answer.status, (JSON.parse(answer.body) as { username: string }).username], target).toEqual([200, 'mia']);
      expect(answer.head).not.toContain('evil');
    }
    for (const target of ['http://evil.example/sign-in', 'http://evil.example/', 'https://evil.example']) {
      const answer = await send(arena, { target });
      expect([200, 400]).toContain(answer.status);
      expect(answer.head + answer.body).not.toContain('evil');
    }
  });
});
