/** A bucket of `capacity` tokens that gains one back every `refillMs`. */
export interface BucketSize {
  capacity: number;
  refillMs: number;
}

export interface Throttle {
  /** Takes a token; the answer is 0, or the milliseconds until there is one. */
  take(key: string): number;
  /** Returns a token: what succeeded is no guess. */
  giveBack(key: string): void;
}

/** Beyond this many keys the ones that are full again are forgotten, then those asked for longest ago: memory stays bounded. */
const MAX_KEYS = 20_000;

/** Token buckets by key, in memory: a restart forgives. */
export function createThrottle({ capacity, refillMs }: BucketSize, now: () => number = Date.now): Throttle {
  /**
   * When the bucket will be full again. One number is the whole state; a past time is a full bucket. In the order of
   * their last use, so that no flood of other keys makes the one forgotten that somebody is trying all the time.
   */
  const fullAt = new Map<string, number>();

  function set(key: string, at: number): void {
    fullAt.delete(key);
    fullAt.set(key, at);
  }

  function forget(time: number): void {
    for (const [key, at] of fullAt) if (at <= time) fullAt.delete(key);
    for (const key of fullAt.keys()) {
      if (fullAt.size <= MAX_KEYS / 2) break;
      fullAt.delete(key);
    }
  }

  return {
    take(key) {
      const time = now();
      const at = Math.max(fullAt.get(key) ?? time, time);
      const wait = at - time - (capacity - 1) * refillMs;
      if (wait > 0) {
        set(key, at);
        return wait;
      }
      if (fullAt.size >= MAX_KEYS) forget(time);
      set(key, at + refillMs);
      return 0;
    },
    giveBack(key) {
      const at = fullAt.get(key);
      if (at !== undefined) fullAt.set(key, at - refillMs);
    },
  };
}
