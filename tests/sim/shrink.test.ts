import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runAll, type Job } from './pool.ts';
import { promiseOf } from './promise.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/sim.ts', import.meta.url));
const MOST_OPERATIONS = 40;

const size = { devices: 5, operations: 120 };

async function problemsOf(job: Job): Promise<string[]> {
  const problems: string[] = [];
  await runAll([job], 1, (outcome) => problems.push(...outcome.problems) >= 0);
  return problems;
}

/** What `--shrink` says in the end, and its exit status. */
async function shrunk(job: Job): Promise<{ status: number; said: string }> {
  const args = ['--seed', String(job.seed), '--devices', '5', '--ops', String(job.operations), '--shrink'];
  const fault = job.fault === undefined ? [] : ['--fault', job.fault];
  return promisify(execFile)(process.execPath, [SCRIPT, ...args, ...fault]).then(
    ({ stdout }) => ({ status: 0, said: stdout }),
    (error: { code: number; stdout: string }) => ({ status: error.code, said: error.stdout }),
  );
}

test('[D9] a planted fault shrinks to few operations, which still break the same promise', async () => {
  const fault = 'acknowledge before storing';
  let found: Job | null = null;
  const jobs = Array.from({ length: 40 }, (_, i): Job => ({ ...size, seed: 1 + i, fault }));
  await runAll(jobs, 1, ({ problems }, job) => {
    if (problems.length > 0) found = job;
    return found === null;
  });
  if (found === null) throw new Error('nothing found to shrink');
  const job: Job = found;
  const before = await problemsOf(job);
  const { status, said } = await shrunk(job);
  expect(status).toBe(1);
  const again = /again: npm run sim -- --seed (\d+) --devices 5 --ops (\d+)(?: --without "([^"]*)")? --fault/.exec(
    said,
  );
  expect(again?.[1]).toBe(String(job.seed));
  const operations = Number(again?.[2]);
  expect(operations).toBeLessThanOrEqual(MOST_OPERATIONS);
  const without = again?.[3]?.split(',') ?? [];
  expect(without.length).toBeGreaterThan(0);
  const after = await problemsOf({ ...job, operations, without });
  const broken = new Set(before.map(promiseOf));
  expect(after.map(promiseOf).filter((one) => broken.has(one))).not.toEqual([]);
  // And it is the fault that breaks it.
  expect(await problemsOf({ ...size, seed: job.seed, operations, without })).toEqual([]);
});

test('[D9] what breaks no promise is said to break none', async () => {
  expect(await shrunk({ ...size, operations: 20, seed: 11 })).toEqual({ status: 0, said: 'every promise was kept\n' });
});
