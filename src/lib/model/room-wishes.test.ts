import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { answerAsk, forgetAsk, parseInboxWrite, readInbox, settleWish, type Ask } from './inbox.ts';
import { asWished, type RoomChange, type RoomWish } from './room-wishes.ts';
import { wishForRoom } from './wish-for-room.ts';
import { id, pick, Replicas, seeded } from './testing.ts';

const room = id('kitchen');
const listed = { id: room, name: 'Kitchen', by: id('anna'), at: 1, description: 'Where we cook', archived: null };
const wishes = (asks: readonly Ask[]): RoomWish[] => asks.filter((ask) => ask.kind === 'wish');

describe('what is wished of a room', () => {
  test('[X14] is shown at once, field by field, until it is answered', () => {
    const doc = new Y.Doc();
    expect(wishForRoom(doc, room, { field: 'name', value: '  Galley ' })).toBe(true);
    expect(wishForRoom(doc, room, { field: 'archived', value: true })).toBe(true);
    const shown = asWished(listed, wishes(readInbox(doc).asks));
    expect(shown).toMatchObject({ name: 'Galley', description: 'Where we cook' });
    expect(shown.archived).toBeTypeOf('number');
    expect(asWished({ ...listed, id: id('garden') }, wishes(readInbox(doc).asks)).name).toBe('Kitchen');
    for (const wish of wishes(readInbox(doc).asks)) settleWish(doc, wish, { ok: 1 });
    expect(readInbox(doc).asks).toEqual([]);
    // Nothing of it stays: it holds words.
    expect([doc.getMap('ask').size, doc.getMap('asked').size]).toEqual([0, 0]);
    expect(asWished(listed, [])).toBe(listed);
  });

  test('[X14] brought back, and described with nothing', () => {
    const doc = new Y.Doc();
    wishForRoom(doc, room, { field: 'archived', value: false });
    wishForRoom(doc, room, { field: 'description', value: ' ' });
    expect(asWished({ ...listed, archived: 5 }, wishes(readInbox(doc).asks))).toMatchObject({
      archived: null,
      description: '',
    });
  });

  test('[X14] a refused one is kept with its reason; a new one of that field is pending again', () => {
    const doc = new Y.Doc();
    wishForRoom(doc, room, { field: 'name', value: 'Garden' });
    const [first] = wishes(readInbox(doc).asks);
    if (first === undefined) throw new Error('no wish');
    answerAsk(doc, first.key, { no: 'taken-name', n: first.n });
    expect(readInbox(doc)).toMatchObject({ asks: [], refusedAsks: [{ value: 'Garden', reason: 'taken-name' }] });
    wishForRoom(doc, room, { field: 'name', value: 'Cellar' });
    expect(readInbox(doc)).toMatchObject({ asks: [{ value: 'Cellar' }], refusedAsks: [] });
    const [second] = wishes(readInbox(doc).asks);
    if (second === undefined) throw new Error('no wish');
    // What was the answer to the first is none to the second, and coming true does not take a newer one along.
    settleWish(doc, first, { ok: 1 });
    expect(readInbox(doc).asks).toHaveLength(1);
    answerAsk(doc, second.key, { no: 'not-allowed', n: second.n });
    expect(readInbox(doc).refusedAsks).toMatchObject([{ value: 'Cellar', reason: 'not-allowed' }]);
    forgetAsk(doc, second.key);
    expect(readInbox(doc).refusedAsks).toEqual([]);
  });

  test('[X14] what says nothing is not wished', () => {
    const doc = new Y.Doc();
    expect(wishForRoom(doc, room, { field: 'name', value: ' \n' })).toBe(false);
    expect(wishForRoom(doc, 'nowhere', { field: 'name', value: 'x' })).toBe(false);
    expect(doc.getMap('ask').size).toBe(0);
  });

  test('[X7] exactly these keys and values', () => {
    const n = id('nonce');
    const good: [string, unknown][] = [
      [`room/${room}/name`, { n, value: 'Galley' }],
      [`room/${room}/description`, { n, value: '' }],
      [`room/${room}/description`, { n, value: 'two\nlines' }],
      [`room/${room}/archived`, { n, value: false }],
    ];
    for (const [key, value] of good) expect(parseInboxWrite('ask', key, value), key).not.toBeNull();
    expect(parseInboxWrite('ask', `room/${room}/name`, undefined)).toMatchObject({ ask: null });
    const bad: [string, unknown][] = [
      [`room/${room}/name`, { n, value: '' }],
      [`room/${room}/name`, { n, value: 'x'.repeat(201) }],
      [`room/${room}/name`, { n, value: 'x', by: id('eve') }],
      [`room/${room}/name`, { value: 'x' }],
      [`room/${room}/name`, { n: '1', value: 'x' }],
      [`room/${room}/name`, 'x'],
      [`room/${room}/description`, { n, value: 'x'.repeat(501) }],
      [`room/${room}/description`, { n, value: 5 }],
      [`room/${room}/archived`, { n, value: 1 }],
      [`room/${room}/private`, { n, value: true }],
      [`room/${room}/__proto__`, { n, value: 'x' }],
      [`room/${room}/name/x`, { n, value: 'x' }],
      [`room/nowhere/name`, { n, value: 'x' }],
      [`board/${room}/name`, { n, value: 'x' }],
    ];
    for (const [key, value] of bad)
      expect(parseInboxWrite('ask', key, value), `${key} ${JSON.stringify(value)}`).toBeNull();
  });

  test.each([1, 2, 3, 4])('[X14] wishes of devices apart all come true, whatever comes first (seed %i)', (seed) => {
    const random = seeded(seed);
    const net = new Replicas(3, random);
    const last = new Map<string, Set<string | boolean>>();
    for (let i = 0; i < 60; i++) {
      const doc = pick(random, net.docs);
      const change: RoomChange =
        random() < 0.4
          ? { field: 'name', value: `Name ${i}` }
          : random() < 0.5
            ? { field: 'description', value: `Text ${i}` }
            : { field: 'archived', value: random() < 0.5 };
      wishForRoom(doc, room, change);
      const told = last.get(change.field) ?? new Set();
      last.set(change.field, told.add(change.value));
      if (random() < 0.3) net.deliver(random());
    }
    net.deliverAll();
    const [first, ...others] = net.docs.map((doc) => wishes(readInbox(doc).asks));
    for (const other of others) expect(other).toEqual(first);
    // One wish for each field that anybody wished for, and one that somebody made.
    expect(first?.map(({ field }) => field).sort()).toEqual([...last.keys()].sort());
    for (const wish of first ?? []) expect(last.get(wish.field)?.has(wish.value)).toBe(true);
  });
});
