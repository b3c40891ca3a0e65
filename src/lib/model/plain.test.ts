import { describe, expect, test } from 'vitest';
import { cleanText, cleanTitle, cut, isBlank, isPlainArray, isPlainObject, isText, isTitle } from './plain.ts';

describe('text', () => {
  test('[T1] without NUL and lone surrogates', () => {
    expect(isText('grüße 👋', 100)).toBe(true);
    expect(isText('a\0b', 100)).toBe(false);
    expect(isText('a\ud83d', 100)).toBe(false);
    expect(cleanText('a\0b\ud83dc')).toBe('ab\ufffdc');
    expect(isText(cleanText('\0\udc00👋'), 100)).toBe(true);
  });

  test('[T2] a title is one line with something to see', () => {
    expect(isTitle('Plan', 200)).toBe(true);
    for (const none of ['', '  ', '\u200b', '\u202e\t', 'a\nb', 'a\u2028b', 'x'.repeat(201), 7, null]) {
      expect(isTitle(none, 200)).toBe(false);
    }
    expect(isBlank('\u200b \n\u2066')).toBe(true);
    expect(isBlank('\u200bx')).toBe(false);
  });

  test('[T2] what was typed becomes a title', () => {
    expect(cleanTitle('  one\n two\t\0three ', 200)).toBe('one two three');
    expect(cleanTitle(' \n ', 200)).toBe('');
    expect(cleanTitle(`${'x'.repeat(199)}👋`, 200)).toBe('x'.repeat(199));
  });

  test('[T3] cutting keeps characters whole', () => {
    expect(cut('abc', 3)).toBe('abc');
    expect(cut('ab👋', 3)).toBe('ab');
    expect(cut('ab👋', 4)).toBe('ab👋');
    expect(cut('abc', 0)).toBe('');
  });
});

describe('plain values', () => {
  test('[C9] objects with the plain prototype only', () => {
    class Box {}
    expect(isPlainObject({})).toBe(true);
    for (const odd of [null, [], new Box(), Object.create(null), Object.create({}), new Map(), 'x', () => 1]) {
      expect(isPlainObject(odd)).toBe(false);
    }
    expect(isPlainObject(JSON.parse('{"__proto__": {"x": "1"}}'))).toBe(true);
    const polluted: Record<string, unknown> = {};
    Object.setPrototypeOf(polluted, { x: '1' });
    expect(isPlainObject(polluted)).toBe(false);
  });

  test('[C9] arrays without holes and extras', () => {
    expect(isPlainArray([])).toBe(true);
    const holey: unknown[] = [1];
    holey[2] = 3;
    const extra = Object.assign([1], { x: 1 });
    for (const odd of [holey, extra, {}, 'ab', null, new Uint8Array(2)]) expect(isPlainArray(odd)).toBe(false);
  });
});
