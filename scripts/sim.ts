/**
 * Lives through the product in virtual time, run after run, and demands that every promise was kept.
 * `npm run sim -- --runs N --seed S [--devices D --ops K --workers W --without "a fault,another" --trace | --shrink]`; without
 * words, 1,500 small worlds and 150 larger ones. Any number of runs may be asked for: what breaks a promise is told as it comes.
 * With `--resume FILE` the file says how far it has come; ended by SIGTERM, SIGINT or anything else, it goes on from there.
 * A run is its seed: the same one gives the same events. Exit status 0 only when all promises held in all of them.
 */
import { availableParallelism } from 'node:os';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { runAll, type Job, type Summary } from '../tests/sim/pool.ts';
import type { Outcome } from '../tests/sim/run.ts';
import { Soak } from '../tests/sim/soak.ts';

const PROGRESS_MS = 10_000;
/** Without words: many small worlds, and some larger ones. The larger come first: no thread is left with them alone. */
const MANY = [
  { runs: 150, seed: 100_001, devices: 8, operations: 500 },
  { runs: 1_500, seed: 1, devices: 5, operations: 200 },
];

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    devices: { type: 'string', default: '5' },
    ops: { type: 'string', default: '200' },
    workers: { type: 'string' },
    /** Without words: a hundredth of the runs for each, from the first seeds on. */
    percent: { type: 'string' },
    /** Kinds of fault that do not happen. */
    without: { type: 'string', default: '' },
    trace: { type: 'boolean', default: false },
    /** A fault that is planted in the server, to see it found. */
    fault: { type: 'string' },
    /** Looks for the fewest operations and kinds of fault with which the seed still breaks a promise. */
    shrink: { type: 'boolean', default: false },
    /** Where a long run keeps how far it has come. */
    resume: { type: 'string' },
    /** After how many seeds that file is written anew. */
    every: { type: 'string', default: '100' },
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
const without = values.without === '' ? [] : values.without.split(',');
const one = {
  runs: number(values.runs, 1),
  seed: number(values.seed, 1),
  devices: number(values.devices, 5),
  operations: number(values.ops, 200),
};
const percent = number(values.percent, 100);
const many = MANY.map((batch) => ({ ...batch, runs: Math.ceil((batch.runs * percent) / 100) }));
const batches = values.runs === undefined && values.seed === undefined ? many : [one];
const total = batches.reduce((sum, { runs }) => sum + runs, 0);

function* jobs(): Generator<Job> {
  for (const { runs, seed, devices, operations } of batches) {
    for (let i = 0; i < runs; i++) yield { seed: seed + i, devices, operations, without, fault: values.fault };
  }
}

const first: Job = { ...one, without, fault: values.fault };
if (values.trace) await trace(first);
else if (values.shrink) await shrunk(first);
else if (values.resume !== undefined) await resumed(values.resume);
else await all();

async function all(): Promise<void> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  let spoke = began;
  const summary = await runAll(jobs(), workers, (outcome, job, { runs, failures }) => {
    if (outcome.problems.length > 0) tell(outcome, job);
    const now = performance.now();
    if (now - spoke > PROGRESS_MS) {
      spoke = now;
      const speed = runs / ((now - began) / 1_000);
      const left = (total - runs) / speed / 60;
      const memory = (process.memoryUsage.rss() / 1e6).toFixed(0);
      say(
        `  ${runs} of ${total} runs, ${speed.toFixed(1)} a second, about ${left.toFixed(0)} min left, ` +
          `${failures} failed, ${memory} MB`,
      );
    }
    return true;
  });
  const { user, system } = process.cpuUsage(cpu);
  conclude(summary, (performance.now() - began) / 1_000, (user + system) / 1e6);
}

/** Goes on where the file says, until all is run or a signal comes. */
async function resumed(file: string): Promise<void> {
  const soak = new Soak(file, { ...one, without }, number(values.every, 100));
  const began = performance.now();
  let ending: number | null = null;
  const end = (signal: NodeJS.Signals): void => {
    // Whoever asks a second time does not wait for the worlds under way.
    if (ending !== null) process.exit(ending);
    ending = signal === 'SIGINT' ? 130 : 143;
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  const { progress } = soak;
  if (progress.done > 0) say(`  ${progress.done} of ${one.runs} runs were there, ${progress.totals.failures} failed`);
  await runAll(soak.jobs(), workers, (outcome, job) => {
    soak.take(outcome);
    if (outcome.problems.length > 0) tell(outcome, job);
    return ending === null;
  });
  soak.save();
  conclude(progress.totals, (performance.now() - began) / 1_000, progress.cpu);
  if (ending === null) return;
  say(`  ${progress.done} of ${one.runs} runs are in ${file}; the same command goes on`);
  process.exitCode = ending;
}

function conclude(
  { runs, failures, acts, events, faults, deaths, hours }: Summary,
  seconds: number,
  cpu: number,
): void {
  say(
    `${runs} runs in ${seconds.toFixed(0)} s (${(runs / seconds).toFixed(1)} a second, ${workers} threads, ` +
      `${cpu.toFixed(0)} s of CPU, ${((cpu * 1_000) / Math.max(1, runs)).toFixed(0)} ms each): ` +
      `${acts} changes by people, ${faults} faults, ${deaths} deaths of the server, ${hours.toFixed(0)} hours of virtual time, ` +
      `${events} events; ${failures} broke a promise.`,
  );
  if (values.report !== undefined) {
    mkdirSync(dirname(values.report), { recursive: true });
    writeFileSync(values.report, JSON.stringify({ passed: runs - failures, failed: failures }));
  }
  process.exitCode = failures > 0 || runs === 0 ? 1 : 0;
}

/** The seed, how to see it again, and what was wrong. */
function tell({ seed, problems }: Outcome, job: Job): void {
  say(`seed ${seed} broke ${problems.length === 1 ? 'a promise' : `${problems.length} promises`}:`);
  for (const problem of problems.slice(0, 8)) say(`  ${problem}`);
  say(`  again: ${command(job)} --trace`);
}

function command({ seed, devices, operations, without: kinds = [], fault }: Job): string {
  const left = kinds.length === 0 ? '' : ` --without "${kinds.join(',')}"`;
  const planted = fault === undefined ? '' : ` --fault "${fault}"`;
  return `npm run sim -- --seed ${seed} --devices ${devices} --ops ${operations}${left}${planted}`;
}

/** One run, line by line. */
async function trace(job: Job): Promise<void> {
  const { run, settingsOf } = await import('../tests/sim/worker.ts');
  const outcome = await run({ ...settingsOf(job), trace: say });
  say(`hash ${outcome.hash}, ${outcome.events} events, ${outcome.lasted} virtual seconds`);
  if (outcome.problems.length > 0) tell(outcome, job);
  else say('every promise was kept');
  process.exit(outcome.problems.length > 0 ? 1 : 0);
}

/** The least of one run that still breaks a promise. */
async function shrunk(job: Job): Promise<void> {
  const { shrink, run, settingsOf } = await import('../tests/sim/worker.ts');
  const least = await shrink(job, (smaller) => say(`  still: ${command(smaller)}`));
  if (least === null) say('every promise was kept');
  else tell(await run(settingsOf(least)), least);
  process.exit(least === null ? 0 : 1);
}
