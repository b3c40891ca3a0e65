import { describe, expect, test } from 'vitest';
import type { Person } from './board.ts';
import { applyMention, mentionQuery, rankMentions } from './mentions.ts';
import { id } from './testing.ts';

/** The text with the caret at `|`. */
function at(marked: string) {
  const caret = marked.indexOf('|');
  return mentionQuery(marked.replace('|', ''), caret);
}

describe('the mention being typed', () => {
  test.each([
    ['@|', 0, ''],
    ['@an|', 0, 'an'],
    ['hi @an|', 3, 'an'],
    ['hi @an| there', 3, 'an'],
    ['(@an|', 1, 'an'],
    ['“@an|', 1, 'an'],
    ['**@an|', 2, 'an'],
    ['＠an|', 0, 'an'],
    ['@Jür|', 0, 'Jür'],
    ['@נו|', 0, 'נו'],
    ['@anna.j|', 0, 'anna.j'],
    ['@anna @b|', 6, 'b'],
    ['`a` @an|', 4, 'an'],
    ['a ` b @an|', 6, 'an'],
    ['line\n@an|', 5, 'an'],
  ])('[M9] %j', (marked, from, query) => {
    expect(at(marked)).toMatchObject({ from, query });
  });

  test.each([
    '|',
    'an|',
    '@ |',
    '@an |',
    '@an n|',
    'mail@an|',
    'x.@an|',
    '/@an|',
    '@@an|',
    '`@an|`',
    '`x @an|`',
    '```\n@an|',
    '[ @an|](u)',
    'https://x.org/@an|',
    'https://x.org/(@an|',
    '|@an',
    `@${'a'.repeat(65)}|`,
  ])('[M9] none in %j', (marked) => {
    expect(at(marked)).toBeNull();
  });

  test('[M9] in the middle of a word the whole word is completed', () => {
    expect(at('hi @an|na there')).toEqual({ from: 3, to: 8, query: 'an' });
  });

  test('[M9] a caret out of range is at the end', () => {
    expect(mentionQuery('@an', 99)).toMatchObject({ from: 0, query: 'an' });
  });

  test.each([
    ['hi @an|', 'hi @anna |'],
    ['hi @an| there', 'hi @anna |there'],
    ['hi @an|x there', 'hi @anna |there'],
    ['(@an|)', '(@anna|)'],
    ['@an|, hi', '@anna|, hi'],
    ['＠an|', '@anna |'],
    ['@an|\nx', '@anna\n|x'],
  ])('[M9] %j becomes %j', (marked, expected) => {
    const caret = marked.indexOf('|');
    const text = marked.replace('|', '');
    const query = mentionQuery(text, caret);
    expect(query).not.toBeNull();
    if (query === null) return;
    const done = applyMention(text, query, 'anna');
    expect(`${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`).toBe(expected);
  });
});

describe('ranking', () => {
  const person = (username: string, name: string): Person => ({ id: id(username), username, name, role: 'member' });
  const people = [
    person('anna', 'Anna Meier'),
    person('annabel', 'Belle'),
    person('joanna', 'Jo'),
    person('bob', 'Robert Annan'),
    person('juergen', 'Jürgen Groß'),
    person('soren', 'Søren Ørsted'),
    person('lukasz', 'Łukasz'),
    person('ilgin', 'Ilgın İnce'),
    person('noa', 'נֹעָה'),
    person('zoe', 'zoe@example.org'),
  ];
  const ranked = (query: string, recent: string[] = []) =>
    rankMentions(query, people, recent.map(id)).map(({ username }) => username);

  test('[M10] exact, then beginnings of username or name, then parts', () => {
    expect(ranked('anna')).toEqual(['anna', 'annabel', 'bob', 'joanna']);
    expect(ranked('ann')).toEqual(['anna', 'annabel', 'bob', 'joanna']);
    expect(ranked('nna')).toEqual(['anna', 'annabel', 'bob', 'joanna']);
  });

  test('[M10] ties by recent activity', () => {
    expect(ranked('ann', ['joanna', 'bob', 'annabel'])).toEqual(['bob', 'annabel', 'anna', 'joanna']);
    expect(ranked('anna', ['bob'])).toEqual(['anna', 'bob', 'annabel', 'joanna']);
  });

  test('[M10] nothing typed: the recent ones first, eight at most', () => {
    expect(ranked('', ['zoe', 'noa'])).toEqual(['zoe', 'noa', 'anna', 'annabel', 'bob', 'ilgin', 'joanna', 'juergen']);
  });

  test.each([
    ['ANNA', 'anna'],
    ['jurgen', 'juergen'],
    ['Jür', 'juergen'],
    ['gross', 'juergen'],
    ['groß', 'juergen'],
    ['søren', 'soren'],
    ['orsted', 'soren'],
    ['łuk', 'lukasz'],
    ['ince', 'ilgin'],
    ['ilgın', 'ilgin'],
    ['נעה', 'noa'],
    ['meier', 'anna'],
  ])('[M10] %s finds %s', (query, username) => {
    expect(ranked(query)[0]).toBe(username);
  });

  test.each(['nobody', '__proto__', 'annax', '.*', '['])('[M10] %s finds nobody', (query) => {
    expect(ranked(query)).toEqual([]);
  });

  test('[M10] the members stay as they were handed in', () => {
    const before = [...people];
    ranked('anna', ['bob']);
    expect(people).toEqual(before);
  });
});
