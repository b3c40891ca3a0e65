/**
 * A preload for the server process: on SIGUSR2 its clock is CLOCK_AHEAD milliseconds ahead from then on, so that what
 * lasts for weeks can be seen to end.
 */
import { isMainThread } from 'node:worker_threads';

const ahead = Number(process.env.CLOCK_AHEAD ?? 0);
if (isMainThread && ahead > 0) {
  const now = Date.now.bind(Date);
  process.once('SIGUSR2', () => {
    Date.now = () => now() + ahead;
  });
}
