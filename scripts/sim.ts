/**
 * Lives through the product in virtual time, run after run, and demands that every promise was kept.
 * `npm run sim -- --runs N --seed S [--devices D --ops K --workers W --trace]`; without words, 1,500 small worlds and 150 larger ones.
 * A run is its seed: the same one gives the same events. Exit status 0 only when all promises held in all of them.
 */
import { availableParallelism } from 'node:os';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { runAll, type Job, type Summary } from '../tests/sim/pool.ts';
import type { Outcome } from '../tests/sim/run.ts';

const PROGRESS_MS = 10_000;
/** Without words: many small worlds, and some larger ones. */
const MANY = [
  { runs: 1_500, seed: 1, devices: 5, operations: 200 },
  { runs: 150, seed: 100_001, devices: 8, operations: 500 },
];

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    devices: { type: 'string', default: '5' },
    ops: { type: 'string', default: '200' },
    workers: { type: 'string' },
    trace: { type: 'boolean', default: false },
    /** Writes `{passed, failed}` there. */
    report: { type: 'string' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const number = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  process.stderr.write(`${text} is not a number above 0.\n`);
  process.exit(2);
};

const workers = number(values.workers, Math.min(2, availableParallelism()));
const devices = number(values.devices, 5);
const operations = number(values.ops, 200);
const jobs: Job[] =
  values.runs === undefined && values.seed === undefined
    ? MANY.flatMap(({ runs, seed, ...size }) => Array.from({ length: runs }, (_, i) => ({ ...size, seed: seed + i })))
    : Array.from({ length: number(values.runs, 1) }, (_, i) => ({
        seed: number(values.seed, 1) + i,
        devices,
        operations,
      }));
const sizes = new Map(jobs.map((job) => [job.seed, job]));

if (values.trace) await trace(jobs[0] as Job);
else await all();

async function all(): Promise<void> {
  const began = performance.now();
  let spoke = began;
  const summary = await runAll(jobs, workers, (outcome, done) => {
    if (outcome.problems.length > 0) tell(outcome);
    const now = performance.now();
    if (now - spoke > PROGRESS_MS) {
      spoke = now;
      const speed = done / ((now - began) / 1_000);
      const left = (jobs.length - done) / speed / 60;
      say(`  ${done} of ${jobs.length} runs, ${speed.toFixed(1)} a second, about ${left.toFixed(0)} min left`);
    }
    return true;
  });
  conclude(summary, (performance.now() - began) / 1_000);
}

function conclude({ runs, failed, acts, events, deaths, hours }: Summary, seconds: number): void {
  say(
    `${runs} runs in ${seconds.toFixed(0)} s (${(runs / seconds).toFixed(1)} a second, ${workers} threads): ` +
      `${acts} changes by people, ${deaths} deaths of the server, ${hours.toFixed(0)} hours of virtual time, ` +
      `${events} events; ${failed.length} broke a promise.`,
  );
  if (values.report !== undefined) {
    mkdirSync(dirname(values.report), { recursive: true });
    writeFileSync(values.report, JSON.stringify({ passed: runs - failed.length, failed: failed.length }));
  }
  process.exitCode = failed.length > 0 || runs === 0 ? 1 : 0;
}

/** The seed, how to see it again, and what was wrong. */
function tell({ seed, problems }: Outcome): void {
  const size = sizes.get(seed);
  say(`seed ${seed} broke ${problems.length === 1 ? 'a promise' : `${problems.length} promises`}:`);
  for (const problem of problems.slice(0, 8)) say(`  ${problem}`);
  say(`  again: npm run sim -- --seed ${seed} --devices ${size?.devices} --ops ${size?.operations} --trace`);
}

/** One run, line by line. */
async function trace(job: Job): Promise<void> {
  const { run } = await import('../tests/sim/worker.ts');
  const outcome = await run({ ...job, trace: say });
  say(`hash ${outcome.hash}, ${outcome.events} events, ${outcome.lasted} virtual seconds`);
  if (outcome.problems.length > 0) tell(outcome);
  else say('every promise was kept');
  process.exit(outcome.problems.length > 0 ? 1 : 0);
}
