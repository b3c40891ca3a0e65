import { parentPort } from 'node:worker_threads';
import type { Job } from './pool.ts';
import { plantOf, run } from './worker.ts';

/** One thread of the pool: a job comes in, its outcome goes out. */
parentPort?.on('message', ({ fault, ...settings }: Job) => {
  void run({ ...settings, ...(fault !== undefined && { plant: plantOf(fault) }) }).then((outcome) => {
    parentPort?.postMessage(outcome);
  });
});
