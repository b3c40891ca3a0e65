import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../../server/auth/secrets.ts';
import { PASSWORD, TestApp, personIn, type Person } from './harness.ts';

let app: TestApp;
let olga: Person;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

describe('[H9] set-up', () => {
  it('is offered by a link under BASE_URL', () => {
    expect(app.setupLink).toMatch(new RegExp(`^${app.origin}/setup\\?token=[A-Za-z0-9_-]{43}$`));
  });

  it('keeps only a hash of its token', async () => {
    expect(JSON.stringify(await app.parts.services.store.settings.get('setup'))).not.toContain(app.setupToken);
  });

  it('refuses a wrong token and makes nobody', async () => {
    const account = { username: 'mallory', name: 'M', password: PASSWORD };
    const answer = await app.call(null, 'POST', '/setup', { token: 'x'.repeat(43), ...account });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'forbidden']);
    expect(await app.parts.services.store.users.count()).toBe(0);
  });

  it.each([
    ['a short password', { password: '1234567' }, 'password'],
    ['a long password', { password: 'x'.repeat(201) }, 'password'],
    ['a short username', { username: 'a' }, 'username'],
    ['a username with a space', { username: 'anna b' }, 'username'],
    ['a reserved username', { username: 'Everyone' }, 'reserved'],
    ['an empty name', { name: '  ' }, 'name'],
    ['a name of two lines', { name: 'a\nb' }, 'name'],
    ['an unknown field', { admin: false }, '"admin"'],
  ])('refuses %s, and says so', async (_what, wrong, word) => {
    const account = { token: app.setupToken, username: 'olga', name: 'Olga', password: PASSWORD };
    const answer = await app.call(null, 'POST', '/setup', { ...account, ...wrong });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid']);
    expect(answer.body.error.message).toContain(word);
  });

  it('makes the first account, an admin, and signs it in', async () => {
    olga = await app.setUp('Olga');
    expect(await app.ok(olga, 'GET', '/me')).toEqual({
      id: olga.id,
      seq: 1,
      username: 'olga',
      name: 'Olga Owner',
      admin: true,
      session: expect.any(String) as string,
    });
  });

  it('works once', async () => {
    const account = { username: 'other', name: 'Other', password: PASSWORD };
    const answer = await app.call(null, 'POST', '/setup', { token: app.setupToken, ...account });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'forbidden']);
    expect(await app.parts.services.store.users.count()).toBe(1);
  });
});

describe('[H10] a session', () => {
  it('is a cookie that scripts and other sites do not get', async () => {
    const answer = await app.call(null, 'POST', '/session', { username: 'olga', password: PASSWORD });
    const [line] = answer.headers.getSetCookie();
    expect(line).toMatch(/^taskflow_session=[a-z2-7]{40}; HttpOnly; Max-Age=2592000; Path=\/; SameSite=Lax$/);
  });

  it('is stored as a hash only', async () => {
    const { store } = app.parts.services;
    expect(await store.sessions.get(hashSecret(olga.token))).toMatchObject({ user: { id: olga.id } });
    expect(await store.sessions.get(olga.token)).toBeNull();
    expect(JSON.stringify(await store.sessions.listForUser(olga.id))).not.toContain(olga.token);
  });

  it('takes the username in any case, and the password as it is', async () => {
    expect((await app.call(null, 'POST', '/session', { username: ' OLGA ', password: PASSWORD })).status).toBe(200);
    expect(
      (await app.call(null, 'POST', '/session', { username: 'olga', password: PASSWORD.toUpperCase() })).status,
    ).toBe(401);
  });

  it('[H11] answers a wrong password and an unknown name alike', async () => {
    const wrong = await app.call(null, 'POST', '/session', { username: 'olga', password: 'wrong password' });
    const unknown = await app.call(null, 'POST', '/session', { username: 'nobody', password: 'wrong password' });
    expect(wrong.status).toBe(401);
    expect(unknown).toMatchObject({ status: wrong.status, body: wrong.body });
  });

  it('is a token for programs that ask for one, without a cookie', async () => {
    const answer = await app.call(null, 'POST', '/session', { username: 'olga', password: PASSWORD, token: true });
    expect(answer.headers.getSetCookie()).toEqual([]);
    const bearer = { authorization: `Bearer ${answer.body.token}` };
    expect((await app.raw('/api/v1/me', { headers: bearer })).body.username).toBe('olga');
    const made = await app.raw('/api/v1/boards', {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: '{"title":"By a program"}',
    });
    expect(made.status).toBe(201);
  });

  it.each([
    ['no session', {}],
    ['a made-up cookie', { cookie: `taskflow_session=${'a'.repeat(40)}` }],
    ["a neighbour's odd cookie", { cookie: 'other=%E0%A4%A; taskflow_session=%' }],
    ['a made-up token', { authorization: `Bearer ${'a'.repeat(40)}` }],
    ['another scheme', { authorization: 'Basic b2xnYTpwYXNz' }],
  ])('is needed: %s is answered 401', async (_what, headers) => {
    const answer = await app.raw('/api/v1/me', { headers });
    expect([answer.status, answer.body.error.code]).toEqual([401, 'signed-out']);
  });

  it('ends by signing out, for its token too, and only this one', async () => {
    const here = await app.signIn('olga');
    const there = await app.signIn('olga');
    const answer = await app.call(here, 'DELETE', '/session');
    expect(answer.status).toBe(204);
    // What a late answer took away might be the cookie of the next session.
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await app.call(here, 'GET', '/me')).status).toBe(401);
    expect((await app.raw('/api/v1/me', { headers: { authorization: `Bearer ${here.token}` } })).status).toBe(401);
    expect((await app.call(there, 'GET', '/me')).status).toBe(200);
    expect((await app.call(here, 'DELETE', '/session')).status).toBe(204);
  });

  it('is replaced by the next one of the same browser', async () => {
    const first = await app.signIn('olga');
    const second = personIn(await app.call(first, 'POST', '/session', { username: 'olga', password: PASSWORD }));
    expect((await app.call(first, 'GET', '/me')).status).toBe(401);
    expect((await app.call(second, 'GET', '/me')).status).toBe(200);
  });

  it('ends when it expires, and slides while it is used', async () => {
    const { store } = app.parts.services;
    const person = await app.signIn('olga');
    const day = 86_400_000;
    await store.sessions.extend(hashSecret(person.token), Date.now() + 10 * day);
    const answer = await app.call(person, 'GET', '/me');
    expect(answer.headers.getSetCookie()[0]).toContain(`taskflow_session=${person.token};`);
    const prolonged = await store.sessions.get(hashSecret(person.token));
    expect(prolonged?.session.expiresAt).toBeGreaterThan(Date.now() + 29 * day);
    expect((await app.call(person, 'GET', '/me')).headers.getSetCookie()).toEqual([]);
    await store.sessions.extend(hashSecret(person.token), Date.now() - 1);
    expect((await app.call(person, 'GET', '/me')).status).toBe(401);
    expect(await store.sessions.get(hashSecret(person.token))).toBeNull();
  });
});

