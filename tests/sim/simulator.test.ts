import { describe, expect, test } from 'vitest';
import { runAll, type Job } from './pool.ts';
import { PLANTED_FAULTS } from './planted.ts';

const WORKERS = 2;
/** A planted fault must be found within so many runs. */
const FEW = 12;

const size = { devices: 5, operations: 120 };
const jobs = (from: number, count: number, fault?: string): Job[] =>
  Array.from({ length: count }, (_, i) => ({ ...size, seed: from + i, fault }));

describe('the simulator', () => {
  test('the same seed gives the same run, whatever ran before it, and another seed another one', async () => {
    const first = await runAll(jobs(11, 4), WORKERS);
    const again = await runAll(jobs(11, 4).reverse(), 1);
    const hashes = ({ outcomes }: typeof first) => [...outcomes].sort(([a], [b]) => a - b).map(([, { hash }]) => hash);
    expect(hashes(again)).toEqual(hashes(first));
    expect(new Set(hashes(first)).size).toBe(4);
    for (const { events, acts } of first.outcomes.values()) {
      expect(events).toBeGreaterThan(1_000);
      expect(acts).toBeGreaterThan(10);
    }
  });

  test.each(PLANTED_FAULTS)('finds a server that would %s', async (fault) => {
    const { failed } = await runAll(jobs(1, FEW, fault), WORKERS, ({ problems }) => problems.length === 0);
    const [found] = failed;
    if (found === undefined) throw new Error(`not found in ${FEW} runs`);
    // And it is that fault which was found.
    const healthy = await runAll(jobs(found.seed, 1), 1);
    expect(healthy.failed).toEqual([]);
  });
});
