import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { pushNotification, readInbox, withdrawNotification, type Item, type Place } from './inbox.ts';
import {
  markAllRead,
  markNotificationRead,
  markNotifications,
  markRead,
  markSeen,
  placeNotifications,
} from './inbox-acts.ts';
import type { ConversationRef } from './names.ts';
import { Replicas, canonical, id, pick, seeded, contentOf } from './testing.ts';

const room: ConversationRef = `room/${id('room')}`;
const thread: ConversationRef = `task/${id('task')}`;
const NOW = 1_000_000;
const DONE_WITH: Place = { kind: 'done' };
const INBOX: Place = { kind: 'inbox' };
const later = (ms: number): Place => ({ kind: 'snoozed', until: NOW + ms });

function tell(doc: Y.Doc, n: number, conversation: ConversationRef = room): void {
  const anna = id('anna');
  const what = { conversation, board: id('home'), volume: 1, seq: n, slot: `${anna}/${id(`m${n}x`)}` as const };
  pushNotification(doc, { id: n, kind: 'mention', ...what, by: anna, at: 1_000 + n, excerpt: `hello ${n}` });
}

function inbox(...ids: number[]): Y.Doc {
  const doc = new Y.Doc();
  for (const n of ids) tell(doc, n);
  return doc;
}

function meet(...docs: Y.Doc[]): void {
  for (let round = 0; round < 2; round++) {
    for (const from of docs) for (const to of docs) Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
  }
}

function item(doc: Y.Doc, n: number, now = NOW): Item {
  const found = readInbox(doc, now).notifications.find((one) => one.id === n);
  if (found === undefined) throw new Error(`no ${n}`);
  return found;
}

const unread = (doc: Y.Doc, now = NOW) =>
  readInbox(doc, now)
    .notifications.filter((one) => one.unread)
    .map((one) => one.id);

describe('read and unread', () => {
  test('[X10] what was read is marked unread, and read again', () => {
    const doc = inbox(1, 2);
    markRead(doc, room, 2, NOW);
    expect([markNotifications(doc, [1], 'unread', NOW), markNotifications(doc, [1], 'unread', NOW)]).toEqual([
      true,
      false,
    ]);
    expect(unread(doc)).toEqual([1]);
    expect([markNotificationRead(doc, 1, NOW), unread(doc)]).toEqual([true, []]);
  });

  test('[X12] reading the conversation again reads what was marked unread, up to there', () => {
    const doc = inbox(1, 2, 3);
    markRead(doc, room, 3, NOW);
    markNotifications(doc, [1, 3], 'unread', NOW);
    expect(markRead(doc, room, 2, NOW)).toBe(true);
    expect(unread(doc)).toEqual([3]);
    expect(markRead(doc, thread, 3, NOW)).toBe(true);
    expect(unread(doc)).toEqual([3]);
    expect([markAllRead(doc, NOW), unread(doc), markAllRead(doc, NOW)]).toEqual([true, [], false]);
  });

  test('[X15] what an edit told of a message that was read is unread until the message itself is seen', () => {
    const doc = inbox(1, 2, 3);
    markRead(doc, room, 3, NOW);
    const { unread: _unread, place: _place, ...first } = item(doc, 1);
    pushNotification(doc, { ...first, id: 4, seq: 2, late: 1 });
    expect(unread(doc)).toEqual([4]);
    expect([markRead(doc, room, 3, NOW), markRead(doc, room, 9, NOW), unread(doc)]).toEqual([false, true, [4]]);
    expect([markSeen(doc, room, { from: 3, to: 9 }, NOW), unread(doc)]).toEqual([false, [4]]);
    expect([markSeen(doc, thread, { from: 1, to: 9 }, NOW), unread(doc)]).toEqual([false, [4]]);
    expect([markSeen(doc, room, { from: 1, to: 2 }, NOW), unread(doc)]).toEqual([true, []]);
  });

  test('[X10] unread on one device and read further on another, apart: it stays unread', () => {
    const [phone, desk] = [inbox(1, 2), new Y.Doc()];
    meet(phone, desk);
    markNotificationRead(phone, 1, NOW);
    meet(phone, desk);
    markNotifications(phone, [1], 'unread', NOW);
    markRead(desk, room, 2, NOW);
    meet(phone, desk);
    expect([unread(phone), unread(desk)]).toEqual([[1], [1]]);
    markRead(desk, room, 2, NOW);
    meet(phone, desk);
    expect([unread(phone), unread(desk)]).toEqual([[], []]);
  });
});

