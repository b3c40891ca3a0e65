import { expect, test } from 'vitest';
import { hueOf, initialsOf } from './person-colour.ts';

test.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Jean-Luc van der Berg', 'JB'],
  ['ünal çelik', 'ÜÇ'],
  ['李小龙', '李'],
  ['  ', '?'],
  ['— !', '?'],
])('the initials of %j are %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test('an id keeps its hue, and many ids spread over all of them', () => {
  expect(hueOf('abc')).toBe(hueOf('abc'));
  const hues = new Set(Array.from({ length: 300 }, (_, index) => hueOf(`person${index}`)));
  expect(hues.size).toBe(12);
});
