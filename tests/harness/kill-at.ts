/**
 * Loaded beside the server by `node --import`: kills the process, as a power cut would, at a milestone of its work
 * (`server/milestones.ts`). The product itself holds no way to do that.
 * A plan comes in the environment, for what happens during the start and in the database's thread, or as a message.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';
import { FAIL_POINT, type FailPoint } from './fail-point.ts';

function kill(): void {
  process.kill(process.pid, 'SIGKILL');
}

function arm({ at, skip = 0, afterMs }: FailPoint): void {
  const name = `taskflow:${at}`;
  let passed = 0;
  const passes = () => {
    if (passed++ < skip) return;
    unsubscribe(name, passes);
    if (afterMs === undefined) kill();
    else setTimeout(kill, afterMs);
  };
  subscribe(name, passes);
}

const given = process.env[FAIL_POINT];
if (given) arm(JSON.parse(given) as FailPoint);

if (isMainThread && process.send) {
  process.on('message', (plan: FailPoint) => {
    arm(plan);
    process.send?.('armed');
  });
  // The channel to the test must not keep a server alive that has stopped.
  process.channel?.unref();
}
