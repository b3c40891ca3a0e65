import { describe, expect, test } from 'vitest';
import { runAll, type Job } from './pool.ts';
import { PLANTED_FAULTS } from './planted.ts';
import type { Outcome } from './run.ts';

const WORKERS = 2;
/** A planted fault must be found within so many runs. */
const FEW = 40;

const size = { devices: 5, operations: 120 };
const jobs = (from: number, count: number, fault?: string): Job[] =>
  Array.from({ length: count }, (_, i) => ({ ...size, seed: from + i, fault }));

/** Outcomes in the order of their seeds, as far as the first that breaks a promise when that is enough. */
async function outcomesOf(runs: readonly Job[], workers: number, enough = false): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  await runAll(runs, workers, (outcome) => {
    outcomes.push(outcome);
    return !enough || outcome.problems.length === 0;
  });
  return outcomes.sort((one, other) => one.seed - other.seed);
}

describe('the simulator', () => {
  test('the same seed gives the same run, whatever ran before it, and another seed another one', async () => {
    const first = await outcomesOf(jobs(11, 4), WORKERS);
    const again = await outcomesOf(jobs(11, 4).reverse(), 1);
    const hashes = (outcomes: readonly Outcome[]) => outcomes.map(({ hash }) => hash);
    expect(hashes(again)).toEqual(hashes(first));
    expect(new Set(hashes(first)).size).toBe(4);
    for (const { events, acts } of first) {
      expect(events).toBeGreaterThan(1_000);
      expect(acts).toBeGreaterThan(10);
    }
  });

  test.each(PLANTED_FAULTS)('finds a server that would %s', async (fault) => {
    const outcomes = await outcomesOf(jobs(1, FEW, fault), WORKERS, true);
    const found = outcomes.find(({ problems }) => problems.length > 0);
    if (found === undefined) throw new Error(`not found in ${FEW} runs`);
    // And it is that fault which was found.
    const [healthy] = await outcomesOf(jobs(found.seed, 1), 1);
    expect(healthy?.problems).toEqual([]);
  });

  test('a run that ends its thread is a failure, and the runs after it go on', async () => {
    const broken: Job = { ...size, seed: 1, fault: 'no such fault' };
    const seen: string[][] = [];
    const so = await runAll([broken, ...jobs(11, 1)], 1, ({ problems }) => {
      seen.push(problems);
      return true;
    });
    expect(so).toMatchObject({ runs: 2, failures: 1 });
    expect(seen[0]?.[0]).toMatch(/^its thread died: .*no such fault/);
    expect(seen[1]).toEqual([]);
  });
});
