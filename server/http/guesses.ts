import { throttled } from './limits.ts';
import type { Services } from './route.ts';

/**
 * Counts an attempt that tells whether a guess is right (null when it is not) against an address and an account. What
 * is right, and what could not be tried, is given back.
 */
export async function countGuess<T>(
  { throttles }: Services,
  { address, account }: { address: string; account?: string },
  attempt: () => Promise<T | null>,
): Promise<T | null> {
  const buckets = [{ throttle: throttles.address, key: address }];
  if (account !== undefined) {
    buckets.push({ throttle: throttles.pair, key: `${address} ${account}` });
    buckets.push({ throttle: throttles.account, key: account });
  }
  const taken: typeof buckets = [];
  let wrong = false;
  try {
    for (const bucket of buckets) {
      const wait = bucket.throttle.take(bucket.key);
      if (wait > 0) throw throttled(wait, 'attempts');
      taken.push(bucket);
    }
    const result = await attempt();
    wrong = result === null;
    return result;
  } finally {
    if (!wrong) for (const { throttle, key } of taken) throttle.giveBack(key);
  }
}
