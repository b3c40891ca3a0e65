import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Throttle } from '../../server/auth/throttle.ts';
import { LIMITS, STRANGER_SOCKETS } from '../../server/http/limits.ts';
import { eventually, PASSWORD, TestApp, type Person } from './harness.ts';

const HERE = '127.0.0.1';

let app: TestApp;
let olga: Person;
let mate: Person;
let board: string;
beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
  board = await app.board(olga);
  mate = await app.join(olga, board, 'mate', 'member');
});
afterAll(() => app.stop());

/** Takes what is left, as somebody does who asks faster than anyone answers, and says how much it was. */
function drain(throttle: Throttle, key: string): number {
  let taken = 0;
  while (throttle.take(key) === 0) taken += 1;
  return taken;
}

/** Fills a bucket again, as time would. */
function fill(throttle: Throttle, key: string, { capacity }: { capacity: number }): void {
  for (let i = 0; i < capacity; i++) throttle.giveBack(key);
}

const sockets = (path = '/sync', headers: Record<string, string> = { cookie: olga.cookie, origin: app.origin }) =>
  new WebSocket(`${app.address.replace('http', 'ws')}${path}`, { headers });

const answered = (socket: WebSocket) =>
  new Promise<{ status: number; retryAfter: string | undefined }>((resolve) => {
    socket.once('open', () => resolve({ status: 101, retryAfter: undefined }));
    socket.once('unexpected-response', (_request, { statusCode, headers }) =>
      resolve({ status: statusCode ?? 0, retryAfter: headers['retry-after'] }),
    );
    socket.on('error', () => undefined);
  });

describe('[H34] an account', () => {
  it.each<['writes' | 'reads' | 'invitations', string, string, () => unknown]>([
    ['writes', 'POST', '/boards', () => ({ title: 'One more' })],
    ['writes', 'DELETE', '/sessions', () => undefined],
    ['reads', 'GET', '/me', () => undefined],
    ['reads', 'GET', '/sessions', () => undefined],
    ['invitations', 'POST', '/boards/:board/invitations', () => ({ role: 'viewer' })],
  ])('has a bucket of %s: %s %s is told when it may again, and then may', async (name, method, path, body) => {
    const throttle = app.parts.services.limits[name];
    const ask = () => app.call(olga, method, path.replace(':board', board), body());
    drain(throttle, olga.id);
    const refused = await eventually(
      async () => {
        drain(throttle, olga.id);
        return ask();
      },
      ({ status }) => status === 429,
    );
    expect(refused.body.error.code).toBe('throttled');
    expect(refused.body.error.message).toMatch(/^Too many requests; try again in \d+ seconds\.$/);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await app.call(mate, 'GET', '/me')).status).toBe(200);
    expect((await app.call(mate, 'POST', '/boards', { title: 'Hers' })).status).toBe(201);
    expect((await eventually(ask, ({ status }) => status !== 429)).status).toBeLessThan(300);
    fill(throttle, olga.id, LIMITS[name]);
  });

  it('of reads is not the one of writes', async () => {
    const { reads } = app.parts.services.limits;
    drain(reads, olga.id);
    expect((await app.call(olga, 'POST', '/boards', { title: 'Still' })).status).toBe(201);
    fill(reads, olga.id, LIMITS.reads);
  });

  it('that guesses at its own password is slowed down like any guesser', async () => {
    const kim = await app.join(olga, board, 'kim', 'member');
    const change = (current: string) => app.call(kim, 'PATCH', '/me', { password: { current, new: 'a new password' } });
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) statuses.push((await change('wrong password')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    expect((await change(PASSWORD)).status).toBe(429);
    app.advance(30_000);
    expect((await change(PASSWORD)).status).toBe(200);
    app.advance(3_600_000);
  });

  it('opens so many sockets in a while, and so many at once', async () => {
    const lea = await app.join(olga, board, 'lea', 'member');
    const headers = { cookie: lea.cookie, origin: app.origin };
    const open = Array.from({ length: 100 }, () => sockets('/sync', headers));
    expect((await Promise.all(open.map(answered))).every(({ status }) => status === 101)).toBe(true);
    const tooMany = sockets('/sync', headers);
    const closed = new Promise((resolve) => {
      tooMany.once('close', (code, reason) => resolve([code, reason.toString()]));
    });
    expect(await closed).toEqual([4429, 'too-many-connections']);
    expect((await answered(sockets('/sync'))).status).toBe(101);
    open[0]?.terminate();
    const again = await eventually(
      async () => {
        const socket = sockets('/sync', headers);
        await answered(socket);
        return new Promise<WebSocket | null>((resolve) => {
          socket.once('close', () => resolve(null));
          socket.ping();
          socket.once('pong', () => resolve(socket));
        });
      },
      (socket) => socket !== null,
    );
    again?.terminate();
    for (const socket of open) socket.terminate();

    const { upgrades } = app.parts.services.limits;
    drain(upgrades, lea.id);
    const refused = await eventually(
      async () => {
        drain(upgrades, lea.id);
        return answered(sockets('/sync', headers));
      },
      ({ status }) => status !== 101,
    );
    expect(refused.status).toBe(429);
    expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
  });
});

