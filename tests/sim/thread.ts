import { parentPort } from 'node:worker_threads';
import type { Job } from './pool.ts';
import { run, settingsOf } from './worker.ts';

/** One thread of the pool: a job comes in, its outcome goes out. Null ends it. */
parentPort?.on('message', (job: Job | null) => {
  if (job === null) return parentPort?.close();
  void run(settingsOf(job)).then((outcome) => {
    parentPort?.postMessage(outcome);
  });
});
