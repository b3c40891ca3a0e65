import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prng from 'lib0/prng';
import { describe, expect, it } from 'vitest';
import { replay, type KeptInput } from './bytes-gate.ts';
import { mutateBytes } from './bytes-mutator.ts';

const FOLDER = fileURLToPath(new URL('bytes-kept/', import.meta.url));

describe('byte fuzzing', () => {
  /** Findings of `npm run fuzz`, under a name that says what they did, with the answer that they get now. */
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  it.each(files)('[G18] %s', (file) => {
    const { input, answer } = JSON.parse(readFileSync(FOLDER + file, 'utf8')) as { input: KeptInput; answer: string };
    expect(replay(input)).toBe(answer);
  });

  it('makes the same mutants of the same seed', () => {
    const pool = { others: [Uint8Array.of(9, 8, 7)], words: [Uint8Array.of(2)] };
    const mutants = (seed: number): string[] => {
      const random = prng.create(seed);
      return Array.from({ length: 200 }, () => mutateBytes(Uint8Array.of(1, 2, 3, 4, 5), random, pool).join());
    };
    expect(mutants(5)).toEqual(mutants(5));
    expect(mutants(5)).not.toEqual(mutants(6));
    expect(new Set(mutants(5)).size).toBeGreaterThan(100);
  });
});