describe('[H35] an address', () => {
  it('has a bucket for what nobody signed in asks, which those who are signed in do not use', async () => {
    const { strangers } = app.parts.services.limits;
    const refused = await eventually(
      async () => {
        drain(strangers, HERE);
        return app.call(null, 'GET', '/openapi.json');
      },
      ({ status }) => status === 429,
    );
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    fill(strangers, HERE, LIMITS.strangers);
    for (let i = 0; i < 60; i++) await app.ok(olga, 'GET', '/me');
    expect(drain(strangers, HERE)).toBeGreaterThanOrEqual(LIMITS.strangers.capacity);
    fill(strangers, HERE, LIMITS.strangers);
  });

  it('keeps nobody out who is signed in there, however much others ask', async () => {
    const { strangers } = app.parts.services.limits;
    const lena = await app.join(olga, board, 'lena', 'member');
    const flooded = async (person: Person | null) => {
      drain(strangers, HERE);
      return app.call(person, 'GET', '/me');
    };
    const refused = await eventually(
      () => flooded(null),
      ({ status }) => status === 429,
    );
    expect(refused.status).toBe(429);
    await app.ok(lena, 'GET', '/me');
    for (let i = 0; i < 20; i++) expect((await flooded(lena)).status).toBe(200);
    // What was good is not good for ever: whose session has ended is a stranger.
    await app.ok(lena, 'DELETE', '/session');
    const ended = await eventually(
      () => flooded(lena),
      ({ status }) => status === 429,
    );
    expect(ended.status).toBe(429);
    fill(strangers, HERE, LIMITS.strangers);
  });

  it('is not asked in the database for made-up tokens without end', async () => {
    const { strangers } = app.parts.services.limits;
    const made = { headers: { authorization: `Bearer ${'a'.repeat(40)}` } };
    const refused = await eventually(
      async () => {
        drain(strangers, HERE);
        return app.raw('/api/v1/me', made);
      },
      ({ status }) => status === 429,
    );
    expect(refused.body.error.code).toBe('throttled');
    fill(strangers, HERE, LIMITS.strangers);
  });

  it('accepts so many invitations', async () => {
    const { joins } = app.parts.services.limits;
    const accept = () => app.call(null, 'POST', '/invitations/nosuchcode/accept', {});
    expect((await accept()).status).toBe(401);
    drain(joins, HERE);
    const refused = await accept();
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, 1]);
    fill(joins, HERE, LIMITS.joins);
  });

  it('knocks for so many sockets, whoever it is', async () => {
    const { knocks } = app.parts.services.limits;
    const refused = await eventually(
      async () => {
        drain(knocks, HERE);
        return answered(sockets());
      },
      ({ status }) => status !== 101,
    );
    expect([refused.status, refused.retryAfter]).toEqual([429, '1']);
    fill(knocks, HERE, LIMITS.knocks);
  });

  it('has so many open sockets that nobody answers for', async () => {
    const open: WebSocket[] = [];
    for (let batch = 0; batch < STRANGER_SOCKETS / 100; batch++) {
      const some = Array.from({ length: 100 }, () => sockets('/sync', {}));
      expect((await Promise.all(some.map(answered))).every(({ status }) => status === 101)).toBe(true);
      open.push(...some);
    }
    expect((await answered(sockets('/sync', {}))).status).toBe(429);
    expect((await answered(sockets())).status).toBe(101);
    for (const socket of open) socket.terminate();
    await eventually(
      () => answered(sockets('/sync', {})),
      ({ status }) => status === 101,
    );
  });

  it('of thirty people behind one router is used by none of them', async () => {
    const people = [];
    for (let i = 0; i < 30; i++) people.push(await app.join(olga, board, `nat${i}`, 'member'));
    const statuses = await Promise.all(
      people.flatMap((person, i) => [
        app.call(null, 'POST', '/session', { username: `nat${i}`, password: PASSWORD }),
        ...Array.from({ length: 20 }, () => app.call(person, 'GET', '/boards')),
        ...Array.from({ length: 5 }, (_, n) => app.call(person, 'POST', '/boards', { title: `Board ${n}` })),
      ]),
    );
    expect(statuses.filter(({ status }) => status >= 300)).toEqual([]);
    const open = people.flatMap((person) =>
      Array.from({ length: 5 }, () => sockets('/sync', { cookie: person.cookie, origin: app.origin })),
    );
    expect((await Promise.all(open.map(answered))).filter(({ status }) => status !== 101)).toEqual([]);
    for (const socket of open) socket.terminate();
  });
});

describe('[H12] guessing at one account from one address', () => {
  it('does not keep its owner out at another one', async () => {
    const site = await TestApp.start({ BASE_URL: 'https://tasks.example.org', TRUST_PROXY: '1' });
    try {
      const account = { token: site.setupToken, username: 'olga', name: 'Olga', password: PASSWORD };
      await site.ok(null, 'POST', '/setup', account);
      const signIn = (address: string, password: string) =>
        site.raw('/api/v1/session', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
          body: JSON.stringify({ username: 'olga', password }),
        });
      for (let i = 0; i < 12; i++) await signIn('2001:db8:1:2::1', 'wrong password');
      expect((await signIn('2001:db8:1:2:ffff::9', PASSWORD)).status).toBe(429);
      expect((await signIn('2001:db8:1:3::1', PASSWORD)).status).toBe(200);
      expect((await signIn('203.0.113.9', PASSWORD)).status).toBe(200);
    } finally {
      await site.stop();
    }
  });
});
