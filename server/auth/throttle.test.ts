import { describe, expect, it } from 'vitest';
import { createThrottle } from './throttle.ts';

describe('[H12] throttle', () => {
  it('lets a burst pass, then one per refill', () => {
    let time = 0;
    const throttle = createThrottle({ capacity: 3, refillMs: 1000 }, () => time);
    expect([1, 2, 3].map(() => throttle.take('a'))).toEqual([0, 0, 0]);
    expect(throttle.take('a')).toBe(1000);
    expect(throttle.take('b')).toBe(0);
    time = 400;
    expect(throttle.take('a')).toBe(600);
    time = 1000;
    expect(throttle.take('a')).toBe(0);
    expect(throttle.take('a')).toBe(1000);
    time = 100_000;
    expect([1, 2, 3, 4].map(() => throttle.take('a'))).toEqual([0, 0, 0, 1000]);
  });

  it('takes a returned token for granted again, never more than full', () => {
    const throttle = createThrottle({ capacity: 1, refillMs: 1000 }, () => 0);
    throttle.take('a');
    throttle.giveBack('a');
    throttle.giveBack('a');
    throttle.giveBack('unknown');
    expect([throttle.take('a'), throttle.take('a')]).toEqual([0, 1000]);
  });

  it('keeps its memory bounded against any number of keys', () => {
    let time = 0;
    const throttle = createThrottle({ capacity: 1, refillMs: 1000 }, () => time++);
    for (let i = 0; i < 100_000; i++) throttle.take(`key ${i}`);
    expect(throttle.take('key 99999')).toBeGreaterThan(0);
  });

  it('does not forget what is asked for all the time, however many other keys there are', () => {
    const throttle = createThrottle({ capacity: 2, refillMs: 1_000_000 }, () => 0);
    throttle.take('victim');
    throttle.take('victim');
    for (let i = 0; i < 100_000; i++) {
      throttle.take(`key ${i}`);
      if (i % 5_000 === 0) expect(throttle.take('victim')).toBeGreaterThan(0);
    }
  });
});
