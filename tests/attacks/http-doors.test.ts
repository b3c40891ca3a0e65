/** The doors: set-up, sign-in, invitations, names, passwords, and the last owners of a board. */
import { describe, expect } from 'vitest';
import { PASSWORD, type Person } from '../harness/people.ts';
import { Arena, type Answer } from './harness.ts';
import { api, expectRefused, made, send } from './http-requests.ts';

const arena = new Arena();
const token = () => /setup\?token=([\w-]+)/.exec(arena.server.output)?.[1] ?? '';
const account = (username: string, more: object = {}) => ({
  username,
  name: 'New Person',
  password: PASSWORD,
  ...more,
});

/** A board of Otto's, and an invitation to it. */
async function invite(uses?: number, role = 'viewer'): Promise<{ board: string; code: string }> {
  const { otto } = arena.people;
  const { id: board } = await made(arena, otto, 'POST', '/boards', { title: 'Open house' });
  const body = { role, ...(uses !== undefined && { uses }) };
  const { code } = await made<{ code: string }>(arena, otto, 'POST', `/boards/${board}/invitations`, body);
  return { board, code };
}

const accept = (code: string, body: object, person: Person | null = null) =>
  api(arena, person, 'POST', `/invitations/${code}/accept`, body);
const members = async (board: string) =>
  (
    await made<{ items: { username: string; role: string }[] }>(
      arena,
      arena.people.otto,
      'GET',
      `/boards/${board}/members?limit=200`,
    )
  ).items;
const tally = (answers: Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b);

describe('[H9] the set-up', () => {
  const tokens: [string, () => unknown][] = [
    ['that was used', token],
    ['of the right form', () => 'A'.repeat(43)],
    ['that is empty', () => ''],
    ['that is SQL', () => "' or value is not null --"],
    ['that is JSON', () => '{"claimed":true}'],
    ['that is true', () => true],
    ['that is the word for a used one', () => 'claimed'],
    ['that is a hash', () => 'a'.repeat(64)],
    ['that is a list', () => [token()]],
    ['with a space before it', () => ` ${token()}`],
  ];
  for (const [name, value] of tokens) {
    arena.attack(`by a token ${name} makes nobody`, async () => {
      const answer = await api(arena, null, 'POST', '/setup', { token: value(), ...account('mallory') });
      expect([400, 403]).toContain(answer.status);
      expectRefused(answer, answer.status, answer.status === 403 ? 'forbidden' : 'invalid');
      expect(answer.headers.getSetCookie()).toEqual([]);
    });
  }
});

