import { ApiError } from '../../src/lib/api/errors.ts';
import { createThrottle, type BucketSize, type Throttle } from '../auth/throttle.ts';

/**
 * How much anyone may ask for, far above what honest use comes to: against a program that runs wild and a stranger who
 * floods. SPEC.md tells the figures.
 */
export interface Limits {
  /** By account. */
  reads: Throttle;
  writes: Throttle;
  invitations: Throttle;
  upgrades: Throttle;
  /** By address: what nobody signed in asks for, and what is not known yet to be by somebody. */
  strangers: Throttle;
  joins: Throttle;
  knocks: Throttle;
}

export const LIMITS: Record<keyof Limits, BucketSize> = {
  reads: { capacity: 4_000, refillMs: 10 },
  writes: { capacity: 2_000, refillMs: 20 },
  invitations: { capacity: 300, refillMs: 1_000 },
  upgrades: { capacity: 300, refillMs: 100 },
  strangers: { capacity: 2_000, refillMs: 20 },
  joins: { capacity: 300, refillMs: 1_000 },
  knocks: { capacity: 3_000, refillMs: 10 },
};

/** Sockets from one address that have not said yet who they are. */
export const STRANGER_SOCKETS = 1_000;

/** By the clock that never jumps. */
export function createLimits(now: () => number = () => performance.now()): Limits {
  const throttle = (name: keyof Limits) => createThrottle(LIMITS[name], now);
  return {
    reads: throttle('reads'),
    writes: throttle('writes'),
    invitations: throttle('invitations'),
    upgrades: throttle('upgrades'),
    strangers: throttle('strangers'),
    joins: throttle('joins'),
    knocks: throttle('knocks'),
  };
}

/** Takes a token, or throws the refusal that says when there is one. */
export function takeFrom(throttle: Throttle, key: string): void {
  const wait = throttle.take(key);
  if (wait > 0) throw throttled(wait, 'requests');
}

export function throttled(waitMs: number, of: 'attempts' | 'requests'): ApiError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new ApiError('throttled', `Too many ${of}; try again in ${seconds} seconds.`, seconds);
}
