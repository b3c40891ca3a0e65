import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODY_LIMIT } from '../../server/http/body.ts';
import { ROUTES } from '../../server/http/routes.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { TestApp, type Person } from './harness.ts';

let app: TestApp;
let olga: Person;
beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
});
afterAll(() => app.stop());

const post = (headers: Record<string, string>, body: BodyInit = '{"title":"Made"}') =>
  app.raw('/api/v1/boards', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
const withCookie = (headers: Record<string, string> = {}) => ({ cookie: olga.cookie, ...headers });
const boardCount = async () => (await app.parts.services.store.boards.forUser(olga.id)).length;

describe('[H7] a write with a cookie', () => {
  it.each([
    ['no origin', {}],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['the origin null', { origin: 'null' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['our host under https', { origin: 'https://localhost' }],
    ['our origin as a prefix', { origin: 'http://localhost:3000.evil.example' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of a neighbour', { 'sec-fetch-site': 'same-site' }],
  ])('is refused from %s', async (_what, headers) => {
    const before = await boardCount();
    const answer = await post(withCookie(headers));
    expect([answer.status, answer.body.error.code]).toEqual([403, 'foreign-origin']);
    expect(answer.body.error.message).toContain(app.origin);
    expect(await boardCount()).toBe(before);
  });

  it('is refused when the browser calls it cross-site, whatever the origin says', async () => {
    expect((await post(withCookie({ origin: app.origin, 'sec-fetch-site': 'cross-site' }))).status).toBe(403);
  });

  it.each([
    ['our origin', () => ({ origin: app.origin })],
    ['the same machine by its number', () => ({ origin: app.address })],
    ['a page of ours, says the browser', () => ({ 'sec-fetch-site': 'same-origin' })],
  ])('is taken from %s', async (_what, headers) => {
    expect((await post(withCookie(headers()))).status).toBe(201);
  });

  it('is refused for every route of the API', async () => {
    for (const { method, path } of ROUTES.filter((route) => route.method !== 'GET')) {
      const address = path
        .replace(/:notification/, '1')
        .replace(/:invitation/, 'a'.repeat(64))
        .replace(/:\w+/g, newId());
      const answer = await app.raw(`/api/v1${address}`, {
        method,
        headers: { cookie: olga.cookie, origin: 'https://evil.example', 'content-type': 'text/plain' },
        ...(method === 'DELETE' ? {} : { body: '{}' }),
      });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
    expect((await app.call(olga, 'GET', '/me')).status).toBe(200);
  });
});

describe('[H7] a sign-in', () => {
  it('is refused from a foreign page, so that nobody is signed in as somebody else', async () => {
    const answer = await app.raw('/api/v1/session', {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
      body: '{"username":"olga","password":"correct horse battery"}',
    });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
  });
});

describe('[H7] a token', () => {
  it('needs no origin', async () => {
    expect((await post({ authorization: `Bearer ${olga.token}` })).status).toBe(201);
  });

  it('that is wrong is not helped by a cookie', async () => {
    const answer = await post(withCookie({ origin: app.origin, authorization: `Bearer ${'a'.repeat(40)}` }));
    expect(answer.status).toBe(401);
  });
});

describe('[H6] a body', () => {
  const send = (body: BodyInit, type = 'application/json') =>
    post(withCookie({ origin: app.origin, 'content-type': type }), body);

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', ''])(
    'of type %j is not taken',
    async (type) => {
      expect((await send(Buffer.from('{"title":"x"}'), type)).body.error.code).toBe('not-json');
    },
  );

  it('may name its character set', async () => {
    expect((await send('{"title":"x"}', 'application/json; charset=utf-8')).status).toBe(201);
  });

  it.each([
    ['no JSON', 'title=x'],
    ['a list', '["title"]'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['a NUL', '{"title":"a\\u0000b"}'],
    ['half a surrogate pair', '{"title":"a\\ud800"}'],
    ['100,000 levels', '['.repeat(100_000)],
  ])('with %s is answered 400', async (_what, body) => {
    expect((await send(body)).body.error.code).toBe('bad-request');
  });

  it.each([
    ['a missing field', '{}', 'title is missing'],
    ['a wrong type', '{"title":1}', 'title must be text'],
    ['an empty title', '{"title":"  "}', 'title must not be empty'],
    ['a title that shows nothing', '{"title":"\\u200b"}', 'title must not be empty'],
    ['201 characters', JSON.stringify({ title: 'x'.repeat(201) }), 'at most 200'],
    ['two lines', '{"title":"a\\nb"}', 'one line'],
    ['an unknown field', '{"title":"x","role":"admin"}', '"role" is not known'],
    ['a prototype', '{"title":"x","__proto__":{"admin":true}}', '"__proto__" is not known'],
    ['a constructor', '{"title":"x","constructor":1}', '"constructor" is not known'],
  ])('with %s says what is wrong', async (_what, body, words) => {
    const answer = await send(body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid']);
    expect(answer.body.error.message).toContain(words);
  });

  it('of more than a megabyte is refused, told or not', async () => {
    const large = Buffer.alloc(BODY_LIMIT + 1, 0x20);
    expect((await send(large)).body.error.code).toBe('too-large');
    expect(await streamed(BODY_LIMIT * 8)).toMatchObject({ status: 413, closed: true });
  });

  it('that never ends holds nobody up', async () => {
    expect(await streamed(Infinity)).toMatchObject({ status: 413, closed: true });
    expect((await app.call(olga, 'GET', '/me')).status).toBe(200);
  });

  it('of a refused request is not read', async () => {
    const answer = await app.raw('/api/v1/boards', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.alloc(BODY_LIMIT),
    });
    expect([answer.status, answer.headers.get('connection')]).toEqual([401, 'close']);
  });

  it('that breaks off costs nobody anything', async () => {
    const { port } = new URL(app.address);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`POST /api/v1/boards HTTP/1.1\r\nHost: x\r\nCookie: ${olga.cookie}\r\nOrigin: ${app.origin}\r\n`);
    socket.write('Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"title"');
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    expect((await app.call(olga, 'GET', '/me')).status).toBe(200);
  });

  /** Sends white space in chunks without saying how much, and tells the answer and whether the connection was ended. */
  function streamed(bytes: number): Promise<{ status: number | undefined; closed: boolean }> {
    return new Promise((resolve) => {
      const outgoing = request(`${app.address}/api/v1/boards`, {
        method: 'POST',
        headers: { ...withCookie({ origin: app.origin }), 'content-type': 'application/json' },
      });
      let status: number | undefined;
      let sent = 0;
      const chunk = Buffer.alloc(64 * 1024, 0x20);
      const more = () => {
        while (sent < bytes && !outgoing.destroyed) {
          sent += chunk.length;
          if (!outgoing.write(chunk)) return void outgoing.once('drain', more);
        }
        if (!outgoing.destroyed) outgoing.end();
      };
      outgoing.on('response', (response) => {
        status = response.statusCode;
        response.resume();
      });
      outgoing.on('error', () => undefined);
      outgoing.on('close', () => resolve({ status, closed: true }));
      more();
    });
  }
});

describe('[H6] an address', () => {
  it.each([
    ['an unknown parameter', '/boards?x=1', 'invalid'],
    ['a parameter twice', '/boards?limit=1&limit=2', 'bad-request'],
    ['a limit of none', '/boards?limit=0', 'invalid'],
    ['an absurd limit', '/boards?limit=999999', 'invalid'],
    ['a negative limit', '/boards?limit=-1', 'invalid'],
    ['a limit in words', '/boards?limit=ten', 'invalid'],
    ['a cursor that is none', '/boards?cursor=%27%3B--', 'invalid'],
    ['a NUL', '/boards?cursor=%00', 'bad-request'],
  ])('with %s is answered 400', async (_what, path, code) => {
    const answer = await app.call(olga, 'GET', path);
    expect([answer.status, answer.body.error.code]).toEqual([400, code]);
  });

  it.each([
    '/api/v1/boards/%00',
    '/api/v1/boards/%ff',
    '/api/v1//boards',
    '/api/v1/boards/',
    '/api/v2/boards',
    '/API/v1/boards',
  ])('%s is nowhere', async (path) => {
    expect((await app.raw(path, { headers: withCookie() })).status).not.toBe(200);
  });

  it('is the same with the host in it', async () => {
    const { port } = new URL(app.address);
    const text = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `GET http://elsewhere.example/api/v1/me HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
        );
      });
      let all = '';
      socket.on('data', (data) => (all += data.toString()));
      socket.on('close', () => resolve(all));
    });
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(text).not.toContain('evil.example');
  });
});

describe('[H3] every answer', () => {
  it.each(['/api/v1/me', '/api/v1/nowhere', '/healthz', '/readyz', '/metrics', '/', '/sync', '/favicon.ico'])(
    'from %s has the headers that browsers need to be careful',
    async (path) => {
      const { headers } = await app.raw(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  it('to HEAD is that to GET without its body', async () => {
    const answer = await app.raw('/api/v1/me', { method: 'HEAD', headers: withCookie() });
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(10);
  });
});

describe('[H17] a page', () => {
  it('without a build says what to do', async () => {
    const answer = await app.raw<string>('/b/anything', { headers: { accept: 'text/html' } });
    expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('npm run build')]);
  });
});

describe('[H17] the probes', () => {
  it('tell that the process lives, the database answers, and what goes on', async () => {
    expect((await app.raw('/healthz')).status).toBe(200);
    expect((await app.raw('/readyz')).status).toBe(200);
    const { body } = await app.raw('/metrics');
    expect(body).toMatch(/^taskflow_ready 1$/m);
    expect(body).toMatch(/^taskflow_commits_total [1-9]/m);
    for (const name of ['sockets', 'documents', 'updates_refused_total']) expect(body).toContain(`taskflow_${name} `);
  });
});
