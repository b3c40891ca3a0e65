/**
 * A preload for the server process (`node --import loop-watch.ts`, with LOOP_WATCH naming a Unix socket): measures the
 * longest stall of its event loop and tells whoever connects to that socket. The product has no code for it.
 *
 * A stall is the processor time of the main thread between two ticks of a short timer, so that a busy machine does not
 * count, and nobody else is served while it lasts.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** What it answers, as one JSON object, before it ends the connection and begins to measure anew. */
export type Watched = {
  /** Milliseconds of processor time. */
  longestStall: number;
  /** Bytes. */
  rss: number;
};

const TICK_MS = 5;

function watch(path: string): void {
  let longest = 0;
  let last = process.threadCpuUsage();
  const tick = () => {
    const { user, system } = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    longest = Math.max(longest, (user + system) / 1000);
  };
  setInterval(tick, TICK_MS).unref();
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    tick();
    const { rss } = process.memoryUsage();
    socket.end(JSON.stringify({ longestStall: longest, rss } satisfies Watched));
    longest = 0;
  });
  // A process before this one may have left it behind.
  rmSync(path, { force: true });
  server.listen(path).unref();
}

if (isMainThread && process.env.LOOP_WATCH !== undefined) watch(process.env.LOOP_WATCH);
