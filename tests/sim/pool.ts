import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Outcome } from './run.ts';

export type Job = {
  seed: number;
  devices: number;
  operations: number;
  fault?: string | undefined;
  /** Kinds of fault that do not happen. */
  without?: readonly string[] | undefined;
};

/** What all runs were together. Outcomes are not kept: there may be any number. */
export type Summary = {
  runs: number;
  failures: number;
  acts: number;
  events: number;
  faults: number;
  deaths: number;
  /** Virtual hours that were lived through. */
  hours: number;
};

export function nothingYet(): Summary {
  return { runs: 0, failures: 0, acts: 0, events: 0, faults: 0, deaths: 0, hours: 0 };
}

/** Adds a run to what was before it. */
export function count(so: Summary, outcome: Outcome): void {
  so.runs += 1;
  so.failures += outcome.problems.length > 0 ? 1 : 0;
  so.acts += outcome.acts;
  so.events += outcome.events;
  so.faults += outcome.faults;
  so.deaths += outcome.deaths;
  so.hours += outcome.lasted / 3_600;
}

/** A run that has not ended after so much of the machine's time never will. */
const STUCK_MS = 10 * 60_000;
/** Megabytes of what lives shortly, in a thread. Worlds make and drop millions of small things: a tenth faster than with Node's own. */
const YOUNG_MB = 128;
/** An idle thread has nothing left to do. */
const END_MS = 10_000;

/**
 * Runs simulations in threads, each with its own virtual time. `told` hears of every outcome as it comes; the rest is left
 * out once it answers false. A run that ends or blocks its thread is a failure like any other.
 */
export async function runAll(
  jobs: Iterable<Job>,
  workers: number,
  told: (outcome: Outcome, job: Job, so: Summary) => boolean = () => true,
): Promise<Summary> {
  const so = nothingYet();
  const queue = jobs[Symbol.iterator]();
  let going = true;
  const thread = async (): Promise<void> => {
    let worker: Worker | null = null;
    try {
      for (let next = queue.next(); going && next.done !== true; next = queue.next()) {
        worker ??= new Worker(new URL('./thread.ts', import.meta.url), {
          resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
        });
        const outcome = await ask(worker, next.value);
        if (typeof outcome === 'string') {
          await worker.terminate();
          worker = null;
        }
        const known = typeof outcome === 'string' ? lost(next.value, outcome) : outcome;
        count(so, known);
        going &&= told(known, next.value, so);
      }
    } finally {
      if (worker !== null) await end(worker);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, workers) }, thread));
  return so;
}

/** Lets an idle thread end by itself: to be terminated has been seen to bring the whole process down (Node 24). */
async function end(worker: Worker): Promise<void> {
  const ended = once(worker, 'exit');
  worker.postMessage(null);
  const late = setTimeout(() => void worker.terminate(), END_MS);
  await ended;
  clearTimeout(late);
}

/** The outcome, or why there is none. */
function ask(worker: Worker, job: Job): Promise<Outcome | string> {
  return new Promise((resolve) => {
    const end = (outcome: Outcome | string): void => {
      clearTimeout(stuck);
      worker.off('message', end).off('error', died).off('exit', ended);
      resolve(outcome);
    };
    const died = (error: unknown): void => end(`its thread died: ${String(error)}`);
    const ended = (): void => end('its thread ended');
    const stuck = setTimeout(() => end('never ended'), STUCK_MS);
    worker.once('message', end).once('error', died).once('exit', ended);
    worker.postMessage(job);
  });
}

function lost({ seed }: Job, problem: string): Outcome {
  return { seed, problems: [problem], hash: '', events: 0, acts: 0, faults: 0, deaths: 0, lasted: 0, ms: 0 };
}
