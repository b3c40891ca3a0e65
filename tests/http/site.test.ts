import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TestApp, type Person } from './harness.ts';

describe('[H10] under https', () => {
  let app: TestApp;
  let olga: Person;
  beforeAll(async () => {
    app = await TestApp.start({ BASE_URL: 'https://tasks.example.org', TRUST_PROXY: 'true' });
  });
  afterAll(() => app.stop());

  it('the set-up link is of the address that people use', () => {
    expect(app.setupLink).toMatch(/^https:\/\/tasks\.example\.org\/setup\?token=/);
  });

  it('the cookie is bound to this host', async () => {
    const account = { token: app.setupToken, username: 'olga', name: 'Olga', password: 'correct horse battery' };
    const answer = await app.call(null, 'POST', '/setup', account);
    const [line = ''] = answer.headers.getSetCookie();
    expect(line).toMatch(
      /^__Host-taskflow_session=[a-z2-7]{40}; HttpOnly; Max-Age=2592000; Path=\/; SameSite=Lax; Secure$/,
    );
    olga = { id: answer.body.id, username: 'olga', cookie: line.split(';', 1)[0] ?? '', token: '' };
    expect((await app.call(olga, 'GET', '/me')).status).toBe(200);
    const planted = { ...olga, cookie: olga.cookie.replace('__Host-', '') };
    expect((await app.call(planted, 'GET', '/me')).status).toBe(401);
  });

  it('a write from the local address is foreign', async () => {
    const answer = await app.raw('/api/v1/boards', {
      method: 'POST',
      headers: { cookie: olga.cookie, origin: app.address, 'content-type': 'application/json' },
      body: '{"title":"x"}',
    });
    expect(answer.status).toBe(403);
  });

  it('[H8] guesses are counted by the address that the proxy saw, not by what the guesser wrote', async () => {
    const guess = (address: string, i: number) =>
      app.raw('/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.0.0.${i}, ${address}` },
        body: JSON.stringify({ username: `nobody${i}`, password: 'wrong password' }),
      });
    const statuses: number[] = [];
    for (let i = 0; i < 52; i++) statuses.push((await guess('203.0.113.7', i)).status);
    expect(statuses.at(-1)).toBe(429);
    expect((await guess('203.0.113.8', 99)).status).toBe(401);
  });
});

describe('[H20] under a path', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ BASE_URL: 'http://localhost:8080/team/tasks/' });
  });
  afterAll(() => app.stop());

  it('everything is below it, and the cookie too', async () => {
    const olga = await app.setUp();
    expect(app.setupLink).toMatch(/^http:\/\/localhost:8080\/team\/tasks\/setup\?token=/);
    const answer = await app.call(null, 'POST', '/session', { username: 'olga', password: 'correct horse battery' });
    expect(answer.headers.getSetCookie()[0]).toContain('; Path=/team/tasks;');
    const { url } = await app.ok(olga, 'POST', `/boards/${await app.board(olga)}/invitations`, { role: 'viewer' });
    expect(url).toMatch(/^http:\/\/localhost:8080\/team\/tasks\/invite\//);
    expect((await app.ok<{ servers: object[] }>(null, 'GET', '/openapi.json')).servers).toEqual([
      { url: 'http://localhost:8080/team/tasks/api/v1' },
    ]);
  });

  it('what is outside of it is not ours, but for the probes', async () => {
    expect((await app.raw('/api/v1/me')).status).toBe(404);
    expect((await app.raw('/team/tasksx/api/v1/me')).status).toBe(404);
    expect((await app.raw('/')).body).toContain('http://localhost:8080/team/tasks');
    for (const path of ['/healthz', '/readyz', '/metrics', '/team/tasks/healthz']) {
      expect((await app.raw(path)).status).toBe(200);
    }
  });

  it('the socket is below it', async () => {
    const olga = await app.signIn('olga');
    const statusOf = (path: string) =>
      new Promise<number | undefined>((resolve) => {
        const socket = new WebSocket(`${app.address.replace(/^http/, 'ws')}${path}`, {
          headers: { cookie: olga.cookie, origin: 'http://localhost:8080' },
        });
        socket.on('open', () => {
          socket.close();
          resolve(101);
        });
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.on('error', () => undefined);
      });
    expect([await statusOf('/sync'), await statusOf('/team/tasks/sync')]).toEqual([404, 101]);
  });
});
