import { StoreUnavailable } from '../store/store.ts';

/** Far above what any answer takes while the database works, and short of the time-outs of proxies and programs. */
const PATIENCE_MS = 20_000;

/**
 * What `work` comes to. Rejects with `StoreUnavailable` when that takes too long: a database that is stopped, or behind
 * a network that swallows everything, does not say that it is away. The work itself goes on, and may still be done.
 */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable(StoreUnavailable.NO_ANSWER, undefined)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
