import type * as Y from 'yjs';
import { findRange, tipKey, type Placed, type Tip } from './overlay.ts';
import { LIST_STEPS } from './quotas.ts';
import { originOf, type View } from './view.ts';

/** How far back a concurrent write is followed. Honest ones meet within the edits of one absence. */
const HORIZON = 1_000;

/**
 * Follows which item is the last of each key, and so the key's value, while structs are added in the
 * order in which Yjs can apply them.
 *
 * Without right origins, a key's items are a tree: each stands after its origin, and those with the
 * same origin stand by rising clientID (a client's later one before its earlier). Read in that order,
 * the tip is what is reached by always going to the last child.
 */
export class Tips {
  readonly #view: View;
  readonly #fresh: ReadonlyMap<number, readonly Placed[]>;
  /** Steps that Yjs takes to integrate what was added. */
  steps = 0;
  readonly changed = new Map<string, { root: string; key: string; before: Tip | null; tip: Tip }>();
  /** How many items each key has got. */
  readonly #counts = new Map<string, number>();

  constructor(view: View, fresh: ReadonlyMap<number, readonly Placed[]>) {
    this.#view = view;
    this.#fresh = fresh;
  }

  /** The last item of a key so far. */
  get(root: string, key: string): Tip | null {
    return this.changed.get(tipKey(root, key))?.tip ?? this.#view.tip(root, key);
  }

  add(root: string, key: string, placed: Placed): void {
    const name = tipKey(root, key);
    const known = this.changed.get(name);
    const before = known === undefined ? this.#view.tip(root, key) : known.before;
    const tip = known === undefined ? before : known.tip;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    const origin = originOf(placed);
    if (tip !== null && !sameId(tip, origin)) {
      this.steps += count + this.#view.countAfter(root, key, origin, LIST_STEPS);
      if (!this.#comesAfter(placed, origin, tip)) return;
    }
    this.changed.set(name, { root, key, before, tip: { client: placed.client, clock: placed.end - 1 } });
  }

  /** True when Yjs will put the new item behind the one that was last. */
  #comesAfter(placed: Placed, origin: Y.ID | null, tip: Tip): boolean {
    let { client, clock } = tip;
    for (let i = 0; i < HORIZON; i++) {
      const item = this.#itemAt(client, clock);
      // Within an item each clock follows the one before.
      if (origin?.client === client && origin.clock >= item.start && origin.clock < clock)
        return placed.client > client;
      if (sameId(item.origin, origin)) return placed.client > client;
      if (item.origin === null) return false;
      ({ client, clock } = item.origin);
    }
    return false;
  }

  #itemAt(client: number, clock: number): { start: number; origin: Y.ID | null } {
    const placed = findRange(this.#fresh.get(client), clock);
    return placed === null ? this.#view.origin(client, clock) : { start: placed.clock, origin: originOf(placed) };
  }
}

function sameId(a: Tip | null, b: Tip | null): boolean {
  return a === null || b === null ? a === b : a.client === b.client && a.clock === b.clock;
}
