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
  /** The same, in an order in which Yjs can apply them. */
  readonly inOrder: readonly Placed[];
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
  readonly #updates = new Set<DecodedUpdate>();
  readonly #writers = new Index<number>();
  readonly #deleters = new Index<number>();
  readonly #tips = new Index<string>();

  get size(): number {
    return this.#updates.size;
  }

  add(update: DecodedUpdate): void {
    this.#updates.add(update);
    this.#writers.add(update.fresh.keys(), update);
    this.#deleters.add(update.deletions.keys(), update);
    this.#tips.add(update.tips.keys(), update);
  }

  /** Without effect for one that is not in it. */
  remove(update: DecodedUpdate): void {
    if (!this.#updates.delete(update)) return;
    this.#writers.remove(update.fresh.keys(), update);
    this.#deleters.remove(update.deletions.keys(), update);
    this.#tips.remove(update.tips.keys(), update);
  }

  clear(): void {
    this.#updates.clear();
    this.#writers.clear();
    this.#deleters.clear();
    this.#tips.clear();
  }

  /** The first clock of `client` that no update here has; 0 when none has any. */
  state(client: number): number {
    return this.#writers.get(client).at(-1)?.fresh.get(client)?.at(-1)?.end ?? 0;
  }

  /** Everything, in an order in which Yjs can apply it. */
  *inOrder(): Iterable<Placed> {
    for (const update of this.#updates) yield* update.inOrder;
  }

  /** Every client with something here, once. */
  clients(): Iterable<number> {
    return this.#writers.keys();
  }

  find(client: number, clock: number): Placed | null {
    for (const update of this.#writers.get(client)) {
      const found = findRange(update.fresh.get(client), clock);
      if (found !== null) return found;
    }
    return null;
  }

  deletes(client: number, clock: number): boolean {
    return this.#deleters.get(client).some((update) => findRange(update.deletions.get(client), clock) !== null);
  }

  /** Every key of a root that is written here, once. */
  *keys(root: string): Iterable<string> {
    const prefix = tipKey(root, '');
    for (const name of this.#tips.keys()) if (name.startsWith(prefix)) yield name.slice(prefix.length);
  }

  tip(root: string, key: string): Tip | null {
    const name = tipKey(root, key);
    return this.#tips.get(name).at(-1)?.tips.get(name) ?? null;
  }
}

/** Updates by what they touch, oldest first. */
class Index<K> {
  readonly #map = new Map<K, DecodedUpdate[]>();

  get(key: K): readonly DecodedUpdate[] {
    return this.#map.get(key) ?? NONE;
  }

  keys(): Iterable<K> {
    return this.#map.keys();
  }

  add(keys: Iterable<K>, update: DecodedUpdate): void {
    for (const key of keys) {
      const list = this.#map.get(key);
      if (list === undefined) this.#map.set(key, [update]);
      else list.push(update);
    }
  }

  remove(keys: Iterable<K>, update: DecodedUpdate): void {
    for (const key of keys) {
      const list = this.#map.get(key);
      if (list === undefined) continue;
      list.splice(list.indexOf(update), 1);
      if (list.length === 0) this.#map.delete(key);
    }
  }

  clear(): void {
    this.#map.clear();
  }
}

const NONE: readonly DecodedUpdate[] = [];

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
