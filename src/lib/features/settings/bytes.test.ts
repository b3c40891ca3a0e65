import { expect, test } from 'vitest';
import { sizeText } from './bytes.ts';

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1 kB'],
  [12_400, '12 kB'],
  [1_240_000, '1.2 MB'],
  [3_500_000_000_000, '3,500 GB'],
])('%i bytes read %s', (bytes, text) => {
  expect(sizeText(bytes, 'en-US')).toBe(text);
});
