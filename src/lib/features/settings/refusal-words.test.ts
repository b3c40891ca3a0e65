import { expect, test } from 'vitest';
import { documentWords, refusalWords } from './refusal-words.ts';

test('a known code reads as a sentence, an unknown one is told as it is', () => {
  expect(refusalWords('refused:not-allowed')).toBe('The reason: your role does not allow it.');
  expect(refusalWords('read-only')).toBe('The reason: you may only read there.');
  expect(refusalWords('refused:too-many')).toBe('The reason: too much that you asked for still waits for an answer.');
  expect(refusalWords('odd-code')).toBe('The reason: odd-code.');
});

test.each([
  ['board/k3v9m2x7q1w8r5t0z4y6', 'A board'],
  ['room/k3v9m2x7q1w8r5t0z4y6/1', 'A room'],
  ['task/k3v9m2x7q1w8r5t0z4y6', 'A task'],
  ['task/k3v9m2x7q1w8r5t0z4y6/2', 'The comments of a task'],
  ['inbox/k3v9m2x7q1w8r5t0z4y6', 'Your inbox'],
])('%s is %s', (name, words) => {
  expect(documentWords(name)).toBe(words);
});
