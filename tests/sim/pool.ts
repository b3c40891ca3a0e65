import { Worker } from 'node:worker_threads';
import type { Outcome } from './run.ts';

export type Job = { seed: number; devices: number; operations: number; fault?: string | undefined };

export type Summary = {
  runs: number;
  failed: Outcome[];
  acts: number;
  events: number;
  deaths: number;
  /** Virtual hours that were lived through. */
  hours: number;
  /** Outcomes by seed, in the order of the jobs. */
  outcomes: Map<number, Outcome>;
};

/**
 * Runs simulations in threads, each with its own virtual time. `told` hears of every outcome; the rest is left out once
 * it answers false.
 */
export async function runAll(
  jobs: readonly Job[],
  workers: number,
  told: (outcome: Outcome, done: number) => boolean = () => true,
): Promise<Summary> {
  const summary: Summary = { runs: 0, failed: [], acts: 0, events: 0, deaths: 0, hours: 0, outcomes: new Map() };
  let next = 0;
  let going = true;
  const one = async (): Promise<void> => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url));
    try {
      while (going && next < jobs.length) {
        const job = jobs[next] as Job;
        next += 1;
        const outcome = await ask(worker, job);
        summary.runs += 1;
        summary.acts += outcome.acts;
        summary.events += outcome.events;
        summary.deaths += outcome.deaths;
        summary.hours += outcome.lasted / 3_600;
        summary.outcomes.set(job.seed, outcome);
        if (outcome.problems.length > 0) summary.failed.push(outcome);
        going &&= told(outcome, summary.runs);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(workers, jobs.length)) }, one));
  return summary;
}

function ask(worker: Worker, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    worker.once('message', (outcome: Outcome) => {
      worker.removeAllListeners('error');
      resolve(outcome);
    });
    worker.once('error', reject);
    worker.postMessage(job);
  });
}
