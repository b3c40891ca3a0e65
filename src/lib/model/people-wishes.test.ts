import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { askRoom } from './asks.ts';
import { forgetAsk, forgetRoom, parseInboxWrite, readInbox, settleWish, type Ask } from './inbox.ts';
import type { PersonWish } from './people-wishes.ts';
import { peopleAsWished, wishForPerson } from './wish-for-person.ts';
import { wishForRoom } from './wish-for-room.ts';
import { id, pick, Replicas, seeded } from './testing.ts';

const room = id('kitchen');
const [anna, bob, carl] = [id('anna'), id('bob'), id('carl')];
const wishes = (asks: readonly Ask[]): PersonWish[] => asks.filter((ask) => ask.kind === 'person');
const only = (doc: Y.Doc): PersonWish => {
  const [wish] = wishes(readInbox(doc).asks);
  if (wish === undefined) throw new Error('no wish');
  return wish;
};

describe('who is to be in a private room', () => {
  test('[X22] is shown at once, person by person, until it is answered', () => {
    const doc = new Y.Doc();
    const listed = { id: room, people: [anna, bob] };
    expect(wishForPerson(doc, room, carl, true)).toBe(`room/${room}/people/${carl}`);
    expect(wishForPerson(doc, room, bob, false)).toBe(`room/${room}/people/${bob}`);
    expect(peopleAsWished(listed, wishes(readInbox(doc).asks))).toEqual([anna, carl].sort());
    const other = { id: id('garden'), people: [anna] };
    expect(peopleAsWished(other, wishes(readInbox(doc).asks))).toBe(other.people);
    for (const wish of wishes(readInbox(doc).asks)) settleWish(doc, wish, { ok: 1 });
    expect(readInbox(doc).asks).toEqual([]);
    expect([doc.getMap('ask').size, doc.getMap('asked').size]).toEqual([0, 0]);
  });

  test('[X22] a later wish about the same person takes the place of the earlier one, and its answer is not theirs', () => {
    const doc = new Y.Doc();
    wishForPerson(doc, room, bob, true);
    const first = only(doc);
    wishForPerson(doc, room, bob, false);
    settleWish(doc, first, { ok: 1 });
    settleWish(doc, first, { no: 'not-found' });
    expect(readInbox(doc)).toMatchObject({ asks: [{ user: bob, inside: false }], refusedAsks: [] });
    settleWish(doc, only(doc), { no: 'not-allowed' });
    expect(readInbox(doc)).toMatchObject({
      asks: [],
      refusedAsks: [{ user: bob, inside: false, reason: 'not-allowed' }],
    });
    wishForPerson(doc, room, bob, true);
    expect(readInbox(doc)).toMatchObject({ asks: [{ user: bob, inside: true }], refusedAsks: [] });
    forgetAsk(doc, only(doc).key);
    expect(readInbox(doc)).toMatchObject({ asks: [], refusedAsks: [] });
  });

  test('[X22] goes with the room, and stands beside what else is wished of it', () => {
    const doc = new Y.Doc();
    askRoom(doc, id('board'), 'Kitchen', room, { private: true });
    wishForPerson(doc, room, bob, true);
    wishForRoom(doc, room, { field: 'name', value: 'Galley' });
    expect(
      readInbox(doc)
        .asks.map(({ kind }) => kind)
        .sort(),
    ).toEqual(['person', 'room', 'wish']);
    forgetRoom(doc, room);
    expect(readInbox(doc).asks).toEqual([]);
  });

  test('[X7] exactly these keys and values', () => {
    const n = id('nonce');
    const key = `room/${room}/people/${bob}`;
    for (const value of [true, false]) expect(parseInboxWrite('ask', key, { n, value })).not.toBeNull();
    expect(parseInboxWrite('ask', key, undefined)).toMatchObject({ ask: null });
    const bad: [string, unknown][] = [
      [key, { n }],
      [key, { n, value: 1 }],
      [key, { value: true }],
      [key, { n: 'short', value: true }],
      [key, { n, value: true, role: 'owner' }],
      [key, true],
      [`room/${room}/people`, { n, value: true }],
      [`room/${room}/people/bob`, { n, value: true }],
      [`room/${room}/people/${bob}/x`, { n, value: true }],
      [`room/${room}/owners/${bob}`, { n, value: true }],
      [`board/${room}/people/${bob}`, { n, value: true }],
      [`room/${room}/people/__proto__`, { n, value: true }],
    ];
    for (const [where, value] of bad)
      expect(parseInboxWrite('ask', where, value), `${where} ${JSON.stringify(value)}`).toBeNull();
  });

  test.each([1, 2, 3, 4])('[X22] wishes of devices apart all stand, the last of each person (seed %i)', (seed) => {
    const random = seeded(seed);
    const net = new Replicas(3, random);
    const wanted = new Map<string, Set<boolean>>();
    for (let i = 0; i < 60; i++) {
      const doc = pick(random, net.docs);
      const user = pick(random, [anna, bob, carl]);
      const inside = random() < 0.5;
      wishForPerson(doc, room, user, inside);
      wanted.set(user, (wanted.get(user) ?? new Set()).add(inside));
      if (random() < 0.3) net.deliver(random());
    }
    net.deliverAll();
    const [first, ...others] = net.docs.map((doc) => wishes(readInbox(doc).asks));
    for (const other of others) expect(other).toEqual(first);
    expect(first?.map(({ user }) => user).sort()).toEqual([...wanted.keys()].sort());
    for (const wish of first ?? []) expect(wanted.get(wish.user)?.has(wish.inside)).toBe(true);
  });
});