describe('[H13] an invitation', () => {
  const codes: [string, (code: string) => string][] = [
    ['one letter off', (code) => `${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`],
    ['without its end', (code) => code.slice(0, -1)],
    ['with more at its end', (code) => `${code}A`],
    ['in upper case', (code) => code.toUpperCase()],
    ['twice', (code) => code + code],
    ['with a percent code', (code) => `%${code.charCodeAt(0).toString(16)}${code.slice(1)}`],
    ['with a dot', (code) => `${code}.`],
  ];
  for (const [name, change] of codes) {
    arena.attack(`whose code is ${name} is unknown`, async () => {
      const { board, code } = await invite();
      const wrong = change(code);
      expectRefused(await api(arena, null, 'GET', `/invitations/${wrong}`), 404, 'not-found');
      expectRefused(await accept(wrong, account('mallory')), 404, 'not-found');
      expectRefused(await accept(wrong, {}, arena.people.vera), 404, 'not-found');
      expect(await members(board)).toHaveLength(1);
    });
  }

  arena.attack('is known by its code only: not by the id that its owner sees', async () => {
    const { board, code } = await invite();
    const { items } = await made<{ items: { id: string }[] }>(
      arena,
      arena.people.otto,
      'GET',
      `/boards/${board}/invitations`,
    );
    expect(JSON.stringify(items)).not.toContain(code);
    expectRefused(await accept(items[0]?.id ?? '', {}, arena.people.vera), 404, 'not-found');
  });

  arena.attack('for one lets one of a hundred in that come at once with a session', async () => {
    const { board, code } = await invite(1);
    const { mia, carl, vera, rick, oscar } = arena.people;
    const all = [mia, carl, vera, rick, oscar];
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => accept(code, {}, all[i % all.length])));
    expect(new Set(tally(answers))).toEqual(new Set([201, 404]));
    // Who is in already is told so again and costs no use.
    expect(new Set(answers.flatMap((answer, i) => (answer.status === 201 ? [i % all.length] : []))).size).toBe(1);
    expect(await members(board)).toHaveLength(2);
  });

  arena.attack('for one makes one account of thirty that come at once without one', async () => {
    const { board, code } = await invite(1);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => accept(code, account(`racer${i}`))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect([404, 503]).toContain(answer.status);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await members(board)).toHaveLength(2);
    const names = answers.flatMap((answer, i) => (answer.status === 201 ? [] : [`racer${i}`]));
    const left = await api(arena, null, 'POST', '/session', { username: names[0], password: PASSWORD });
    expectRefused(left, 401, 'wrong-credentials');
  });

  arena.attack('taken back while thirty come makes no member afterwards', async () => {
    const { board, code } = await invite();
    const { otto, vera } = arena.people;
    const { items } = await made<{ items: { id: string }[] }>(arena, otto, 'GET', `/boards/${board}/invitations`);
    const revoked = made(arena, otto, 'DELETE', `/boards/${board}/invitations/${items[0]?.id}`);
    await Promise.all([revoked, ...Array.from({ length: 30 }, () => accept(code, {}, vera))]);
    await api(arena, otto, 'DELETE', `/boards/${board}/members/${vera.id}`);
    expectRefused(await accept(code, {}, vera), 404, 'not-found');
    expect(await members(board)).toHaveLength(1);
  });

  arena.attack('kept by an owner who was removed lets nobody in, nor the owner back', async () => {
    const { otto, vera, rick } = arena.people;
    const { board, code } = await invite(undefined, 'owner');
    await accept(code, {}, vera);
    const mine = await made<{ code: string }>(arena, vera, 'POST', `/boards/${board}/invitations`, { role: 'owner' });
    await made(arena, otto, 'DELETE', `/boards/${board}/members/${vera.id}`);
    for (const person of [vera, rick]) expectRefused(await accept(mine.code, {}, person), 404, 'not-found');
    expectRefused(await api(arena, null, 'GET', `/invitations/${mine.code}`), 404, 'not-found');
  });

  arena.attack('never lowers a role, nor lifts it beyond its own', async () => {
    const { otto } = arena.people;
    const { board, code } = await invite(5, 'viewer');
    expect((await accept(code, {}, otto)).body).toMatchObject({ board: { role: 'owner' } });
    expectRefused(await accept(code, { role: 'owner' }, arena.people.vera), 400, 'invalid');
    expect((await members(board)).map(({ role }) => role)).toEqual(['owner']);
  });
});

describe('[H11] who is there', () => {
  const guess = (username: string, password = 'wrong password') =>
    api(arena, null, 'POST', '/session', { username, password });

  arena.attack('is not told by a sign-in', async () => {
    const shape = ({ status, text, headers }: Answer) => [status, text, [...headers.keys()].toSorted()];
    const unknown = shape(await guess('nobodyatall'));
    for (const name of [
      'bea',
      ' BEA ',
      '__proto__',
      'constructor',
      "bea' --",
      'bea%',
      'be_',
      'b\u0435a',
      'admin',
      '*',
      '',
      'x'.repeat(200),
    ]) {
      expect(shape(await guess(name)), name).toEqual(unknown);
    }
  });

  arena.attack('is not told by a set-up or an invitation without its secret', async () => {
    for (const name of ['bea', 'nobodyatall']) {
      expectRefused(await api(arena, null, 'POST', '/setup', { token: 'x', ...account(name) }), 403, 'forbidden');
      expectRefused(await accept('A'.repeat(43), account(name)), 404, 'not-found');
    }
  });

  arena.attack('cannot be signed in as by a password that is nearly right', async () => {
    for (const password of [
      PASSWORD.toUpperCase(),
      ` ${PASSWORD}`,
      `${PASSWORD} `,
      PASSWORD.slice(0, -1),
      `${PASSWORD}\u200b`,
      PASSWORD.replaceAll(' ', '\u00a0'),
    ]) {
      expectRefused(await guess('ben', password), 401, 'wrong-credentials', JSON.stringify(password));
    }
    for (const password of [null, true, [PASSWORD], { $ne: null }, 0]) {
      const answer = await api(arena, null, 'POST', '/session', { username: 'ben', password });
      expectRefused(answer, 400, 'invalid', JSON.stringify(password));
    }
  });
});

