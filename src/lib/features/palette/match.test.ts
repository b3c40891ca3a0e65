import { describe, expect, test } from 'vitest';
import { best, gradeOf } from './match.ts';

const at = (name: string, where = ''): { name: string; where: string } => ({ name, where });
const names = (query: string, ...entries: ReturnType<typeof at>[]): string[] =>
  best(query, entries, 10).map(({ name }) => name);

describe('what the palette finds', () => {
  test('an exact name comes before one that begins so, that before a word in it, that before a part of a word', () => {
    const found = names('plan', at('Explanations'), at('The plan'), at('Planning'), at('Plan'));
    expect(found).toEqual(['Plan', 'Planning', 'The plan', 'Explanations']);
  });

  test('case and diacritics make no difference', () => {
    expect(names('uber', at('Über uns'))).toEqual(['Über uns']);
    expect(names('ÖSTER', at('osterbro'))).toEqual(['osterbro']);
    expect(names('lodz', at('Łódź'))).toEqual(['Łódź']);
  });

  test('every word must be found, in any order', () => {
    expect(names('boat paint', at('Paint the boat'), at('Paint the house'))).toEqual(['Paint the boat']);
  });

  test('words may also name the place', () => {
    expect(names('general har', at('General', 'Harbour'), at('General', 'Studio'))).toEqual(['General']);
  });

  test('equals keep their order, and nothing typed keeps all of them', () => {
    expect(names('a', at('ab'), at('ac'))).toEqual(['ab', 'ac']);
    expect(names('', at('b'), at('a'))).toEqual(['b', 'a']);
  });

  test('what does not match is not there', () => {
    expect(gradeOf('zebra', 'Paint the boat')).toBeNull();
  });

  test('no more than asked for', () => {
    expect(best('a', [at('a1'), at('a2'), at('a3')], 2)).toHaveLength(2);
  });
});
