import { describe, expect, test } from 'vitest';
import { isId, newId } from './ids.ts';

describe('ids', () => {
  test('[I1] 20 characters of 0-9 a-z, never twice', () => {
    const ids = Array.from({ length: 5_000 }, newId);
    expect(ids.every((one) => /^[0-9a-z]{20}$/.test(one) && isId(one))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('[I1] every character is as likely as any other', () => {
    const counts = new Map<string, number>();
    for (const char of Array.from({ length: 5_000 }, newId).join('')) counts.set(char, (counts.get(char) ?? 0) + 1);
    expect(counts.size).toBe(36);
    // 100,000 draws from 36: 2,778 each, 52 standard deviation. Seven of these is never.
    for (const count of counts.values()) expect(Math.abs(count - 2_778)).toBeLessThan(364);
  });

  test.each([
    '',
    'a'.repeat(15),
    'a'.repeat(25),
    'A'.repeat(20),
    `${'a'.repeat(19)}-`,
    `${'a'.repeat(20)}\n`,
    null,
    1e20,
  ])('[I1] %j is none', (value) => {
    expect(isId(value)).toBe(false);
  });
});