describe('[H12] guessing', () => {
  it('is slowed down by account, told with Retry-After, and forgiven with time', async () => {
    const guess = (password = 'wrong password') => app.call(null, 'POST', '/session', { username: 'victim', password });
    const answers = [];
    for (let i = 0; i < 12; i++) answers.push(await guess());
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect(answers[10]?.body.error.code).toBe('throttled');
    expect(Number(answers[10]?.headers.get('retry-after'))).toBeGreaterThan(25);
    app.advance(30_000);
    expect([(await guess()).status, (await guess()).status]).toEqual([401, 429]);
    expect((await app.signIn('olga')).username).toBe('olga');
    app.advance(3_600_000);
  });

  it('is slowed down by address, over all accounts, and [H8] a forged header changes nothing', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 51; i++) {
      const answer = await app.raw('/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.1.1.${i}` },
        body: JSON.stringify({ username: `user${i}`, password: 'wrong password' }),
      });
      statuses.push(answer.status);
    }
    expect(statuses.slice(0, 49).every((status) => status === 401)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    app.advance(3_600_000);
  });

  it('never counts who is right', async () => {
    for (let i = 0; i < 15; i++) expect((await app.signIn('olga')).username).toBe('olga');
  });
});

describe('[H10] oneself', () => {
  it('may change the name, which the boards show', async () => {
    const board = await app.board(olga);
    expect(await app.ok(olga, 'PATCH', '/me', { name: 'Olga New' })).toMatchObject({ name: 'Olga New' });
    expect((await app.ok(olga, 'GET', `/boards/${board}/members`)).items).toMatchObject([{ name: 'Olga New' }]);
  });

  it('changes the password with the current one only, which ends all other sessions', async () => {
    const anna = await app.join(olga, await app.board(olga), 'anna', 'member');
    const elsewhere = await app.signIn('anna');
    const change = (current: string, fresh: string) =>
      app.call(anna, 'PATCH', '/me', { password: { current, new: fresh } });
    expect((await change('wrong password', 'a new password')).body.error.code).toBe('wrong-credentials');
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    expect((await app.call(elsewhere, 'GET', '/me')).status).toBe(200);
    expect((await change(PASSWORD, 'a new password')).status).toBe(200);
    expect((await app.call(elsewhere, 'GET', '/me')).status).toBe(401);
    expect((await app.call(anna, 'GET', '/me')).status).toBe(200);
    expect((await app.call(null, 'POST', '/session', { username: 'anna', password: PASSWORD })).status).toBe(401);
    expect((await app.signIn('anna', 'a new password')).id).toBe(anna.id);
  });

  it.each([
    {},
    { admin: true },
    { username: 'root' },
    { name: '' },
    { password: 'x' },
    { password: { new: 'long enough' } },
  ])('may not change %j', async (body) => {
    expect((await app.call(olga, 'PATCH', '/me', body)).body.error.code).toBe('invalid');
  });
});

describe('[H23] the log', () => {
  it('holds no secret', () => {
    const all = app.lines.join('\n');
    for (const secret of [PASSWORD, app.setupToken, olga.token, '127.0.0.1']) expect(all).not.toContain(secret);
  });
});
