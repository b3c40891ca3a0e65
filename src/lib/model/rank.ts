import { RANK_LENGTH } from './limits.ts';

/**
 * Ranks: the places of things in a list that several people sort at once. A rank is a fraction
 * between 0 and 1 in base 62, written without its "0."; ranks compare as plain strings. Each new one
 * is drawn at random from the middle of its gap, so that two people who insert at the same place
 * offline get different ones.
 */
export type Rank = string;

/** In the order of their character codes, so that comparing strings compares fractions. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = BigInt(DIGITS.length);
const RANK = /^[0-9A-Za-z]{0,31}[1-9A-Za-z]$/;

/** Digits that appending moves in. With steps below 2³⁰ there is room for 100,000 appended in a row. */
const COARSE = 8;
const STEP = 2n ** 30n;
/** A gap is worth choosing from when this many ranks lie in it: two people draw the same one in 2¹⁹. */
const CHOICES = 2n ** 20n;
/** Neighbours that move first when a gap is used up; the next try takes in twice as many. */
const NEIGHBOURS = 4;

/** A source of random numbers in [0, 1). */
export type Random = () => number;

/** True for 1 to 32 base-62 digits that do not end in zero. */
export function isRank(value: unknown): value is Rank {
  return typeof value === 'string' && RANK.test(value);
}

/** Order of two things by rank, then by id: the same on every replica even where ranks are equal. */
export function compareRanked(a: { rank: string; id: string }, b: { rank: string; id: string }): number {
  if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * A rank after `a` and before `b`; null stands for the end of the list on that side.
 * Null when there is none within the capped length: the neighbours must move (see `place`).
 */
export function rankBetween(a: Rank | null, b: Rank | null, random: Random = Math.random): Rank | null {
  return spread(a, b, 1, RANK_LENGTH, random)?.[0] ?? null;
}

/**
 * The rank for something new at `index` of a list with these ranks (in order, ends and ties allowed),
 * and new ranks for as few of its neighbours as must move to make room, by their index.
 * Terminates for any strings.
 */
export function place(
  ranks: readonly string[],
  index: number,
  random: Random = Math.random,
): { rank: Rank; moved: Map<number, Rank> } {
  const at = Math.max(0, Math.min(index, ranks.length));
  const rank = rankBetween(ranks[at - 1] ?? null, ranks[at] ?? null, random);
  if (rank !== null) return { rank, moved: new Map() };
  for (let reach = NEIGHBOURS; ; reach *= 2) {
    const from = Math.max(0, at - reach);
    const to = Math.min(ranks.length, at + reach);
    const whole = from === 0 && to === ranks.length;
    // Half the length at most, so that what moved has gaps to insert into again.
    const fresh = whole
      ? rebalance(to - from + 1, random)
      : spread(ranks[from - 1] ?? null, ranks[to] ?? null, to - from + 1, RANK_LENGTH / 2, random);
    if (fresh === null) continue;
    const moved = new Map<number, Rank>();
    let own = '';
    fresh.forEach((value, k) => {
      const position = from + k;
      if (position === at) own = value;
      else moved.set(position < at ? position : position - 1, value);
    });
    return { rank: own, moved };
  }
}

/** `count` fresh ranks in order, for a whole list. */
export function rebalance(count: number, random: Random = Math.random): Rank[] {
  const scale = BASE ** BigInt(COARSE);
  const step = bigMin(STEP, scale / BigInt(count + 2));
  let value = (scale - step * BigInt(count)) / 2n;
  return Array.from({ length: count }, () => {
    value += step / 2n + below(step / 2n, random);
    return format(value, COARSE);
  });
}

/** `count` ranks in order strictly between `a` and `b`, or null when they need more than `cap` digits. */
function spread(a: Rank | null, b: Rank | null, count: number, cap: number, random: Random): Rank[] | null {
  if (a === null && b === null) return rebalance(count, random);
  if (count === 1 && (a === null || b === null)) {
    const outside = step(a, b, random);
    if (outside !== null) return [outside];
  }
  for (let length = COARSE; length <= cap; length++) {
    const low = a === null ? 0n : parse(a, length);
    const high = b === null ? BASE ** BigInt(length) : parse(b, length);
    const share = (high - low) / BigInt(count + 1);
    if (share < CHOICES) continue;
    // Each draws from the middle half of its share, so ranks keep their order and their distance.
    let start = low + share / 2n;
    return Array.from({ length: count }, () => {
      const value = start + share / 4n + below(share / 2n, random);
      start += share;
      return format(value, length);
    });
  }
  return null;
}

/** A rank one random step after `a` or before `b`; null when the list's end is too near. */
function step(a: Rank | null, b: Rank | null, random: Random): Rank | null {
  const distance = STEP / 2n + below(STEP / 2n, random);
  if (a !== null) {
    const value = parse(a, COARSE) + distance;
    return value < BASE ** BigInt(COARSE) ? format(value, COARSE) : null;
  }
  const value = parse(b ?? '', COARSE) - distance;
  return value > 0n ? format(value, COARSE) : null;
}

/** The first `length` digits as a number. A character that is no digit counts as zero. */
function parse(rank: string, length: number): bigint {
  let value = 0n;
  for (let i = 0; i < length; i++) {
    const digit = i < rank.length ? DIGITS.indexOf(rank.charAt(i)) : 0;
    value = value * BASE + BigInt(Math.max(0, digit));
  }
  return value;
}

/** The shortest rank of that value: zeros at the end say nothing and are left out. */
function format(value: bigint, length: number): Rank {
  let digits = '';
  for (let rest = value; digits.length < length; rest /= BASE) digits = DIGITS.charAt(Number(rest % BASE)) + digits;
  return digits.replace(/0+$/, '');
}

function below(limit: bigint, random: Random): bigint {
  return (limit * BigInt(Math.floor(random() * 2 ** 32))) >> 32n;
}

function bigMin(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
