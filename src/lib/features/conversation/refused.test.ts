import { expect, test } from 'vitest';
import { asidesOf } from './refused.ts';

const ROOM = 'room/00000000000000000001';
const aside = (name: string) => ({ id: name, name, at: 0, reason: 'not-allowed', text: ['words'] });

test('refused words are shown in their conversation, whatever volume they were written into', () => {
  const items = [
    aside(`${ROOM}/1`),
    aside(`${ROOM}/7`),
    aside('room/00000000000000000002/1'),
    aside('board/00000000000000000001'),
  ];
  expect(asidesOf(items, ROOM).map((item) => item.name)).toEqual([`${ROOM}/1`, `${ROOM}/7`]);
});

test('a task’s description is no part of its thread', () => {
  const items = [aside('task/00000000000000000001'), aside('task/00000000000000000001/1')];
  expect(asidesOf(items, 'task/00000000000000000001').map((item) => item.name)).toEqual([
    'task/00000000000000000001/1',
  ]);
});
