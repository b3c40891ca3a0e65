import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../model/conversation.ts';
import { teller } from './arrival-teller.ts';

let said: string[];
const message = (mid: string): Message => ({ mid }) as unknown as Message;
const made = (): ReturnType<typeof teller> =>
  teller(
    (words) => said.push(words),
    ({ mid }) => mid,
  );

beforeEach(() => {
  said = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('three messages are read out, each in its words', () => {
  const { hear } = made();
  hear([message('one')]);
  hear([message('two'), message('three')]);
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual(['one', 'two', 'three']);
});

test('what comes faster than anybody can listen is counted, and said once it is calm', () => {
  const { hear } = made();
  for (let i = 1; i <= 3; i += 1) hear([message(`${i}`)]);
  for (let i = 0; i < 40; i += 1) {
    vi.advanceTimersByTime(100);
    hear([message('more'), message('and more')]);
  }
  expect(said).toEqual(['1', '2', '3']);
  vi.advanceTimersByTime(2_000);
  expect(said.slice(3)).toEqual(['80 new messages']);
  vi.advanceTimersByTime(10_000);
  hear([message('calm')]);
  expect(said.at(-1)).toBe('calm');
});

test('what came while away is counted at once', () => {
  const { hear } = made();
  hear(Array.from({ length: 200 }, (_, i) => message(`${i}`)));
  vi.advanceTimersByTime(2_000);
  expect(said).toEqual(['200 new messages']);
});
