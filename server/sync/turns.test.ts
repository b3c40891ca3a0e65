import { describe, expect, test } from 'vitest';
import { TimeSlices, Turns } from './turns.ts';

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Handles so many messages of so many milliseconds, and notes each. */
async function handle(turns: Turns, name: string, count: number, ms: number, handled: string[]): Promise<void> {
  for (let i = 0; i < count; i++) {
    await turns.next();
    spin(ms);
    handled.push(name);
  }
}

describe('turns', () => {
  test('[S42] a few messages go on at once', () => {
    const turns = new Turns();
    expect([turns.next(), turns.next(), turns.next()]).toEqual([undefined, undefined, undefined]);
  });

  test('[S42] a queue lets the event loop turn', async () => {
    const handled: string[] = [];
    let turned = 0;
    const count = (): void => {
      turned += 1;
      if (handled.length < 50) setImmediate(count);
    };
    setImmediate(count);
    await handle(new Turns(), 'a', 50, 4, handled);
    expect(turned).toBeGreaterThan(10);
  });

  test('[S42] whoever comes last waits for one message of each queue, not for all of them', async () => {
    const turns = new Turns();
    const handled: string[] = [];
    const queues = ['a', 'b', 'c'].map((name) => handle(turns, name, 30, 4, handled));
    const late = new Promise((resolve) => setTimeout(resolve, 1)).then(() => handle(turns, 'late', 1, 0, handled));
    await Promise.all([...queues, late]);
    expect(handled).toHaveLength(91);
    expect(handled.indexOf('late')).toBeLessThan(30);
  });

  test('[S42] is at rest when nobody asks', async () => {
    const turns = new Turns();
    await handle(turns, 'a', 10, 4, []);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(turns.next()).toBeUndefined();
  });
});

describe('time slices', () => {
  test('[S42] long work lets the event loop turn, short work does not wait', async () => {
    const slices = new TimeSlices();
    expect(slices.next()).toBeUndefined();
    let turned = 0;
    let done = false;
    const count = (): void => {
      turned += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    for (let i = 0; i < 30; i++) {
      await slices.next();
      spin(4);
    }
    done = true;
    expect(turned).toBeGreaterThan(5);
    expect(turned).toBeLessThan(30);
  });
});