describe('a username', () => {
  const refused = [
    'room',
    'here',
    'board',
    'All',
    'everyone',
    'channel',
    'a',
    'b\u0435a',
    '\uff42ea',
    'be a',
    'bea\u200b',
    'b\u00e9a',
    '\u202eaeb',
    'bea\n',
    'x'.repeat(33),
    '@bea',
    'bea/..',
    'be%61',
    '\u0130da',
    '🦊🦊',
  ];
  arena.attack('that is reserved, or looks like another, is not given', async () => {
    const { board, code } = await invite();
    for (const name of refused.filter((one) => one.trim() === one)) {
      expectRefused(await accept(code, account(name)), 400, 'invalid', name);
    }
    expect(await members(board)).toHaveLength(1);
  });

  arena.attack('that is taken is taken in every case and spelling', async () => {
    const { board, code } = await invite();
    for (const name of ['bea', 'BEA', ' Bea ', 'bea\n'])
      expectRefused(await accept(code, account(name)), 409, 'taken', name);
    expect(await members(board)).toHaveLength(1);
  });

  for (const name of [
    '__proto__',
    'constructor',
    'hasownproperty',
    'tostring',
    '..',
    '-_-',
    'null',
    'undefined',
    'true',
    '00',
  ]) {
    arena.attack(`${name} is a name like any other`, async () => {
      const { otto } = arena.people;
      const { board, code } = await invite(undefined, 'member');
      const entered = await accept(code, account(name));
      expect(entered.status).toBe(201);
      expect((await members(board)).map(({ username }) => username).toSorted()).toEqual([name, 'otto'].toSorted());
      const { id: room } = await made(arena, otto, 'POST', `/boards/${board}/rooms`, { name: 'Hall' });
      const said = await made<{ text: string }>(arena, otto, 'POST', `/rooms/${room}/messages`, {
        text: `hello @${name} and @valueof`,
      });
      expect(said.text).toBe(`hello @${name} and @valueof`);
      const cookie = entered.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
      expect((await api(arena, null, 'GET', '/me', undefined, { cookie })).body).toMatchObject({
        username: name,
        admin: false,
      });
    });
  }
});

describe('a password', () => {
  const long = 'x'.repeat(1_000_000);
  arena.attack('that is too short, too long or no text is not taken, and nothing is computed for it', async () => {
    const { code } = await invite();
    for (const password of ['', '1234567', long, 'a\u0000bcdefgh', '\ud800'.repeat(10), 12345678, null, ['12345678']]) {
      const answer = await accept(code, account('pwtest', { password }));
      expect([400, 404]).toContain(answer.status);
      expect(answer.status).toBe(400);
    }
    expectRefused(await api(arena, null, 'POST', '/session', { username: 'bea', password: long }), 400, 'invalid');
    expectRefused(await api(arena, null, 'POST', '/session', { username: long, password: PASSWORD }), 400, 'invalid');
  });

  arena.attack('of any letters is the same in every way to type it, and no other', async () => {
    const { code } = await invite();
    const typed = 'p\u00e4ssw\u00f6rd 🦊\u200d🦊 \u0000'.replace('\u0000', '');
    expect((await accept(code, account('letters', { password: typed }))).status).toBe(201);
    const enter = (password: string) => api(arena, null, 'POST', '/session', { username: 'letters', password });
    expect((await enter(typed)).status).toBe(200);
    expect((await enter(typed.normalize('NFD'))).status).toBe(200);
    expect((await enter(typed.replace('🦊', '🐻'))).status).toBe(401);
  });
});

