import type * as Y from 'yjs';

/** Clocks of one client from `clock` up to and without `end`. */
export type Range = { clock: number; end: number };

/** Where an item belongs: a key or a list, in a root or in a type under a root. */
export type Place = Home & { key: string | null };

/** A type that items can be in. `under` is the item that made it; null for the root itself. */
export type Home = { root: string; under: Y.ID | null; kind: 'root' | 'element' | 'text' | 'other'; depth: number };

/**
 * The new part of a struct (all of it, unless its beginning was known) and where it belongs; `place`
 * is null for what Yjs will drop to GC.
 */
export type Placed = Range & { client: number; struct: Y.Item | Y.GC; place: Place | null };

/** The last item of a map's key, which is the one that counts, deleted or not. */
export type Tip = { client: number; clock: number };

/** What an accepted update adds, resolved. Immutable. */
export type DecodedUpdate = {
  /** By client, in order of clocks, without holes. */
  readonly fresh: ReadonlyMap<number, readonly Placed[]>;
  /** By client, in order of clocks, disjoint. */
  readonly deletions: ReadonlyMap<number, readonly Range[]>;
  /** The tips of the keys it wrote, by `tipKey`. */
  readonly tips: ReadonlyMap<string, Tip>;
};

/** A root's and a key's name as one: roots hold no NUL, because all that pass are known ones. */
export function tipKey(root: string, key: string): string {
  return `${root}\0${key}`;
}

/**
 * Updates that are accepted and being logged, but not yet applied, in order of acceptance. Judging
 * against document and overlay gives what judging against the document gives once they are applied.
 * One per document. Remove an update right after it was applied, in order; clear after a failed commit.
 */
export class Overlay {
  #updates: DecodedUpdate[] = [];

  get size(): number {
    return this.#updates.length;
  }

  add(update: DecodedUpdate): void {
    this.#updates.push(update);
  }

  /** Without effect for one that is not in it. */
  remove(update: DecodedUpdate): void {
    const at = this.#updates.indexOf(update);
    if (at !== -1) this.#updates.splice(at, 1);
  }

  clear(): void {
    this.#updates = [];
  }

  /** The first clock of `client` that no update here has; 0 when none has any. */
  state(client: number): number {
    for (let i = this.#updates.length - 1; i >= 0; i--) {
      const end = this.#updates[i]?.fresh.get(client)?.at(-1)?.end;
      if (end !== undefined) return end;
    }
    return 0;
  }

  /** Every client with something here. */
  *clients(): Iterable<number> {
    for (const update of this.#updates) yield* update.fresh.keys();
  }

  find(client: number, clock: number): Placed | null {
    for (const update of this.#updates) {
      const found = findRange(update.fresh.get(client), clock);
      if (found !== null) return found;
    }
    return null;
  }

  deletes(client: number, clock: number): boolean {
    return this.#updates.some((update) => findRange(update.deletions.get(client), clock) !== null);
  }

  tip(root: string, key: string): Tip | null {
    const name = tipKey(root, key);
    for (let i = this.#updates.length - 1; i >= 0; i--) {
      const tip = this.#updates[i]?.tips.get(name);
      if (tip !== undefined) return tip;
    }
    return null;
  }
}

/** The one of these ranges (sorted, disjoint) that holds `clock`, or null. O(log n). */
export function findRange<T extends Range>(ranges: readonly T[] | undefined, clock: number): T | null {
  if (ranges === undefined) return null;
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined) return null;
    if (clock < range.clock) high = middle - 1;
    else if (clock >= range.end) low = middle + 1;
    else return range;
  }
  return null;
}
