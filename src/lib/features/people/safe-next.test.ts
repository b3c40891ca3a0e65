import { expect, test } from 'vitest';
import { safeNext } from './safe-next.ts';

const ORIGIN = 'https://flow.example';

test.each([
  ['/b/abc?m=1#x', '', '/b/abc?m=1#x'],
  ['/team/inbox', '/team', '/team/inbox'],
  ['/', '', '/'],
])('%s below %j is a page of the app', (next, base, found) => {
  expect(safeNext(next, base, ORIGIN)).toBe(found);
});

test.each([
  [null, ''],
  ['', ''],
  ['inbox', ''],
  ['https://evil.example/', ''],
  ['//evil.example/', ''],
  ['/\\evil.example/', ''],
  ['/\t/evil.example/', ''],
  ['/.//evil.example/', ''],
  ['javascript:alert(1)', ''],
  ['/other/inbox', '/team'],
  ['/team/../other', '/team'],
  ['/teamwork', '/team'],
])('%j below %j is not', (next, base) => {
  expect(safeNext(next, base, ORIGIN)).toBeNull();
});
