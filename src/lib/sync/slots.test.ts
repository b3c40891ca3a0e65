import { describe, expect, test } from 'vitest';
import { backoff } from './backoff.ts';
import { newLineage } from './lineage.ts';
import { Slots, type Priority } from './slots.ts';

describe('slots', () => {
  test('[L13] no more than so many at a time, those that people look at first, the inbox always', () => {
    const slots = new Slots(2);
    const started: string[] = [];
    const ask = (name: string, priority: Priority): object => {
      const who = { name };
      slots.ask(who, priority, () => started.push(name));
      return who;
    };
    const first = ask('first', 'freshen');
    ask('second', 'freshen');
    ask('freshen', 'freshen');
    ask('outbox', 'outbox');
    const open = ask('open', 'open');
    expect(started).toEqual(['first', 'second']);
    ask('inbox', 'always');
    expect(started).toEqual(['first', 'second', 'inbox']);
    slots.leave(first);
    // The inbox took a place beyond the bound.
    expect(started).toHaveLength(3);
    slots.leave(first);
    slots.leave(open);
    expect(slots.waiting).toBe(2);
  });

  test('[L13] room goes to who waits', () => {
    const slots = new Slots(1);
    const started: number[] = [];
    const who = [{}, {}, {}];
    who.forEach((one, index) => slots.ask(one, 'open', () => started.push(index)));
    slots.leave(who[0]!);
    slots.leave(who[1]!);
    expect(started).toEqual([0, 1, 2]);
    // Asking again while holding a place keeps it.
    slots.ask(who[2]!, 'open', () => started.push(9));
    expect(started).toEqual([0, 1, 2, 9]);
  });
});

test('[L12] waits grow, stay within their bounds, and differ', () => {
  const low = [0, 1, 2, 5, 20].map((attempt) => backoff(attempt, 400, 10_000, () => 0));
  const high = [0, 1, 2, 5, 20].map((attempt) => backoff(attempt, 400, 10_000, () => 1));
  expect(low.map(Math.round)).toEqual([200, 320, 512, 2097, 5000]);
  expect(high.map(Math.round)).toEqual([400, 640, 1024, 4194, 10_000]);
});

test('[L9] later copies sort after earlier ones, and after the first', () => {
  expect(newLineage(1_000_000) < newLineage(1_000_001)).toBe(true);
  expect(newLineage(Date.now()) < newLineage(Date.now() + 40 * 365 * 86_400_000)).toBe(true);
  expect('' < newLineage(0)).toBe(true);
  const future = newLineage(Date.now() + 10 * 365 * 86_400_000);
  expect(future < newLineage(Date.now(), future)).toBe(true);
});
