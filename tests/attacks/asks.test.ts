import { describe, expect } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { readPrivateRooms } from '../../src/lib/model/inbox-rooms.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { ASKS_OPEN } from '../../src/lib/model/limits.ts';
import { inboxDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { any, forge, item } from '../fuzz/gate-forge.ts';
import { call, type Person } from '../harness/people.ts';
import { Ground } from './ground.ts';
import { Arena } from './harness.ts';
import type { Population } from './population.ts';

const arena = new Arena();
/** A ceiling against hanging: jobs answer within a second. */
const SOON = { timeout: 30_000 };

describe('asking for too much', () => {
  arena.attack('[G20] thousands of asks at once are refused in a word, nothing is made of them', async ({ people }) => {
    const me = await arena.newcomer();
    for (const count of [ASKS_OPEN + 1, 3_000]) {
      const structs = Array.from({ length: count }, () =>
        item({ parent: 'ask', key: `board/${newId()}` }, any({ title: 'Mine' })),
      );
      const attacker = await arena.enter(me);
      const ground = await Ground.explore(attacker, inboxDoc(me.id), people);
      expect(await attacker.put(ground.name, forge([{ client: ground.mine, structs }]))).toBe('refused:too-many');
    }
    const boards = await arena.http(me, 'GET', '/api/v1/boards');
    expect(boards.text).not.toContain('Mine');
    // What is in order is taken all the same.
    const again = await arena.enter(me);
    const ground = await Ground.explore(again, inboxDoc(me.id), people);
    const draft = ground.set('drafts', `room/${people.home.room}`, 'half a thought');
    expect(await again.put(ground.name, draft)).toBe('stored');
  });
});

type Den = { room: string; board: string; maker: Person };

async function den(people: Population): Promise<Den> {
  const maker = await arena.newcomer();
  const { board } = people.home;
  const made = await call<{ id: string }>(arena.server, maker, 'POST', `/boards/${board}/rooms`, {
    name: `Den ${newId()}`,
    private: true,
  });
  return { room: made.id, board, maker };
}

/** Writes a wish about somebody, and waits for what the server says of it: null when it came true. */
async function wish(me: Person, people: Population, o: { room: string; user: string; inside: boolean }) {
  const attacker = await arena.enter(me);
  const ground = await Ground.explore(attacker, inboxDoc(me.id), people);
  const key = `room/${o.room}/people/${o.user}`;
  expect(await attacker.put(ground.name, ground.set('ask', key, { n: newId(), value: o.inside }))).toBe('stored');
  await expect
    .poll(async () => readInbox(await attacker.read(ground.name)).asks.filter((ask) => ask.key === key), SOON)
    .toEqual([]);
  const inbox = await attacker.read(ground.name);
  const refused = readInbox(inbox).refusedAsks.find((ask) => ask.key === key);
  return { reason: refused?.reason ?? null, inbox };
}

describe('wishing for people in private rooms', () => {
  for (const who of ['olga', 'mia', 'vera', 'otto'] as const) {
    arena.attack(`[S70] [S66] ${who}, who is not in it, is told what is told of no room at all`, async ({ people }) => {
      const me = people[who];
      for (const what of ['comes', 'takes out', 'leaves'] as const) {
        const { room, maker } = await den(people);
        const o = { user: what === 'takes out' ? maker.id : me.id, inside: what === 'comes' };
        const there = await wish(me, people, { room, ...o });
        const absent = await wish(me, people, { room: newId(), ...o });
        expect(there.reason, what).toBe(absent.reason);
        expect(readPrivateRooms(there.inbox).some(({ id }) => id === room)).toBe(false);
        expect(await (await arena.enter(me)).ask(volumeDoc(`room/${room}`, 1))).toBe('not-found');
        const { items } = await call<{ items: { id: string }[] }>(arena.server, maker, 'GET', `/rooms/${room}/members`);
        expect(items.map(({ id }) => id)).toEqual([maker.id]);
      }
    });
  }

  arena.attack(
    '[S70] who is in it takes nobody out without being its maker, and lets no stranger in',
    async ({ people }) => {
      const { room, maker } = await den(people);
      const me = await arena.newcomer();
      await call(arena.server, maker, 'PUT', `/rooms/${room}/members/${me.id}`);
      expect((await wish(me, people, { room, user: maker.id, inside: false })).reason).toBe('not-allowed');
      expect((await wish(me, people, { room, user: people.otto.id, inside: true })).reason).toBe('no-member');
      expect((await wish(me, people, { room, user: newId(), inside: true })).reason).toBe('no-member');
      const { items } = await call<{ items: { id: string }[] }>(arena.server, maker, 'GET', `/rooms/${room}/members`);
      expect(items.map(({ id }) => id).sort()).toEqual([maker.id, me.id].sort());
    },
  );
});
