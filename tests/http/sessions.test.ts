import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hashSecret } from '../../server/auth/secrets.ts';
import { eventually, PASSWORD, personIn, TestApp, type Person } from './harness.ts';

interface Listed {
  id: string;
  device: string;
  createdAt: string;
  usedAt: string;
  current: boolean;
}

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0';
const DAY = 86_400_000;

let app: TestApp;
let olga: Person;
let board: string;
beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
  board = await app.board(olga);
});
afterAll(() => app.stop());

const listOf = async (person: Person) =>
  (await app.ok<{ items: Listed[]; next: string | null }>(person, 'GET', '/sessions?limit=200')).items;

/** A socket that is open, and its end: the code and the reason. */
async function openSocket(
  person: Person,
): Promise<{ socket: WebSocket; ended: Promise<{ code: number; reason: string }> }> {
  const socket = new WebSocket(`${app.address.replace('http', 'ws')}/sync`, {
    headers: { cookie: person.cookie, origin: app.origin },
  });
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise((resolve) => socket.once('open', resolve));
  return { socket, ended };
}

const newcomer = (username: string) => app.join(olga, board, username, 'member');

describe('[H32] the list of sessions', () => {
  it('tells the device in words, when it was made and used, and which one asks', async () => {
    const kim = await newcomer('kim');
    const body = JSON.stringify({ username: 'kim', password: PASSWORD });
    const headers = { origin: app.origin, 'content-type': 'application/json', 'user-agent': FIREFOX };
    const firefox = personIn(await app.raw('/api/v1/session', { method: 'POST', headers, body }));
    await app.ok(null, 'POST', '/session', { username: 'kim', password: PASSWORD, token: true });
    const list = await listOf(firefox);
    expect(list.map(({ device, current }) => [device, current])).toEqual([
      ['A program', false],
      ['Firefox on Linux', true],
      ['A browser', false],
    ]);
    for (const { createdAt, usedAt } of list) {
      expect(Date.parse(usedAt)).toBeGreaterThan(Date.now() - 60_000);
      expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.now());
    }
    expect((await listOf(kim)).map(({ current }) => current)).toEqual([false, false, true]);
  });

  it('names sessions by what opens nothing and is made of no token', async () => {
    const lea = await newcomer('lea');
    const [row] = await app.parts.services.store.sessions.listForUser(lea.id);
    const [shown] = await listOf(lea);
    expect(shown?.id).toMatch(/^[0-9a-f]{20}$/);
    for (const secret of [lea.token, row?.idHash ?? '', hashSecret(row?.idHash ?? '')]) {
      expect(secret).not.toContain(shown?.id);
    }
    const asToken = await app.raw('/api/v1/me', { headers: { authorization: `Bearer ${shown?.id}` } });
    expect(asToken.status).toBe(401);
    const text = JSON.stringify(await app.call(lea, 'GET', '/sessions'));
    expect(text).not.toContain(lea.token);
    expect(text).not.toContain(row?.idHash);
    expect(text).not.toContain('127.0.0.1');
  });

  it('keeps no address and no more of the browser than its words', async () => {
    const person = personIn(
      await app.raw('/api/v1/session', {
        method: 'POST',
        headers: { origin: app.origin, 'content-type': 'application/json', 'user-agent': `${FIREFOX} canary/9.9` },
        body: JSON.stringify({ username: 'olga', password: PASSWORD }),
      }),
    );
    const rows = JSON.stringify(await app.parts.services.store.sessions.listForUser(person.id));
    expect(rows).toContain('Firefox on Linux');
    expect(rows).not.toMatch(/canary|Gecko|127\.0\.0\.1/);
  });

  it('has one’s own only, in pages, without what has expired', async () => {
    const max = await newcomer('max');
    const more = await Promise.all([1, 2, 3, 4].map(() => app.signIn('max')));
    await app.parts.services.store.sessions.extend(hashSecret(more[0]?.token ?? ''), Date.now() - 1);
    expect(await listOf(max)).toHaveLength(4);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: Listed[]; next: string | null } = await app.ok(
        max,
        'GET',
        `/sessions?limit=3${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(seen.toSorted()).toEqual((await listOf(max)).map(({ id }) => id).toSorted());
  });

  it('notes the use of a session to ten minutes, by a request and by an open socket', async () => {
    const { store } = app.parts.services;
    const ida = await newcomer('ida');
    const hash = hashSecret(ida.token);
    const usedAt = async () => (await store.sessions.get(hash))?.session.usedAt ?? 0;
    const before = await usedAt();
    await app.ok(ida, 'GET', '/me');
    expect(await usedAt()).toBe(before);
    const old = Date.now() - 3_600_000;
    await store.sessions.touch([hash], old, Date.now() + 1);
    await app.ok(ida, 'GET', '/me');
    expect(await usedAt()).toBeGreaterThan(Date.now() - 60_000);
    const { socket } = await openSocket(ida);
    await store.sessions.touch([hash], old, Date.now() + 1);
    await eventually(usedAt, (at) => at > old);
    socket.terminate();
  });
});

describe('[H33] a session is ended', () => {
  it('by its owner from another one: cookie, token and socket are worthless at once, everywhere', async () => {
    const noa = await newcomer('noa');
    const elsewhere = await app.signIn('noa');
    const { ended } = await openSocket(elsewhere);
    const stays = await openSocket(noa);
    const target = (await listOf(elsewhere)).find(({ current }) => current)?.id ?? '';
    const started = Date.now();
    expect((await app.call(noa, 'DELETE', `/sessions/${target}`)).status).toBe(204);
    expect(await ended).toEqual({ code: 4401, reason: 'signed-out' });
    expect(Date.now() - started).toBeLessThan(2_000);
    expect((await app.call(elsewhere, 'GET', '/me')).status).toBe(401);
    expect((await app.call(elsewhere, 'POST', '/boards', { title: 'x' })).status).toBe(401);
    const bearer = { authorization: `Bearer ${elsewhere.token}` };
    expect((await app.raw('/api/v1/me', { headers: bearer })).status).toBe(401);
    expect(await app.parts.services.sessions.userForToken(elsewhere.token)).toBeNull();
    expect((await app.call(noa, 'GET', '/me')).status).toBe(200);
    expect(stays.socket.readyState).toBe(WebSocket.OPEN);
    stays.socket.terminate();
    expect((await app.call(noa, 'DELETE', `/sessions/${target}`)).status).toBe(404);
  });

  it('not by anybody else, who is told what an unknown one is told', async () => {
    const pia = await newcomer('pia');
    const target = (await listOf(pia))[0]?.id ?? '';
    const foreign = await app.call(olga, 'DELETE', `/sessions/${target}`);
    const unknown = await app.call(olga, 'DELETE', `/sessions/${'0'.repeat(20)}`);
    expect(foreign).toMatchObject({ status: 404, body: unknown.body });
    expect((await app.call(pia, 'GET', '/me')).status).toBe(200);
  });

  it('by itself, which takes its cookie from the browser', async () => {
    const ron = await newcomer('ron');
    const answer = await app.call(ron, 'DELETE', `/sessions/${(await listOf(ron))[0]?.id}`);
    expect(answer.headers.getSetCookie()[0]).toContain('taskflow_session=; HttpOnly; Max-Age=0');
    expect((await app.call(ron, 'GET', '/me')).status).toBe(401);
  });

  it('with all others, whose sockets end too', async () => {
    const sam = await newcomer('sam');
    const others = await Promise.all([1, 2, 3].map(() => app.signIn('sam')));
    const sockets = await Promise.all(others.map(openSocket));
    const mine = await openSocket(sam);
    await app.ok(sam, 'DELETE', '/sessions');
    for (const { ended } of sockets) expect((await ended).code).toBe(4401);
    for (const other of others) expect((await app.call(other, 'GET', '/me')).status).toBe(401);
    expect(await listOf(sam)).toMatchObject([{ current: true }]);
    expect(mine.socket.readyState).toBe(WebSocket.OPEN);
    mine.socket.terminate();
  });

  it('by its expiry, which ends its socket within ten seconds and no other', async () => {
    const tom = await newcomer('tom');
    const here = await openSocket(tom);
    const there = await openSocket(await app.signIn('tom'));
    await app.parts.services.store.sessions.extend(hashSecret(tom.token), Date.now() + 300);
    expect(await here.ended).toEqual({ code: 4401, reason: 'signed-out' });
    expect(there.socket.readyState).toBe(WebSocket.OPEN);
    there.socket.terminate();
  });

  it('behind the back of this process, which ends its socket as well', async () => {
    const udo = await newcomer('udo');
    const { ended } = await openSocket(udo);
    await app.parts.services.store.sessions.remove(hashSecret(udo.token));
    expect((await ended).code).toBe(4401);
  });

  it('with its account, when that is disabled', async () => {
    const vic = await newcomer('vic');
    const { ended } = await openSocket(vic);
    await app.parts.services.store.users.setDisabled(vic.id, true);
    expect((await ended).code).toBe(4401);
  });
});

describe('[H33] a sign-in', () => {
  it('begins a new session always, and ends the one whose cookie came with it, also of another person', async () => {
    const wim = await newcomer('wim');
    const socket = await openSocket(wim);
    const answer = await app.call(wim, 'POST', '/session', { username: 'olga', password: PASSWORD });
    const now = personIn(answer);
    expect(now.token).not.toBe(wim.token);
    expect((await socket.ended).code).toBe(4401);
    expect((await app.call(wim, 'GET', '/me')).status).toBe(401);
    expect((await app.call(now, 'GET', '/me')).body.username).toBe('olga');
  });

  it('takes no token that the browser brings along', async () => {
    const planted = { ...olga, cookie: `taskflow_session=${'a'.repeat(40)}` };
    const now = personIn(await app.call(planted, 'POST', '/session', { username: 'olga', password: PASSWORD }));
    expect(now.token).not.toBe('a'.repeat(40));
    expect((await app.call(planted, 'GET', '/me')).status).toBe(401);
  });

  it('a late sign-out of the session before takes nothing from it, whichever cookie comes with it', async () => {
    const before = await app.signIn('olga');
    const { body } = await app.call(before, 'GET', '/me');
    const now = personIn(await app.call(before, 'POST', '/session', { username: 'olga', password: PASSWORD }));
    for (const cookie of [before, now]) {
      const late = await app.call(cookie, 'DELETE', `/session?only=${body.session}`);
      expect([late.status, late.headers.getSetCookie()]).toEqual([204, []]);
    }
    const answer = await app.call(now, 'GET', '/me');
    expect(answer.status).toBe(200);
    expect(answer.body.session).not.toBe(body.session);
    await app.ok(now, 'DELETE', `/session?only=${answer.body.session}`);
    expect((await app.call(now, 'GET', '/me')).status).toBe(401);
  });

  it('every answer that begins a session names it as the next one does', async () => {
    const entered = await app.call(null, 'POST', '/session', { username: 'olga', password: PASSWORD });
    const here = personIn(entered);
    const renamed = await app.call(here, 'PATCH', '/me', { name: 'Olga Novak' });
    const me = await app.call(here, 'GET', '/me');
    expect(entered.body.session).toMatch(/^[0-9a-f]{16}$/);
    expect([renamed.body.session, me.body.session]).toEqual([entered.body.session, entered.body.session]);
    expect(here.token).not.toContain(entered.body.session);
  });

  it('with the old password that a change overtakes ends with it', async () => {
    const { services } = app.parts;
    const yan = await newcomer('yan');
    for (let round = 0; round < 6; round++) {
      const [current, fresh] = [round === 0 ? PASSWORD : `password ${round - 1}`, `password ${round}`];
      const [, answer] = await Promise.all([
        app.ok(yan, 'PATCH', '/me', { password: { current, new: fresh } }),
        app.call(null, 'POST', '/session', { username: 'yan', password: current }),
      ]);
      expect([200, 401]).toContain(answer.status);
      const left = await services.store.sessions.listForUser(yan.id);
      expect(left.map(({ idHash }) => idHash)).toEqual([hashSecret(yan.token)]);
    }
  });
});

describe('[H10] sliding', () => {
  it('is told to the browser by an upgrade too', async () => {
    const zoe = await newcomer('zoe');
    await app.parts.services.store.sessions.extend(hashSecret(zoe.token), Date.now() + 10 * DAY);
    const cookies = await new Promise<string[]>((resolve) => {
      const socket = new WebSocket(`${app.address.replace('http', 'ws')}/sync`, {
        headers: { cookie: zoe.cookie, origin: app.origin },
      });
      let cookies: string[] = [];
      socket.once('upgrade', (response) => (cookies = response.headers['set-cookie'] ?? []));
      socket.once('open', () => {
        resolve(cookies);
        socket.terminate();
      });
    });
    expect(cookies[0]).toMatch(new RegExp(`^taskflow_session=${zoe.token}; HttpOnly; Max-Age=2592000;`));
  });
});
