import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { membersOf, quietIn } from './group-calls.ts';
import { pushNotification, readInbox, withdrawNotification } from './inbox.ts';
import { withGroups } from './mentions.ts';
import { id } from './testing.ts';

const [anna, bob, cleo] = [id('anna'), id('bob'), id('cleo')];
const readers = [anna, bob];
const entry = {
  conversation: `room/${id('room')}` as const,
  board: id('home'),
  volume: 1,
  seq: 1,
  by: anna,
  at: 1,
  excerpt: 'hi',
};

describe('whom a group means', () => {
  test.each([
    ['room', null, null, [anna, bob]],
    ['board', null, null, [anna, bob]],
    ['here', null, [bob, cleo], [bob]],
    ['here', null, null, [anna, bob]],
    ['room', [bob, cleo], null, [bob]],
    ['room', [], null, []],
    ['board', [bob], null, [anna, bob]],
    ['here', [bob], [anna], [anna]],
    ['here', null, [], []],
  ] as const)('[A4] @%s, written there by %j, connected %j', (group, writers, here, means) => {
    const members = membersOf(group, { readers, writers: writers && new Set(writers), here: here && new Set(here) });
    expect(members).toEqual(means);
  });
});

describe('groups in the list of names', () => {
  const groups = [{ group: 'room' }, { group: 'here' }, { group: 'board' }];
  const names = (query: string, people: string[]) =>
    withGroups(query, people, groups).map((one) => (typeof one === 'string' ? one : `@${one.group}`));

  test.each([
    ['', ['a', 'b'], ['a', 'b', '@room', '@here', '@board']],
    ['', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], ['a', 'b', 'c', 'd', 'e', '@room', '@here', '@board']],
    ['r', ['rita'], ['rita', '@room']],
    ['room', ['roommate'], ['@room', 'roommate']],
    ['HERE', ['herbert'], ['@here', 'herbert']],
    ['rooms', ['x'], ['x']],
    ['oom', ['x'], ['x']],
  ])('[M10] for %j', (query, people, shown) => {
    expect(names(query, people)).toEqual(shown);
  });
});

describe('calls that told nobody', () => {
  test('[A6] their author reads of them, and they are no notifications', () => {
    const doc = new Y.Doc();
    const slot = `${anna}/${id('m1')}` as const;
    pushNotification(doc, { ...entry, id: 1, kind: 'quiet', slot });
    pushNotification(doc, {
      ...entry,
      id: 2,
      kind: 'quiet',
      slot: `${anna}/${id('m2')}`,
      conversation: `room/${id('two')}`,
    });
    pushNotification(doc, { ...entry, id: 3, kind: 'group', slot: `${bob}/${id('m3')}` });
    expect(quietIn(doc, entry.conversation)).toEqual(new Set([slot]));
    expect(readInbox(doc).notifications.map(({ kind }) => kind)).toEqual(['group']);
    expect(readInbox(doc).unread).toBe(1);
    expect(withdrawNotification(doc, 1)).toBe(true);
    expect(quietIn(doc, entry.conversation).size).toBe(0);
  });

  test('[X1] a notification takes another kind in its place', () => {
    const doc = new Y.Doc();
    const slot = `${bob}/${id('m1')}` as const;
    for (const kind of ['message', 'group', 'mention', 'mention'] as const)
      pushNotification(doc, { ...entry, id: 1, kind, slot });
    expect(readInbox(doc).notifications).toMatchObject([{ id: 1, kind: 'mention' }]);
  });

  test('[X8] a kind that nobody knows is passed over', () => {
    const doc = new Y.Doc();
    doc.getArray('n').push([{ ...entry, id: 1, slot: `${bob}/${id('m1')}`, kind: 'poke' }]);
    expect(readInbox(doc).notifications).toEqual([]);
    expect(quietIn(doc, entry.conversation).size).toBe(0);
  });
});
