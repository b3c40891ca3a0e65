import { parentPort } from 'node:worker_threads';
import type { Job } from './pool.ts';
import { run, settingsOf } from './worker.ts';

/** One thread of the pool: a job comes in, its outcome goes out. */
parentPort?.on('message', (job: Job) => {
  void run(settingsOf(job)).then((outcome) => {
    parentPort?.postMessage(outcome);
  });
});
