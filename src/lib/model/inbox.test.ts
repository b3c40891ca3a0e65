import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { askBoard, askRoom } from './asks.ts';
import {
  answerAsk,
  forgetAsk,
  parseAskKey,
  parseInboxWrite,
  parseNotification,
  pushNotification,
  readDraft,
  readInbox,
  readMarks,
  readPref,
  removeBoard,
  saveDraft,
  setBoard,
  setPref,
  withdrawNotification,
  type Notification,
} from './inbox.ts';
import { markAllRead, markNotificationRead, markRead } from './inbox-acts.ts';
import { DONE, MARKS } from './inbox-fields.ts';
import { INBOX_ENTRIES, MESSAGE_TEXT } from './limits.ts';
import type { ConversationRef } from './names.ts';
import { Replicas, canonical, id, pick, seeded } from './testing.ts';

const [anna, home] = [id('anna'), id('home')];
const room: ConversationRef = `room/${id('room')}`;
const thread: ConversationRef = `task/${id('task')}`;

function mention(n: number, over: Partial<Notification> = {}): Notification {
  return {
    id: n,
    kind: 'mention',
    conversation: room,
    board: home,
    volume: 1,
    seq: n,
    slot: `${anna}/${id(`m${n}x`)}`,
    by: anna,
    at: 1_000 + n,
    excerpt: `hello ${n}`,
    ...over,
  };
}

function inbox(...ids: number[]): Y.Doc {
  const doc = new Y.Doc();
  for (const n of ids) pushNotification(doc, mention(n));
  return doc;
}

const marksOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`room/${id(`r${i}x`)}`, 1]));

const unreadOf = (doc: Y.Doc) =>
  readInbox(doc)
    .notifications.filter(({ unread }) => unread)
    .map((one) => one.id);

