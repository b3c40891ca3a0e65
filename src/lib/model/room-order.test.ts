import { expect, test } from 'vitest';
import { id } from './testing.ts';
import { byActivity } from './room-order.ts';

const room = (word: string, name: string, at = 1) => ({ id: id(word), name, at });
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);

test('[B11] where something was said last comes first, the never used follow by name', () => {
  const rooms = [room('a', 'Zoo'), room('b', 'room 10'), room('c', 'Room 9'), room('d', 'Busy'), room('e', 'Älteres')];
  const heads = new Map([
    [`room/${id('a')}`, { volume: 1, seq: 3, at: 50 }],
    [`room/${id('d')}`, { volume: 2, seq: 900, at: 40 }],
  ] as const);
  expect(names(byActivity(rooms, heads))).toEqual(['Zoo', 'Busy', 'Älteres', 'Room 9', 'room 10']);
});

test('[B11] a head without a time counts as old as its room, an opened volume without a message as never used', () => {
  const rooms = [room('a', 'Old', 5), room('b', 'New', 90), room('c', 'Empty', 99)];
  const heads = new Map([
    [`room/${id('a')}`, { volume: 1, seq: 3, at: null }],
    [`room/${id('b')}`, { volume: 1, seq: 1, at: 100 }],
    [`room/${id('c')}`, { volume: 2, seq: 0, at: null }],
  ] as const);
  expect(names(byActivity(rooms, heads))).toEqual(['New', 'Old', 'Empty']);
});

test('[B11] equals stand alike on every device', () => {
  const rooms = [room('b', 'Same'), room('a', 'Same')];
  expect(byActivity(rooms, new Map())).toEqual(byActivity(rooms.toReversed(), new Map()));
});