describe('done and snoozed', () => {
  test('[X11] what is done is out of the inbox and not unread', () => {
    const doc = inbox(1, 2);
    expect([placeNotifications(doc, [1, 9], DONE_WITH, NOW), placeNotifications(doc, [1], DONE_WITH, NOW)]).toEqual([
      true,
      false,
    ]);
    expect(item(doc, 1)).toMatchObject({ place: DONE_WITH, unread: false });
    expect(readInbox(doc, NOW).unread).toBe(1);
    expect(markNotifications(doc, [1], 'unread', NOW)).toBe(false);
  });

  test('[X13] undone, it is as it was: unread if it was, read if it was', () => {
    const doc = inbox(1, 2);
    markNotificationRead(doc, 1, NOW);
    placeNotifications(doc, [1, 2], DONE_WITH, NOW);
    expect(unread(doc)).toEqual([]);
    placeNotifications(doc, [1, 2], INBOX, NOW);
    expect(unread(doc)).toEqual([2]);
    expect(item(doc, 1).place).toEqual(INBOX);
  });

  test('[X11] a snooze ends at its moment, and what comes back is unread though it had been read', () => {
    const doc = inbox(1, 2);
    markRead(doc, room, 2, NOW);
    placeNotifications(doc, [1], later(60), NOW);
    expect(item(doc, 1, NOW + 59)).toMatchObject({ place: later(60), unread: false });
    expect(readInbox(doc, NOW).wakesAt).toBe(NOW + 60);
    expect(item(doc, 1, NOW + 60)).toMatchObject({ place: INBOX, unread: true });
    expect(readInbox(doc, NOW + 60)).toMatchObject({ unread: 1, wakesAt: null });
    // Read once more, it stays read; snoozed again, it comes back again.
    expect(markRead(doc, room, 2, NOW + 61)).toBe(true);
    expect(unread(doc, NOW + 61)).toEqual([]);
    placeNotifications(doc, [1], { kind: 'snoozed', until: NOW + 90 }, NOW + 62);
    expect([unread(doc, NOW + 89), unread(doc, NOW + 90)]).toEqual([[], [1]]);
  });

  test('[X11] a snooze into the past is none, and one for ever is none', () => {
    const doc = inbox(1);
    expect(placeNotifications(doc, [1], { kind: 'snoozed', until: NOW }, NOW)).toBe(false);
    expect(placeNotifications(doc, [1], { kind: 'snoozed', until: NaN }, NOW)).toBe(false);
    expect(placeNotifications(doc, [1], { kind: 'snoozed', until: 8.65e15 }, NOW)).toBe(false);
    expect(placeNotifications(doc, [1], { kind: 'snoozed', until: 1.5 + NOW }, NOW)).toBe(false);
    expect(item(doc, 1).place).toEqual(INBOX);
  });

  test.each<[string, Place, Place, Place]>([
    ['done and snoozed', DONE_WITH, later(9), later(9)],
    ['two snoozes', later(9), later(5), later(5)],
    ['the same', DONE_WITH, DONE_WITH, DONE_WITH],
  ])('[X10] at once on two devices: %s', (_what, one, other, holds) => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const [phone, desk] = [inbox(1), new Y.Doc()];
      meet(phone, desk);
      placeNotifications(phone, [1], first, NOW);
      placeNotifications(desk, [1], second, NOW);
      meet(phone, desk);
      expect([item(phone, 1).place, item(desk, 1).place]).toEqual([holds, holds]);
      // Who knows of both has the last word.
      placeNotifications(desk, [1], INBOX, NOW);
      meet(phone, desk);
      expect(item(phone, 1).place).toEqual(INBOX);
    }
  });

  test('[X10] done on one device and marked unread on the other: done, and unread when it comes back', () => {
    const [phone, desk] = [inbox(1), new Y.Doc()];
    markRead(phone, room, 1, NOW);
    meet(phone, desk);
    placeNotifications(phone, [1], DONE_WITH, NOW);
    markNotifications(desk, [1], 'unread', NOW);
    meet(phone, desk);
    expect(item(desk, 1)).toMatchObject({ place: DONE_WITH, unread: false });
    placeNotifications(desk, [1], INBOX, NOW);
    meet(phone, desk);
    expect([unread(phone), unread(desk)]).toEqual([[1], [1]]);
  });
});

