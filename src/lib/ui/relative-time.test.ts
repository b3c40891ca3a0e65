import { describe, expect, test } from 'vitest';
import { dayName, relativeTime } from './relative-time.ts';

const NOW = new Date(2026, 10, 22, 15, 0, 0).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('relative time', () => {
  test.each([
    [0, 'now'],
    [-5 * MINUTE, 'now'],
    // A device whose clock is years behind.
    [-3653 * 24 * HOUR, 'Nov 22, 2036'],
    [59_000, 'now'],
    [MINUTE, '1 min. ago'],
    [59 * MINUTE + 59_000, '59 min. ago'],
    [HOUR, '1 hr. ago'],
    [23 * HOUR, '23 hr. ago'],
    [24 * HOUR, 'Nov 21'],
    [400 * 24 * HOUR, 'Oct 18, 2025'],
  ])('%i ms ago reads %s', (age, text) => {
    expect(relativeTime(NOW - age, NOW, 'en-US')).toBe(text);
  });
});

describe('day names', () => {
  test.each([
    [NOW - 14 * HOUR, 'Today'],
    [NOW - 16 * HOUR, 'Yesterday'],
    [NOW - 72 * HOUR, 'Thursday, November 19'],
    [new Date(2025, 0, 5).getTime(), 'Sunday, January 5, 2025'],
  ])('%i', (at, text) => {
    expect(dayName(at, NOW, 'en-US')).toBe(text);
  });
});
