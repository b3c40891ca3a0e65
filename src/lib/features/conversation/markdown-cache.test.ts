import { expect, test } from 'vitest';
import { blocksOf } from './markdown-cache.ts';

test('a text is read once for each object that carries it', () => {
  const message = { text: '**a**' };
  const blocks = blocksOf(message);
  expect(blocksOf(message)).toBe(blocks);
  expect(blocksOf({ text: '**a**' })).toEqual(blocks);
  message.text = 'b';
  expect(blocksOf(message)).toEqual([{ kind: 'paragraph', inlines: [{ kind: 'text', text: 'b' }] }]);
});