describe('[H14] a board', () => {
  arena.attack('keeps an owner when its last two take it from each other at once', async () => {
    const { otto, oscar } = arena.people;
    for (let round = 0; round < 5; round++) {
      const { board, code } = await invite(undefined, 'owner');
      expect((await accept(code, {}, oscar)).status).toBe(201);
      const path = (person: Person) => `/boards/${board}/members/${person.id}`;
      const answers = await Promise.all([
        api(arena, otto, 'PUT', path(oscar), { role: 'viewer' }),
        api(arena, oscar, 'PUT', path(otto), { role: 'viewer' }),
        api(arena, otto, 'DELETE', path(otto)),
        api(arena, oscar, 'DELETE', path(oscar)),
      ]);
      for (const { status } of answers) expect([200, 204, 403, 404, 409]).toContain(status);
      const seen = await Promise.all(
        [otto, oscar].map((person) => api(arena, person, 'GET', `/boards/${board}/members`)),
      );
      const lists = seen.flatMap(({ status, body }) =>
        status === 200 ? [(body as { items: { role: string }[] }).items] : [],
      );
      expect(lists.length).toBeGreaterThan(0);
      for (const items of lists) expect(items.filter(({ role }) => role === 'owner').length).toBeGreaterThanOrEqual(1);
    }
  });

  arena.attack('deleted while others write to it takes nothing afterwards, and breaks nothing', async () => {
    const { otto, oscar } = arena.people;
    const { board, code } = await invite(undefined, 'member');
    await accept(code, {}, oscar);
    const { id: room } = await made(arena, otto, 'POST', `/boards/${board}/rooms`, { name: 'Hall' });
    const { id: column } = await made(arena, otto, 'POST', `/boards/${board}/columns`, { title: 'To do' });
    const write = (i: number) => [
      api(arena, oscar, 'POST', `/rooms/${room}/messages`, { text: `word ${i}` }),
      api(arena, oscar, 'POST', `/boards/${board}/tasks`, { column, title: `task ${i}` }),
      api(arena, oscar, 'POST', `/boards/${board}/rooms`, { name: `room ${i}` }),
    ];
    const before = Array.from({ length: 10 }, (_, i) => write(i)).flat();
    const removed = api(arena, otto, 'DELETE', `/boards/${board}`);
    const after = Array.from({ length: 10 }, (_, i) => write(100 + i)).flat();
    expect((await removed).status).toBe(204);
    for (const answer of await Promise.all([...before, ...after])) {
      expect([201, 404, 403, 422], answer.text).toContain(answer.status);
    }
    for (const answer of await Promise.all(write(1_000))) expectRefused(answer, 404, 'not-found');
    for (const path of [`/boards/${board}`, `/rooms/${room}`, `/rooms/${room}/messages`]) {
      expectRefused(await api(arena, otto, 'GET', path), 404, 'not-found');
    }
    expectRefused(await accept(code, {}, arena.people.vera), 404, 'not-found');
  });
});

describe('[H9] a flood of set-ups', () => {
  arena.attack('by twenty at once makes nobody, and costs nobody else their sign-in', async () => {
    const tries = Array.from({ length: 20 }, (_, i) =>
      api(arena, null, 'POST', '/setup', { token: token(), ...account(`mallory${i}`) }),
    );
    const entered = api(arena, null, 'POST', '/session', { username: 'carl', password: PASSWORD });
    expect(tally(await Promise.all(tries)).every((status) => status === 403 || status === 429)).toBe(true);
    expect((await entered).status).toBe(200);
  });
});

describe('[H12] a flood of sign-ins', () => {
  arena.attack(
    'is slowed down, says when to come back, and keeps nobody who is signed in waiting',
    async () => {
      const flood = Array.from({ length: 100 }, (_, i) =>
        send(arena, {
          method: 'POST',
          target: '/api/v1/session',
          lines: ['Content-Type: application/json', `X-Forwarded-For: 10.0.0.${i}`, `Forwarded: for=10.0.0.${i}`],
          body: JSON.stringify({ username: `nobody${i}`, password: 'wrong password' }),
        }),
      );
      expect((await api(arena, arena.people.mia, 'GET', '/me')).status).toBe(200);
      const answers = await Promise.all(flood);
      const statuses = new Set(answers.map(({ status }) => status));
      expect([...statuses].every((status) => [401, 429, 503].includes(status))).toBe(true);
      expect(statuses).toContain(429);
      for (const { status, head } of answers) if (status !== 401) expect(head).toMatch(/^retry-after: [1-9]\d*$/im);
    },
    { timeout: 180_000 },
  );
});