describe('notifications', () => {
  test('[X1] newest first, each once', () => {
    const doc = inbox(1, 2, 3, 2, 3);
    expect(readInbox(doc).notifications).toEqual(
      [3, 2, 1].map((n) => ({ ...mention(n), unread: true, place: { kind: 'inbox' } })),
    );
    expect(readInbox(doc).unread).toBe(3);
  });

  test('[X1] the order is that of the ids, also when a revived one comes late', () => {
    expect(readInbox(inbox(5, 9, 7)).notifications.map((one) => one.id)).toEqual([9, 7, 5]);
  });

  test('[X1] 200 are kept', () => {
    const doc = inbox(...Array.from({ length: 450 }, (_, i) => i + 1));
    const { notifications } = readInbox(doc);
    expect(notifications).toHaveLength(INBOX_ENTRIES);
    expect(notifications.at(-1)?.id).toBe(251);
  });

  test('[X1] one is withdrawn, once', () => {
    const doc = inbox(1, 2, 3);
    expect([withdrawNotification(doc, 2), withdrawNotification(doc, 2), withdrawNotification(doc, 9)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(readInbox(doc).notifications.map((one) => one.id)).toEqual([3, 1]);
  });

  test('[X9] 5,000 that came and went leave a small document', () => {
    const doc = new Y.Doc();
    for (let n = 1; n <= 5_000; n++) {
      pushNotification(doc, mention(n));
      if (n % 10 === 0) withdrawNotification(doc, n - 5);
    }
    expect(readInbox(doc).notifications.length).toBeGreaterThan(INBOX_ENTRIES - 20);
    // Two hundred of 250 bytes, and next to nothing for those that went.
    expect(Y.encodeStateAsUpdate(doc).length).toBeLessThan(200 * 250 + 5_000);
  });

  test('[X1][T1] the excerpt is cut and cleaned; anything else that is wrong is not written', () => {
    const doc = new Y.Doc();
    pushNotification(doc, mention(1, { excerpt: `a\0${'x'.repeat(500)}` }));
    expect(readInbox(doc).notifications[0]?.excerpt).toBe(`a${'x'.repeat(139)}`);
    expect(() => pushNotification(doc, mention(2, { slot: `${anna}/x` }))).toThrow(RangeError);
    expect(() => pushNotification(doc, mention(1.5))).toThrow(RangeError);
    expect(readInbox(doc).notifications).toHaveLength(1);
  });
});

describe('unread', () => {
  test('[X2] until the conversation is read that far', () => {
    const doc = inbox(1, 2, 3);
    pushNotification(doc, mention(4, { conversation: thread, seq: 1 }));
    markRead(doc, room, 2);
    expect(unreadOf(doc)).toEqual([4, 3]);
  });

  test('[X2] until it is marked by itself', () => {
    const doc = inbox(1, 2, 3);
    expect([markNotificationRead(doc, 2), markNotificationRead(doc, 2), markNotificationRead(doc, 9)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(unreadOf(doc)).toEqual([3, 1]);
  });

  test('[X2] a withdrawn one counts no more', () => {
    const doc = inbox(1, 2);
    withdrawNotification(doc, 2);
    expect(readInbox(doc).unread).toBe(1);
  });

  test('[X3] marks never go backwards', () => {
    const doc = inbox(1, 2, 3);
    expect([markRead(doc, room, 2), markRead(doc, room, 1), markRead(doc, room, 2)]).toEqual([true, false, false]);
    expect(readMarks(doc)(room)).toBe(2);
    expect(readMarks(doc)(thread)).toBe(0);
    expect(markRead(doc, room, -1)).toBe(false);
    expect(markRead(doc, 'room/x', 3)).toBe(false);
  });

  test('[X4] all that are here, and not those that come later', () => {
    const doc = inbox(1, 2, 3);
    markNotificationRead(doc, 1);
    expect(markAllRead(doc)).toBe(true);
    expect(markAllRead(doc)).toBe(false);
    expect(unreadOf(doc)).toEqual([]);
    expect([...doc.getMap('read').values()]).toEqual([{ all: 3 }]);
    pushNotification(doc, mention(4));
    expect(unreadOf(doc)).toEqual([4]);
    expect(markAllRead(new Y.Doc())).toBe(false);
  });

  test('[X2] two devices mark offline: both marks hold', () => {
    const net = new Replicas(2, seeded(1));
    const [phone, desk] = net.docs as [Y.Doc, Y.Doc];
    for (const n of [1, 2, 3, 4]) pushNotification(phone, mention(n, { conversation: n === 4 ? thread : room }));
    net.deliverAll();
    markRead(phone, room, 2);
    markNotificationRead(desk, 4);
    net.deliverAll();
    expect([unreadOf(phone), unreadOf(desk)]).toEqual([[3], [3]]);
  });
});

describe('marks of several devices', () => {
  test.each([
    [7, 3],
    [3, 7],
  ])('[X3] marked to %i and %i at once, the larger holds', (first, second) => {
    const [phone, desk] = [new Y.Doc(), new Y.Doc()];
    markRead(phone, room, first);
    markRead(desk, room, second);
    Y.applyUpdate(phone, Y.encodeStateAsUpdate(desk));
    Y.applyUpdate(desk, Y.encodeStateAsUpdate(phone));
    expect([readMarks(phone)(room), readMarks(desk)(room)]).toEqual([7, 7]);
  });

  test.each([1, 2, 3])('[X3] no copy ever sees a mark fall, and all end with the largest (seed %i)', (seed) => {
    const random = seeded(seed);
    const docs = [new Y.Doc(), new Y.Doc(), new Y.Doc(), new Y.Doc()];
    const rooms = Array.from({ length: 20 }, (_, i): ConversationRef => `room/${id(`r${i}x`)}`);
    const largest = new Map<string, number>();
    const marksOf = (doc: Y.Doc) => rooms.map(readMarks(doc));
    const sync = (from: Y.Doc, to: Y.Doc): void => {
      const before = marksOf(to);
      Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)));
      expect(marksOf(to).every((mark, i) => mark >= (before[i] ?? 0))).toBe(true);
    };
    for (let i = 0; i < 600; i++) {
      const doc = pick(random, docs);
      if (random() < 0.3) sync(doc, pick(random, docs));
      const at = pick(random, rooms);
      const seq = Math.floor(random() * i);
      if (markRead(doc, at, seq)) largest.set(at, Math.max(seq, largest.get(at) ?? 0));
    }
    for (const from of docs) for (const to of docs) sync(from, to);
    for (const from of docs) for (const to of docs) sync(from, to);
    for (const doc of docs) expect(marksOf(doc)).toEqual(rooms.map((at) => largest.get(at) ?? 0));
  });

  test('[X3] marks of before count, and go when they are outgrown', () => {
    const doc = new Y.Doc();
    doc.getMap('read').set(room, 5);
    doc.getMap('read').set('all', 2);
    expect([markRead(doc, room, 4), readMarks(doc)(room), markRead(doc, room, 6)]).toEqual([false, 5, true]);
    expect([...doc.getMap('read').values()]).toEqual([2, { [room]: 6 }]);
  });

  test('[X9] 200 openings, each reading ten of thirty rooms, leave a small document', () => {
    const doc = new Y.Doc();
    for (let n = 0; n < 2_000; n++) {
      if (n % 10 === 0) doc.clientID = 10_000 + n;
      markRead(doc, `room/${id(`r${(n * 7) % 30}x`)}`, n);
    }
    expect(doc.getMap('read').size).toBeLessThanOrEqual(30);
    expect(Y.encodeStateAsUpdate(doc).length).toBeLessThan(30_000);
  });
});

describe('asks', () => {
  test('[X5] a board asked for is there at once, pending, until the server made it', () => {
    const doc = new Y.Doc();
    expect(askBoard(doc, '  Garden ', id('garden'))).toBe(id('garden'));
    const pending = { id: id('garden'), title: 'Garden', role: 'owner', pending: true };
    expect(readInbox(doc).boards).toEqual([pending]);
    expect(readInbox(doc).asks).toEqual([
      { kind: 'board', key: `board/${id('garden')}`, id: id('garden'), title: 'Garden' },
    ]);
    setBoard(doc, { id: id('garden'), title: 'Garden', role: 'owner' });
    expect(readInbox(doc).boards).toEqual([{ ...pending, pending: false }]);
    answerAsk(doc, `board/${id('garden')}`, { ok: 1 });
    expect(readInbox(doc).asks).toEqual([]);
    removeBoard(doc, id('garden'));
    expect(readInbox(doc).boards).toEqual([]);
  });

  test('[X5] a room asked for is pending, then answered', () => {
    const doc = new Y.Doc();
    askRoom(doc, home, 'Roses', id('roses'));
    const ask = {
      kind: 'room',
      key: `room/${id('roses')}`,
      id: id('roses'),
      board: home,
      name: 'Roses',
      private: false,
    };
    expect(readInbox(doc).asks).toEqual([ask]);
    answerAsk(doc, `room/${id('roses')}`, { no: 'taken-name' });
    expect(readInbox(doc)).toMatchObject({ asks: [], refusedAsks: [{ ...ask, reason: 'taken-name' }] });
    answerAsk(doc, `room/${id('roses')}`, { ok: 1 });
    expect(readInbox(doc).refusedAsks).toHaveLength(1);
    forgetAsk(doc, `room/${id('roses')}`);
    forgetAsk(doc, `room/${id('roses')}`);
    expect(readInbox(doc).refusedAsks).toEqual([]);
  });

  test('[X5] what says nothing is not asked', () => {
    const doc = new Y.Doc();
    expect([askBoard(doc, ' '), askRoom(doc, home, '\n'), askRoom(doc, 'nowhere', 'Roses')]).toEqual([
      null,
      null,
      null,
    ]);
    expect(() => answerAsk(doc, `board/${home}`, { no: 'Because!' })).toThrow(RangeError);
    expect(() => answerAsk(doc, 'board/x', { ok: 1 })).toThrow(RangeError);
    expect(readInbox(doc)).toEqual({
      boards: [],
      notifications: [],
      unread: 0,
      wakesAt: null,
      asks: [],
      refusedAsks: [],
    });
  });

  test('[X1] boards stand by title, and the server writes only news', () => {
    const doc = new Y.Doc();
    setBoard(doc, { id: id('b'), title: 'B', role: 'viewer' });
    setBoard(doc, { id: id('a'), title: 'A', role: 'owner' });
    const before = Y.encodeStateVector(doc);
    setBoard(doc, { id: id('a'), title: 'A', role: 'owner' });
    removeBoard(doc, id('z'));
    expect(Y.encodeStateVector(doc)).toEqual(before);
    expect(readInbox(doc).boards.map(({ title }) => title)).toEqual(['A', 'B']);
  });
});

describe('drafts and preferences', () => {
  test('[X6] a draft is kept, replaced and forgotten', () => {
    const doc = new Y.Doc();
    saveDraft(doc, room, 'hel');
    saveDraft(doc, room, 'hello ');
    expect([readDraft(doc, room), readDraft(doc, thread)]).toEqual(['hello ', '']);
    saveDraft(doc, room, ' \n');
    saveDraft(doc, room, '');
    expect(readDraft(doc, room)).toBe('');
    expect(doc.getMap('drafts').size).toBe(0);
    expect(() => saveDraft(doc, 'room/x', 'hi')).toThrow(RangeError);
  });

  test('[X6][T3] a long draft is cut, a character kept whole, what cannot be stored left out', () => {
    const doc = new Y.Doc();
    saveDraft(doc, room, `${'x'.repeat(MESSAGE_TEXT - 1)}👋`);
    expect(readDraft(doc, room)).toBe('x'.repeat(MESSAGE_TEXT - 1));
    saveDraft(doc, room, 'a\0b');
    expect(readDraft(doc, room)).toBe('ab');
  });

  test('[X7] preferences', () => {
    const doc = new Y.Doc();
    setPref(doc, 'theme', 'dark');
    setPref(doc, 'typing.shown', false);
    expect([readPref(doc, 'theme'), readPref(doc, 'typing.shown'), readPref(doc, 'none')]).toEqual([
      'dark',
      false,
      undefined,
    ]);
    expect(() => setPref(doc, '__proto__', 1)).toThrow(RangeError);
    expect(() => setPref(doc, 'theme', NaN)).toThrow(RangeError);
  });
});

describe('the grammar', () => {
  test.each([
    ['read', room, 0],
    ['read', thread, 12],
    ['read', room, undefined],
    ['read', 'all', 7],
    ['read', 'n/7', 1],
    ['read', 'n/7', undefined],
    ['read', 'w/1hr1h0p/0', { [room]: 3, all: 4 }],
    ['read', 'w/1hr1h0p/0', undefined],
    ['read', 'w/1hr1h0p/9999', marksOf(MARKS)],
    ['read', 'w/1hr1h0p/0', { 'n/7': 1, 'r/7': [1, 0], 'r/8': [9, 1], 'p/7': [2, DONE], 'p/8': [1, 8.64e15], all: 3 }],
    ['drafts', room, 'hi'],
    ['drafts', room, undefined],
    ['prefs', 'theme', 'dark'],
    ['prefs', 'size', 1.5],
    ['prefs', 'sound', true],
    ['prefs', 'sound', undefined],
    ['ask', `board/${home}`, { title: 'Home' }],
    ['ask', `room/${id('r')}`, { board: home, name: 'Roses' }],
    ['ask', `room/${id('r')}`, undefined],
  ])('[X7] %s %s may be %j', (root, key, value) => {
    expect(parseInboxWrite(root, key, value)).not.toBeNull();
  });

  test.each([
    ['n', '0', mention(1)],
    ['boards', home, { title: 'x', role: 'owner' }],
    ['asked', `board/${home}`, { ok: 1 }],
    ['__proto__', 'x', 1],
    ['', '', 1],
    ['read', 'room/x', 1],
    ['read', `room/${id('r')}/1`, 1],
    ['read', `board/${home}`, 1],
    ['read', room, -1],
    ['read', room, 1.5],
    ['read', room, '1'],
    ['read', 'all', 'x'],
    ['read', 'n/0', 1],
    ['read', 'n/07', 1],
    ['read', 'n/x', 1],
    ['read', 'n/7', 2],
    ['read', 'w/1hr1h0p/00', { [room]: 3 }],
    ['read', 'w/1hr1h0p/0', {}],
    ['read', 'w/1hr1h0p/0', { [room]: -1 }],
    ['read', 'w/1hr1h0p/0', { 'room/x': 1 }],
    ['read', 'w/1hr1h0p/0', marksOf(MARKS + 1)],
    ['read', 'w/zzzzzzzzzzz/0', { [room]: 3 }],
    ['read', 'w/1hr1h0p/0', { 'n/7': 2 }],
    ['read', 'w/1hr1h0p/0', { 'n/0': 1 }],
    ['read', 'w/1hr1h0p/0', { 'r/7': 1 }],
    ['read', 'w/1hr1h0p/0', { 'r/7': [0, 1] }],
    ['read', 'w/1hr1h0p/0', { 'r/7': [1, 2] }],
    ['read', 'w/1hr1h0p/0', { 'r/7': [1, 1, 1] }],
    ['read', 'w/1hr1h0p/0', { 'r/7': [1.5, 1] }],
    ['read', 'w/1hr1h0p/0', { 'r/7': [2 ** 53, 1] }],
    ['read', 'w/1hr1h0p/0', { 'p/7': [1, -1] }],
    ['read', 'w/1hr1h0p/0', { 'p/7': [1, 8.64e15 + 1] }],
    ['read', 'w/1hr1h0p/0', { 'p/7': { 0: 1, 1: 1, length: 2 } }],
    ['read', 'w/1hr1h0p/0', { [room]: [1, 1] }],
    ['read', 'w/1hr1h0p/0', JSON.parse('{"__proto__": 1}')],
    ['read', '__proto__', 1],
    ['drafts', room, ''],
    ['drafts', room, 'x'.repeat(MESSAGE_TEXT + 1)],
    ['drafts', room, 'a\0b'],
    ['drafts', room, 7],
    ['drafts', 'x', 'hi'],
    ['prefs', 'Theme', 'dark'],
    ['prefs', '__proto__', 'dark'],
    ['prefs', 'x'.repeat(33), 1],
    ['prefs', 'theme', 'x'.repeat(201)],
    ['prefs', 'theme', {}],
    ['prefs', 'theme', null],
    ['prefs', 'theme', Infinity],
    ['ask', home, { title: 'Home' }],
    ['ask', `task/${home}`, { title: 'Home' }],
    ['ask', `board/${home}`, {}],
    ['ask', `board/${home}`, { title: '' }],
    ['ask', `board/${home}`, { title: 'a\nb' }],
    ['ask', `board/${home}`, { title: 'x'.repeat(201) }],
    ['ask', `board/${home}`, { title: 'Home', role: 'owner' }],
    ['ask', `board/${home}`, 'Home'],
    ['ask', `board/${home}`, JSON.parse('{"title": "Home", "__proto__": {}}')],
    ['ask', `room/${home}`, { name: 'Roses' }],
    ['ask', `room/${home}`, { board: 'x', name: 'Roses' }],
    ['ask', `room/${home}`, { board: home, name: 'Roses', private: true }],
  ])('[X7] %s %s may not be %j', (root, key, value) => {
    expect(parseInboxWrite(root, key, value)).toBeNull();
  });

  test('[X7] what is read is what was meant', () => {
    expect(parseInboxWrite('read', room, 3)).toEqual({ root: 'read', key: room, value: 3 });
    expect(parseInboxWrite('drafts', room, undefined)).toEqual({ root: 'drafts', conversation: room, value: null });
    const key = `board/${home}`;
    expect(parseInboxWrite('ask', key, { title: 'Home' })).toEqual({
      root: 'ask',
      key,
      ask: { kind: 'board', key, id: home, title: 'Home' },
    });
    expect(parseInboxWrite('ask', key, undefined)).toEqual({ root: 'ask', key, ask: null });
    expect(parseAskKey(key)).toEqual({ key, kind: 'board', id: home });
    expect(parseAskKey(`${key}/1`)).toBeNull();
  });

  test('[X7] every mutator of the owner writes what the grammar allows', () => {
    const doc = inbox(1, 2);
    markRead(doc, room, 1);
    markNotificationRead(doc, 2);
    saveDraft(doc, room, 'hi');
    setPref(doc, 'theme', 'dark');
    askBoard(doc, 'Home');
    askRoom(doc, home, 'Roses');
    for (const root of ['read', 'drafts', 'prefs', 'ask']) {
      const entries = [...doc.getMap(root).entries()];
      expect(entries.length).toBeGreaterThan(0);
      for (const [key, value] of entries) expect(parseInboxWrite(root, key, value)).not.toBeNull();
    }
  });

  test.each([
    [null],
    [1],
    [[]],
    [{}],
    [{ ...mention(1), kind: 'poke' }],
    [{ ...mention(1), id: '1' }],
    [{ ...mention(1), conversation: 'room/x' }],
    [{ ...mention(1), board: 1 }],
    [{ ...mention(1), volume: -1 }],
    [{ ...mention(1), seq: null }],
    [{ ...mention(1), slot: anna }],
    [{ ...mention(1), by: 'Anna' }],
    [{ ...mention(1), at: NaN }],
    [{ ...mention(1), excerpt: 'x'.repeat(141) }],
    [Object.create(mention(1))],
  ])('[X8] %j is no notification', (value) => {
    expect(parseNotification(value)).toBeNull();
  });

  test('[X8] a document full of odd things shows what is right', () => {
    const doc = inbox(1);
    const odd: unknown[] = [
      null,
      1,
      'x',
      [],
      {},
      JSON.parse('{"__proto__": {"title": "x", "role": "owner"}}'),
      new Uint8Array(2),
    ];
    doc.getArray('n').insert(0, odd);
    doc.getArray('n').insert(0, [new Y.Map([['id', 5]]), { ...mention(2), kind: 'later' }]);
    odd.forEach((value, i) => {
      for (const root of ['boards', 'asked', 'read', 'drafts', 'prefs', 'ask']) {
        for (const key of [
          '__proto__',
          'all',
          'n/1',
          room,
          id(`odd${i}x`),
          `board/${id(`odd${i}x`)}`,
          `room/${id('r')}`,
        ]) {
          doc.getMap(root).set(key, value);
        }
      }
    });
    const { boards, notifications, asks, refusedAsks } = readInbox(doc);
    expect([boards, asks, refusedAsks]).toEqual([[], [], []]);
    expect(notifications.map((one) => one.id)).toEqual([1]);
    expect([readDraft(doc, thread), readMarks(doc)(room), readPref(doc, 'none')]).toEqual(['', 0, undefined]);
  });
});

describe('convergence', () => {
  test.each([1, 2])('[X1][X2] a server and three devices, any order of delivery (seed %i)', (seed) => {
    const random = seeded(seed);
    const net = new Replicas(4, random);
    const [server, ...devices] = net.docs as [Y.Doc, Y.Doc, Y.Doc, Y.Doc];
    const withdrawn = new Set<number>();
    let newest = 0;
    for (let i = 0; i < 1_500; i++) {
      const device = pick(random, devices);
      const act = random();
      if (act < 0.4) pushNotification(server, mention(++newest, { conversation: pick(random, [room, thread]) }));
      else if (act < 0.45 && newest > 0) {
        const one = 1 + Math.floor(random() * newest);
        if (withdrawNotification(server, one)) withdrawn.add(one);
      } else if (act < 0.55) markRead(device, pick(random, [room, thread]), Math.floor(random() * newest));
      else if (act < 0.65 && newest > 0) markNotificationRead(device, 1 + Math.floor(random() * newest));
      else if (act < 0.67) markAllRead(device);
      else if (act < 0.75) saveDraft(device, pick(random, [room, thread]), random() < 0.3 ? '' : `draft ${i}`);
      else net.deliver(random() < 0.5 ? 1 : random());
    }
    net.deliverAll();
    expect(new Set(net.docs.map((doc) => canonical(readInbox(doc)))).size).toBe(1);
    const kept = readInbox(server).notifications.map((one) => one.id);
    expect(new Set(kept).size).toBe(kept.length);
    expect(kept.length).toBeLessThanOrEqual(INBOX_ENTRIES);
    expect(kept.some((one) => withdrawn.has(one))).toBe(false);
    expect(kept[0]).toBe(Math.max(...Array.from({ length: newest }, (_, i) => i + 1).filter((n) => !withdrawn.has(n))));
  });
});
