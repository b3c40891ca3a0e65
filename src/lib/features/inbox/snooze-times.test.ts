import { describe, expect, test } from 'vitest';
import { snoozeTimes } from './snooze-times.ts';

/** By the clock of wherever this runs. */
const at = (day: number, hour: number, minute = 0) => new Date(2026, 5, day, hour, minute).getTime();

describe('until when something may be put off', () => {
  test('on a Wednesday at noon', () => {
    expect(snoozeTimes(at(3, 12), 'en-GB')).toEqual([
      { label: 'In an hour', at: at(3, 13), hint: '13:00' },
      { label: 'This evening', at: at(3, 18), hint: '18:00' },
      { label: 'Tomorrow morning', at: at(4, 8), hint: 'Thu 08:00' },
      { label: 'Next week', at: at(8, 8), hint: 'Mon 08:00' },
    ]);
  });

  test('the evening is left out when it is less than an hour away, or over', () => {
    for (const now of [at(3, 17, 1), at(3, 18), at(3, 23, 59)]) {
      expect(snoozeTimes(now).map(({ label }) => label)).toEqual(['In an hour', 'Tomorrow morning', 'Next week']);
    }
  });

  test('next week is the next Monday, also on a Monday and on a Sunday', () => {
    expect(snoozeTimes(at(1, 9)).at(-1)?.at).toBe(at(8, 8));
    expect(snoozeTimes(at(7, 9)).at(-1)?.at).toBe(at(8, 8));
  });

  test('all lie ahead, in the order shown', () => {
    for (let hour = 0; hour < 24 * 7; hour++) {
      const now = at(1, hour, 30);
      const times = snoozeTimes(now).map((one) => one.at);
      expect(Math.min(...times)).toBeGreaterThan(now);
      if (hour % 24 < 23 && hour < 24 * 6) expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });
});
