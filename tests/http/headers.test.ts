import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_PATH } from '../../server/http/route.ts';
import { ROUTES } from '../../server/http/routes.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startServer } from '../../server/serve.ts';
import { lacking, refusedInline } from '../harness/headers.ts';
import { TestApp, type Person } from './harness.ts';

/** Sends bytes as they are, and reads until the server ends the connection. */
function raw(address: string, bytes: string): Promise<{ status: number; headers: Headers; text: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n', 2);
      const [first = '', ...lines] = head.split('\r\n');
      const pairs = lines.map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at), line.slice(at + 1).trim()];
      });
      resolve({ status: Number(first.split(' ')[1] ?? 0), headers: new Headers(pairs), text: body });
    });
  });
}

const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`;
const upgrade = (path: string, ...more: string[]) =>
  lines(`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', ...more);
const KEY = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];

let app: TestApp;
let olga: Person;
beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
});
afterAll(() => app.stop());

describe('[H30] every answer has the headers', () => {
  it.each(ROUTES.map(({ method, path }) => `${method} ${path}`))('of %s', async (key) => {
    const [method = '', pattern = ''] = key.split(' ');
    const path = pattern.replaceAll(/:\w+/g, () => newId());
    const origin = { origin: app.origin, 'content-type': 'application/json' };
    for (const headers of [origin, { ...origin, cookie: olga.cookie }, { ...origin, origin: 'https://evil.example' }]) {
      const ends = path === '/session' || path === '/sessions';
      if (ends && method === 'DELETE' && 'cookie' in headers) continue;
      const answer = await app.raw(`${API_PATH}${path}`, { method, headers, ...(method !== 'GET' && { body: '{}' }) });
      expect(lacking(answer.headers), `${answer.status}`).toEqual([]);
    }
  });

  it.each<[string, number, string, RequestInit]>([
    ['no route', 404, '/api/v1/nowhere', {}],
    ['a wrong method', 405, '/api/v1/me', { method: 'POST' }],
    ['OPTIONS', 405, '/api/v1/me', { method: 'OPTIONS' }],
    ['a large body', 413, '/api/v1/session', { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1) }],
    ['another type', 415, '/api/v1/session', { method: 'POST', body: '{}' }],
    ['no JSON', 400, '/api/v1/session', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
    ['a page without a build', 503, '/', { headers: { accept: 'text/html' } }],
    ['a probe', 200, '/healthz', {}],
    ['another probe', 200, '/readyz', {}],
    ['metrics', 200, '/metrics', {}],
  ])('for %s: %i', async (_what, status, path, init) => {
    const answer = await app.raw(path, init);
    expect(answer.status).toBe(status);
    expect(lacking(answer.headers)).toEqual([]);
  });

  it.each<[string, number, string]>([
    ['what is no request', 400, 'hello\r\n\r\n'],
    ['a broken header', 400, lines('GET / HTTP/1.1', 'Host: x', 'No colon')],
    ['two lengths', 400, lines('POST /api/v1/session HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2')],
    [
      'a length and chunks',
      400,
      lines('POST / HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
    ],
    ['headers of 100 kB', 431, lines('GET / HTTP/1.1', 'Host: x', `X-Long: ${'x'.repeat(100_000)}`)],
    ['no host', 400, lines('GET /api/v1/me HTTP/1.1', 'Connection: close')],
    ['two hosts', 400, lines('GET /api/v1/me HTTP/1.1', 'Host: a', 'Host: b', 'Connection: close')],
    ['an expectation', 401, lines('GET /api/v1/me HTTP/1.1', 'Host: x', 'Expect: miracles', 'Connection: close')],
    ['an unknown method', 400, lines('BREW / HTTP/1.1', 'Host: x')],
    ['TRACE', 405, lines('TRACE /api/v1/me HTTP/1.1', 'Host: x', 'Connection: close')],
    ['the proxy form', 401, lines('GET http://x/api/v1/me HTTP/1.1', 'Host: x', 'Connection: close')],
    ['an upgrade elsewhere', 404, upgrade('/elsewhere', ...KEY)],
    ['an upgrade without a key', 400, upgrade('/sync', 'Sec-WebSocket-Version: 13')],
    ['an upgrade of an old version', 400, upgrade('/sync', 'Sec-WebSocket-Version: 7', KEY[1] ?? '')],
    ['a foreign upgrade', 403, upgrade('/sync', ...KEY, 'Cookie: taskflow_session=x', 'Origin: https://evil.example')],
  ])('for %s: %i', async (_what, status, bytes) => {
    const answer = await raw(app.address, bytes);
    expect(answer.status).toBe(status);
    expect(lacking(answer.headers)).toEqual([]);
  });

  it('for a WebSocket that is agreed to', async () => {
    const agreed = new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(app.address).port), '127.0.0.1', () =>
        socket.write(upgrade('/sync', ...KEY)),
      );
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
    });
    const [first, ...rest] = (await agreed).split('\r\n\r\n')[0]?.split('\r\n') ?? [];
    expect(first).toContain(' 101 ');
    expect(lacking(new Headers(rest.map((line) => line.split(': ', 2) as [string, string])))).toEqual([]);
  });

  it('when the database is gone', async () => {
    const broken = await TestApp.start();
    const person = await broken.setUp();
    await broken.parts.services.store.close();
    const answer = await broken.call(person, 'GET', '/me');
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(lacking(answer.headers)).toEqual([]);
    await broken.stop();
  });

  it('while the server prepares, on its page, its sentence and its refusals', async () => {
    const config = readConfig({ PORT: '0' });
    const server = await startServer(config, createLog({ level: 'error' }), { loadPages: () => Promise.resolve(null) });
    const address = `http://127.0.0.1:${server.site.port}`;
    try {
      const page = await fetch(address, { headers: { accept: 'text/html' } });
      expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2']);
      expect(lacking(page.headers)).toEqual([]);
      expect(refusedInline(await page.text(), page.headers.get('content-security-policy') ?? '')).toEqual([]);
      for (const path of ['/', '/api/v1/me', '/readyz', '/healthz']) {
        expect(lacking((await fetch(address + path)).headers)).toEqual([]);
      }
      const refused = await raw(address, upgrade('/sync', ...KEY));
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
      expect(lacking(refused.headers)).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});

describe('[H30] the site decides', () => {
  it.each([
    ['https://tasks.example.org', '/healthz', { https: true }],
    ['https://example.org/tasks', '/elsewhere', { https: true }],
    ['http://localhost:3000/tasks', '/elsewhere', {}],
    ['http://192.168.1.20:3000', '/healthz', { trusted: false }],
  ])('at %s', async (baseUrl, path, site) => {
    const config = readConfig({ PORT: '0', BASE_URL: baseUrl });
    const server = await startServer(config, createLog({ level: 'error' }), { loadPages: () => Promise.resolve(null) });
    try {
      const answer = await fetch(`http://127.0.0.1:${server.site.port}${path}`);
      expect(lacking(answer.headers, site)).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});
