import { expect, test } from 'vitest';
import { cleanJson, cleanText, guarded, StoreUnavailable } from './database.ts';

test('[DB21] text that Postgres cannot hold is replaced, everything else is kept', () => {
  expect(cleanText('a\0b\ud800c\udc00')).toBe('a\ufffdb\ufffdc\ufffd');
  expect(cleanText('😀 né \u0001 \\u0000')).toBe('😀 né \u0001 \\u0000');
});

test('[DB21] so is JSON, in keys and values, and never what only looks like an escape', () => {
  const odd = { 'k\0': ['\ud800', '\udfff', '😀', '\\u0000', '\\\\ud800', '\u0001', '"', '\\'] };
  expect(JSON.parse(cleanJson(odd))).toEqual({
    'k\ufffd': ['\ufffd', '\ufffd', '😀', '\\u0000', '\\\\ud800', '\u0001', '"', '\\'],
  });
});

test('[DB20] passing faults are StoreUnavailable, others are themselves', async () => {
  const failing = guarded({
    fail: (code: string): Promise<void> => Promise.reject(Object.assign(new Error('because'), { code })),
  });
  for (const code of ['ECONNREFUSED', 'CONNECTION_CLOSED', '57P01', '08006', '53300', '55P03', '40P01', '25006']) {
    const error = await failing.fail(code).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error).toMatchObject({ code, cause: { code } });
  }
  for (const code of ['23505', '42P01', '22P05']) await expect(failing.fail(code)).rejects.toThrow(/^because$/);
});
