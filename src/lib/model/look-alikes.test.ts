import { expect, test } from 'vitest';
import { drawnName, lookAlikes } from './look-alikes.ts';
import { id } from './testing.ts';

test.each([
  ['Olga Berg', 'Оlga Berg'],
  ['Olga Berg', 'O1ga Berg'],
  ['Olga Berg', 'olga berg '],
  ['Olga Berg', 'Olga\u200b Berg'],
  ['Olga Berg', 'Ólga Berg'],
  ['Olga Berg', 'Ｏｌｇａ Ｂｅｒｇ'],
  ['Olga Berg', '\u202eOlga Berg'],
  ['Olga Berg', 'OIga Berg'],
  ['Ben', 'Bеn'],
  ['paypal', 'раураl'],
])('[F8] %j looks like %j', (one, other) => {
  expect(drawnName(one)).toBe(drawnName(other));
});

test.each([
  ['Olga Berg', 'Olga Burg'],
  ['Anna', 'Hanna'],
  ['王伟', '王芳'],
  ['محمد', 'أحمد'],
])('[F8] %j does not look like %j', (one, other) => {
  expect(drawnName(one)).not.toBe(drawnName(other));
});

test('[F8] those that look alike are known, and nobody else', () => {
  const people = new Map(
    [
      ['olga', 'Olga Berg'],
      ['thief', 'Оlga Bеrg'],
      ['ben', 'Ben'],
    ].map(([username = '', name = '']) => [
      id(username),
      { id: id(username), username, name, role: 'member' as const },
    ]),
  );
  expect(lookAlikes(people)).toEqual(new Set([id('olga'), id('thief')]));
});