describe('convergence', () => {
  test.each([1, 2, 3, 4])('[X10][X3] a server and three devices, any order of delivery (seed %i)', (seed) => {
    const random = seeded(seed);
    const net = new Replicas(4, random);
    const [server, ...devices] = net.docs as [Y.Doc, Y.Doc, Y.Doc, Y.Doc];
    let newest = 0;
    for (let i = 0; i < 1_500; i++) {
      const device = pick(random, devices);
      const one = 1 + Math.floor(random() * Math.max(1, newest));
      const act = random();
      if (act < 0.2) tell(server, ++newest, pick(random, [room, thread]));
      else if (act < 0.22) withdrawNotification(server, one);
      else if (act < 0.3) markRead(device, pick(random, [room, thread]), one, NOW);
      else if (act < 0.4) markNotifications(device, [one, one + 1], pick(random, ['read', 'unread'] as const), NOW);
      else if (act < 0.42) markAllRead(device, NOW);
      else if (act < 0.6) {
        const place = pick(random, [INBOX, DONE_WITH, DONE_WITH, later(1 + Math.floor(random() * 100))]);
        placeNotifications(device, [one, one + 2], place, NOW);
      } else net.deliver(random() < 0.5 ? 1 : random());
    }
    net.deliverAll();
    for (const now of [NOW, NOW + 50, NOW + 200]) {
      expect(new Set(net.docs.map((doc) => canonical(readInbox(doc, now)))).size).toBe(1);
    }
    expect(new Set(net.docs.map((doc) => contentOf(doc, 'read'))).size).toBe(1);
    // Nothing of those that have gone stays, once somebody writes.
    const last = readInbox(server, NOW).notifications[0]?.id ?? 0;
    const phone = pick(random, devices);
    markNotifications(phone, [last], item(phone, last).unread ? 'read' : 'unread', NOW);
    expect([item(phone, last).id, readInbox(phone, NOW + 200).wakesAt]).toEqual([last, null]);
  });

  test.each([1, 2])(
    '[X10] devices that meet after each act: the last act on each notification holds (seed %i)',
    (seed) => {
      const random = seeded(seed);
      const docs = [inbox(1, 2, 3, 4), new Y.Doc(), new Y.Doc()];
      meet(...docs);
      const places = new Map<number, Place>();
      const read = new Map<number, boolean>();
      for (let i = 0; i < 200; i++) {
        const doc = pick(random, docs);
        const n = 1 + Math.floor(random() * 4);
        const place = places.get(n) ?? INBOX;
        if (random() < 0.5) {
          const next = pick(random, [INBOX, DONE_WITH, later(10), later(20)]);
          placeNotifications(doc, [n], next, NOW);
          places.set(n, next);
        } else if (place.kind === 'inbox') {
          const as = pick(random, ['read', 'unread'] as const);
          markNotifications(doc, [n], as, NOW);
          read.set(n, as === 'read');
        }
        meet(...docs);
        for (const copy of docs) {
          for (const one of [1, 2, 3, 4]) {
            const at = places.get(one) ?? INBOX;
            expect(item(copy, one).place).toEqual(at);
            expect(item(copy, one).unread).toBe(at.kind === 'inbox' && read.get(one) !== true);
          }
        }
      }
    },
  );
});

describe('the size', () => {
  /** What somebody does who has the inbox open once. */
  function use(doc: Y.Doc, opening: number): void {
    const rooms = (n: number): ConversationRef => `room/${id(`r${(opening * 25 + n) % 120}x`)}`;
    tell(doc, opening, rooms(0));
    markNotificationRead(doc, opening, NOW);
    markNotifications(doc, [opening - 1], 'unread', NOW);
    placeNotifications(doc, [opening - 2], DONE_WITH, NOW);
    for (let n = 3; n < 25; n++) markRead(doc, rooms(n), opening * 25 + n, NOW);
  }

  test('[X9] 600 openings with 25 marks each leave one key for each opening, and from the 300th on 60 bytes', () => {
    let doc = new Y.Doc();
    const sizes: number[] = [];
    for (let opening = 1; opening <= 600; opening++) {
      doc.clientID = 7 * 2 ** 32 + opening;
      doc.transact(() => use(doc, opening));
      if (opening % 150 !== 0) continue;
      // As the server's compaction does.
      const stored = Y.encodeStateAsUpdate(doc);
      sizes.push(stored.length);
      doc = new Y.Doc();
      Y.applyUpdate(doc, stored);
    }
    const read = doc.getMap('read');
    // Keys that ever were, which is what the quota counts.
    expect(read._map.size).toBeLessThanOrEqual(630);
    // By then what is listed and marked has its full size, and only what every opening leaves is added.
    expect(read.size).toBeLessThanOrEqual(250);
    const [, at300 = 0, , at600 = 0] = sizes;
    expect(at600 - at300).toBeLessThan(300 * 60);
    expect(at600).toBeLessThan(220_000);
    expect(readInbox(doc, NOW).notifications.filter((one) => one.place.kind === 'done')).toHaveLength(198);
  });
});
