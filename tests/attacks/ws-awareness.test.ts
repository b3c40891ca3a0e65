import * as encoding from 'lib0/encoding';
import { describe, expect } from 'vitest';
import { applyAwarenessUpdate, Awareness } from 'y-protocols/awareness';
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { mintClientId } from '../../src/lib/model/client-ids.ts';
import { boardDoc } from '../../src/lib/model/names.ts';
import { TYPE } from '../../server/sync/frames.ts';
import type { Person } from '../harness/people.ts';
import { frame, type Attacker } from './attacker.ts';
import { Arena } from './harness.ts';

const arena = new Arena();
const board = (): string => boardDoc(arena.people.home.board);

type Entry = [client: number, clock: number, state: string];

function awareness(entries: Entry[], address = board()): Uint8Array {
  const update = encoding.encode((e) => {
    encoding.writeVarUint(e, entries.length);
    for (const [client, clock, state] of entries) {
      encoding.writeVarUint(e, client);
      encoding.writeVarUint(e, clock);
      encoding.writeVarString(e, state);
    }
  });
  return raw(update, address);
}

const raw = (update: Uint8Array, address = board()): Uint8Array =>
  frame(address, TYPE.awareness, (e) => encoding.writeVarUint8Array(e, update));

/** Whom a listener sees, by client, from all that it was told. */
function seenBy(listener: Attacker): Map<number, unknown> {
  const seen = new Awareness(new Y.Doc());
  seen.setLocalState(null);
  for (const { type, body } of listener.frames) {
    if (type === TYPE.awareness)
      applyAwarenessUpdate(seen, decoding.readVarUint8Array(decoding.createDecoder(body)), null);
  }
  const states = new Map<number, unknown>(seen.getStates());
  seen.destroy();
  return states;
}

/** Each case has clients of its own: an awareness remembers the clocks of those that left. */
let first = 0;
const own = (person: Person, n = 0): number => mintClientId(person.seq, first + n);
const typing = JSON.stringify({ typing: 1 });

/** What Mia says of herself and others, and what Ben may see of it: never more than four clients, all hers. */
const LIES: [name: string, entries: (mia: Person, olga: Person) => Entry[], seen: number][] = [
  ['honest: that she types', (mia) => [[own(mia), 1, typing]], 1],
  ['another’s name', (mia, olga) => [[own(mia), 1, JSON.stringify({ user: olga.id, typing: 1 })]], 1],
  ['another’s clientID', (_mia, olga) => [[own(olga), 1, typing]], 1],
  ['the server’s clientID', () => [[first + 7, 1, typing]], 1],
  ['clientID 0', () => [[0, 1, typing]], 1],
  ['the highest clock there is', (mia) => [[own(mia), Number.MAX_SAFE_INTEGER, typing]], 1],
  ['another’s clientID with the highest clock', (_mia, olga) => [[own(olga), Number.MAX_SAFE_INTEGER, 'null']], 1],
  ['a field of her own', (mia) => [[own(mia), 1, JSON.stringify({ typing: 1, evil: '<script>' })]], 1],
  ['__proto__', (mia) => [[own(mia), 1, '{"__proto__":{"user":"olga"},"typing":1}']], 1],
  ['a number', (mia) => [[own(mia), 1, '7']], 1],
  ['a text', (mia) => [[own(mia), 1, '"words"']], 1],
  ['a list', (mia) => [[own(mia), 1, '[1,2,3]']], 1],
  ['1,000 levels', (mia) => [[own(mia), 1, '['.repeat(1_000) + ']'.repeat(1_000)]], 1],
  ['60 kB', (mia) => [[own(mia), 1, JSON.stringify({ typing: 1, blob: 'x'.repeat(60_000) })]], 1],
  ['5,000 clients of her own', (mia) => Array.from({ length: 5_000 }, (_, i): Entry => [own(mia, i), 1, '{}']), 4],
  [
    '5,000 clients of others',
    (_mia, olga) => Array.from({ length: 5_000 }, (_, i): Entry => [own(olga, i), 1, '{}']),
    1,
  ],
  ['the same client 1,000 times', (mia) => Array.from({ length: 1_000 }, (_, i): Entry => [own(mia), i, typing]), 1],
];

