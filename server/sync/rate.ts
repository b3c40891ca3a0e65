/** Tokens that refill with time. Bytes, here. */
export type RateLimit = {
  /** What may come at once. */
  burst: number;
  /** What comes back in a second. */
  perSecond: number;
};

/**
 * An offline session of a few megabytes comes in at once, the tests' fastest typist stays far below; what
 * comes faster is not refused but read later, so that an honest client never loses anything to it.
 */
export const PERSON_RATE: RateLimit = { burst: 16 * 1024 * 1024, perSecond: 1024 * 1024 };
/** Nobody knows yet who this is. */
export const STRANGER_RATE: RateLimit = { burst: 1024 * 1024, perSecond: 32 * 1024 };

/** A bucket that may be overdrawn once: what arrived, arrived. */
export class Bucket {
  #limit: RateLimit;
  #now: () => number;
  #left: number;
  #at: number;

  constructor(limit: RateLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
    this.#left = limit.burst;
    this.#at = now();
  }

  /** Takes `amount` and returns the milliseconds to wait before taking more: 0 while something is left. */
  take(amount: number): number {
    this.#refill();
    this.#left -= amount;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / this.#limit.perSecond) * 1000);
  }

  /** True when forgetting this bucket and making a new one changes nothing. */
  get full(): boolean {
    this.#refill();
    return this.#left === this.#limit.burst;
  }

  #refill(): void {
    const now = this.#now();
    const { burst, perSecond } = this.#limit;
    this.#left = Math.min(burst, this.#left + (Math.max(0, now - this.#at) * perSecond) / 1000);
    this.#at = now;
  }
}

/** One bucket per person, shared by all their sockets. */
export class Buckets {
  #limit: RateLimit;
  #now: () => number;
  #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
  }

  of(person: string): Bucket {
    let bucket = this.#buckets.get(person);
    if (bucket === undefined) {
      this.#sweep();
      bucket = new Bucket(this.#limit, this.#now);
      this.#buckets.set(person, bucket);
    }
    return bucket;
  }

  #sweep(): void {
    if (this.#buckets.size < 1_000) return;
    for (const [person, bucket] of this.#buckets) if (bucket.full) this.#buckets.delete(person);
  }
}
