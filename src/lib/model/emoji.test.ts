import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  applyEmoji,
  emojiQuery,
  inTone,
  rankEmoji,
  readEmoji,
  replaceCodes,
  searchEmoji,
  TONES,
  usedNow,
} from './emoji.ts';
import { EMOJI_ROWS, MESSAGE_TEXT } from './limits.ts';
import { isEmoji } from './message-slots.ts';

const rows = JSON.parse(
  readFileSync(new URL('../features/conversation/emoji-data.json', import.meta.url), 'utf8'),
) as unknown[][];
const all = readEmoji(rows);
const byCode = (code: string): string | null => all.find(({ codes }) => codes.includes(code))?.emoji ?? null;
const replaced = (text: string): string => replaceCodes(text, byCode);

describe('the list', () => {
  test('[O3] each is a reaction, in each tone too, and there once', () => {
    expect(all.length).toBeGreaterThan(1_800);
    expect(new Set(all.map(({ emoji }) => emoji)).size).toBe(all.length);
    for (const { emoji, toned } of all) {
      expect(isEmoji(emoji), emoji).toBe(true);
      if (toned) for (const tone of TONES) expect(isEmoji(inTone(emoji, tone)), emoji).toBe(true);
    }
    const codes = all.flatMap((one) => one.codes);
    expect(codes.filter((code) => !/^[a-z0-9_+-]+$/.test(code))).toEqual([]);
  });

  test('[O3] what is an emoji by itself has no sign for it', () => {
    expect(byCode('+1')).toBe('👍');
    expect(byCode('heart')).toBe('❤️');
    expect(all.filter(({ emoji }) => /^\p{Emoji_Presentation}\ufe0f$/u.test(emoji))).toEqual([]);
  });

  test('[O3] tones', () => {
    expect(inTone('👍', '')).toBe('👍');
    expect(inTone('👍', TONES[4])).toBe('👍🏿');
    expect(inTone('☝️', TONES[0])).toBe('☝🏻');
  });
});

describe('codes typed in full', () => {
  test.each([
    [':smile:', '😄'],
    ['well :smile: done', 'well 😄 done'],
    ['(:+1:)', '(👍)'],
    ['**:+1:**', '**👍**'],
    [':smile::+1: :SMILE:', '😄👍 😄'],
    ['a :nothing-is-called-so: b', 'a :nothing-is-called-so: b'],
    ['10:30:45 and x:smile:', '10:30:45 and x:smile:'],
    ['`:smile:` :smile:', '`:smile:` 😄'],
    ['```\n:smile:\n```\n:smile:', '```\n:smile:\n```\n😄'],
    [
      'https://example.org/:smile: [:smile:](https://example.org)',
      'https://example.org/:smile: [:smile:](https://example.org)',
    ],
    ['<@anna0000000000000000>:smile:', '<@anna0000000000000000>:smile:'],
    [': smile : ::', ': smile : ::'],
  ])('[O1] %s', (typed, stored) => {
    expect(replaced(typed)).toBe(stored);
    expect(replaced(replaced(typed))).toBe(stored);
  });

  test('[O1] the cost stays bounded', () => {
    const before = process.cpuUsage();
    for (const piece of [':a', ':smile', ':+1: ', ':smile:x', '`:']) {
      replaceCodes(piece.repeat(MESSAGE_TEXT / piece.length), (code) => (code === '+1' ? '👍' : null));
    }
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(400);
  });
});

describe('codes being typed', () => {
  test.each([
    [':sm', 'sm'],
    ['hello :SmI', 'smi'],
    ['(:+1', '+1'],
    ['😄:sm', 'sm'],
    [':s', null],
    ['10:30', null],
    ['http://x:sm', null],
    ['`:smi', null],
    ['` :smi`', null],
    ['` :smi', 'smi'],
    ['a: smi', null],
  ])('[O2] %s', (typed, query) => {
    const caret = typed.endsWith('`') && typed.length > 5 ? typed.length - 1 : typed.length;
    expect(emojiQuery(typed, caret)?.query ?? null).toBe(query);
  });

  test('[O2] the list: best first, what was used last before what was not, eight at most', () => {
    expect(rankEmoji('smile', all, [])[0]?.emoji).toBe('😄');
    expect(rankEmoji('+1', all, [])[0]?.emoji).toBe('👍');
    expect(rankEmoji('ca', all, [])).toHaveLength(EMOJI_ROWS);
    const cat = byCode('cat') ?? '';
    expect(rankEmoji('ca', all, [])[0]?.emoji).not.toBe(cat);
    expect(rankEmoji('ca', all, [cat])[0]?.emoji).toBe(cat);
    expect(rankEmoji('qqqq', all, [])).toEqual([]);
  });

  test('[O2] taking one puts a space behind it', () => {
    const query = emojiQuery('so :smi', 7);
    expect(query && applyEmoji('so :smi', query, '😄')).toEqual({ text: 'so 😄 ', caret: 6 });
    const inside = emojiQuery('so :smi you', 7);
    expect(inside && applyEmoji('so :smi you', inside, '😄')).toEqual({ text: 'so 😄 you', caret: 6 });
  });

  test('[O2] a search needs every word, in any case', () => {
    const found = searchEmoji('Red HEART', all, []).map(({ emoji }) => emoji);
    expect(found).toContain('❤️');
    expect(found).not.toContain('💙');
    expect(searchEmoji('flag japan', all, []).map(({ emoji }) => emoji)).toContain('🇯🇵');
  });
});

test('what was used last comes first, once', () => {
  expect(usedNow('b', ['a', 'b', 'c'])).toEqual(['b', 'a', 'c']);
  expect(
    usedNow(
      'z',
      Array.from({ length: 40 }, (_, i) => `${i}`),
    ),
  ).toHaveLength(24);
});