describe('awareness', () => {
  for (const [name, entries, seen] of LIES) {
    arena.attack(`[S31] ${name}`, async ({ people }) => {
      first += 10_000;
      const { mia, olga } = people;
      const listener = await arena.enter(people.vera);
      await listener.fetch(board());
      const attacker = await arena.enter(mia);
      await attacker.fetch(board());
      // The last word is an honest one: once it is heard, so is what came before.
      attacker.send(awareness(entries(mia, olga)), awareness([[own(mia), 2 ** 40, typing]]));
      await listener.until(() => seenBy(listener).has(own(mia)));
      await attacker.settled();
      await listener.settled();
      const states = [...seenBy(listener)].filter(([client]) => (client % 2 ** 32) - first < 10_000);
      for (const [client, state] of states) {
        expect(Math.floor(client / 2 ** 32)).toBe(mia.seq);
        expect(isStamped(state, mia), JSON.stringify(state)).toBe(true);
      }
      expect(states).toHaveLength(seen);
      expect(attacker.ended).toBeNull();
    });
  }

  /** What is no awareness closes the socket; what is too large is not read. */
  const NONSENSE: [name: string, message: () => Uint8Array, ends: boolean][] = [
    ['no bytes', () => raw(new Uint8Array()), true],
    ['a count of 2⁵³', () => raw(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 15)), true],
    ['what is no JSON', () => awareness([[own(arena.people.mia), 1, 'words']]), true],
    ['JSON with something behind it', () => awareness([[own(arena.people.mia), 1, '{}{}']]), true],
    ['bytes behind the end', () => raw(Uint8Array.of(0, 1, 2, 3)), true],
    ['text that is no UTF-8', () => raw(Uint8Array.of(1, 1, 1, 2, 0xff, 0xfe)), true],
    ['a megabyte', () => awareness([[own(arena.people.mia), 1, `"${'x'.repeat(1_000_000)}"`]]), false],
    [
      '10,000 clients',
      () => awareness(Array.from({ length: 10_000 }, (_, i) => [own(arena.people.mia, i), 1, '{}'])),
      false,
    ],
  ];
  for (const [name, message, ends] of NONSENSE) {
    arena.attack(`[S33] ${name} as awareness: nobody is told, and nothing is printed`, async ({ people, server }) => {
      const listener = await arena.enter(people.vera);
      await listener.fetch(board());
      const from = listener.frames.length;
      const attacker = await arena.enter(people.mia);
      await attacker.fetch(board());
      const printed = server.output.length;
      attacker.send(message());
      if (ends) expect(await attacker.closed()).toEqual({ code: 1003, reason: 'not a message' });
      else await attacker.settled();
      await listener.settled();
      expect(listener.frames.slice(from)).toEqual([]);
      expect(server.output.slice(printed)).not.toContain('Error');
    });
  }

  arena.attack('[S31] for a document of others', async ({ people }) => {
    const otto = await arena.enter(people.otto);
    const listener = await arena.enter(people.mia);
    await listener.fetch(board());
    const from = listener.frames.length;
    otto.send(awareness([[own(people.otto), 1, typing]]), frame(board(), TYPE.queryAwareness));
    await otto.settled();
    await listener.settled();
    expect(otto.frames).toEqual([]);
    expect(listener.frames.slice(from)).toEqual([]);
  });

  arena.attack('[S32] [S42] 20,000 times that one types, and not', async ({ people }) => {
    const me = await arena.newcomer();
    const listener = await arena.enter(people.vera);
    await listener.fetch(board());
    const attacker = await arena.enter(me);
    await attacker.fetch(board());
    const from = listener.frames.length;
    for (let i = 0; i < 20_000; i++) attacker.ws.send(awareness([[own(me), i, i % 2 === 0 ? typing : '{}']]));
    await listener.until(() => seenBy(listener).has(own(me)));
    await attacker.settled();
    // They are told together: others do not pay for each.
    expect(listener.frames.length - from).toBeLessThan(20_000 / 4);
  });
});

function isStamped(state: unknown, person: Person): boolean {
  if (typeof state !== 'object' || state === null) return false;
  const { user, typing: types, ...more } = state as Record<string, unknown>;
  return user === person.id && (types === undefined || types === 1) && Object.keys(more).length === 0;
}
