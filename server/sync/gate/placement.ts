import * as Y from 'yjs';
import { references, type Decoded, type Section } from './decode.ts';
import { findRange, type Home, type Place, type Placed } from './overlay.ts';
import { kindOf, standing, type Standing, type View } from './view.ts';

export type Placement =
  | { fresh: Map<number, Placed[]>; /** In the order in which Yjs can apply them. */ inOrder: Placed[] }
  | { fault: string };

/**
 * Finds where every new struct belongs, as Yjs will when it applies the update [G6]. Wants an update
 * whose references are all known or in it; a fault is what Yjs would keep pending for ever or put
 * where its author does not say.
 */
export function placeStructs(decoded: Decoded, view: View): Placement {
  const fresh = new Map<number, Placed[]>();
  const inOrder: Placed[] = [];
  const fault = inDependencyOrder(decoded, view, (section, struct, known) => {
    const clock = Math.max(struct.id.clock, known);
    const place = placeOf(struct, view, fresh);
    if (typeof place === 'string') return place;
    // Garbage runs together whatever it was: only its length is left of it.
    const goesOn = clock > struct.id.clock && struct instanceof Y.Item;
    if (goesOn && !samePlace(place, view.at(section.client, clock - 1).place)) {
      return 'a struct that goes on elsewhere than it began';
    }
    const placed = { client: section.client, clock, end: struct.id.clock + struct.length, struct, place };
    const list = fresh.get(section.client);
    if (list === undefined) fresh.set(section.client, [placed]);
    else list.push(placed);
    inOrder.push(placed);
    return null;
  });
  return fault === null ? { fresh, inOrder } : { fault };
}

type Cursor = { section: Section; index: number; known: number; done: number };

/**
 * Calls `visit` for every new struct after all that it refers to. Each client's structs come in their
 * order; one that waits for another client is tried again when that one has got there. Returns the
 * first fault, or says that what is left waits for itself.
 */
function inDependencyOrder(
  decoded: Decoded,
  view: View,
  visit: (section: Section, struct: Y.Item | Y.GC, known: number) => string | null,
): string | null {
  const cursors = new Map<number, Cursor>();
  for (const section of decoded.sections.values()) {
    const known = view.state(section.client);
    const index = section.structs.findIndex((struct) => struct.id.clock + struct.length > known);
    if (index !== -1) cursors.set(section.client, { section, index, known, done: known });
  }
  const waiting = new Map<number, { cursor: Cursor; until: number }[]>();
  // Highest clientID first, as Yjs does: what conflicts cost depends on it.
  const ready = [...cursors.values()].sort((a, b) => a.section.client - b.section.client);
  let left = ready.length;
  for (let cursor = ready.pop(); cursor !== undefined; cursor = ready.pop()) {
    const { section } = cursor;
    for (; ; cursor.index++) {
      const struct = section.structs[cursor.index];
      if (struct === undefined) {
        left--;
        break;
      }
      const missing = firstMissing(struct, cursors);
      if (missing !== null) {
        const list = waiting.get(missing.client);
        const entry = { cursor, until: missing.clock };
        if (list === undefined) waiting.set(missing.client, [entry]);
        else list.push(entry);
        break;
      }
      const fault = visit(section, struct, cursor.known);
      if (fault !== null) return fault;
      cursor.done = struct.id.clock + struct.length;
    }
    const waiters = waiting.get(section.client);
    if (waiters === undefined) continue;
    const { done } = cursor;
    waiting.set(
      section.client,
      waiters.filter(({ until }) => until >= done),
    );
    for (const { cursor: waiter, until } of waiters) if (until < done) ready.push(waiter);
  }
  return left === 0 ? null : 'structs that wait for each other';
}

function firstMissing(struct: Y.Item | Y.GC, cursors: Map<number, Cursor>): Y.ID | null {
  if (!(struct instanceof Y.Item)) return null;
  for (const id of references(struct)) {
    const cursor = cursors.get(id.client);
    if (cursor !== undefined && id.clock >= cursor.done) return id;
  }
  return null;
}

/**
 * What `Item.getMissing` will find: the parent it names, or that of its left or right neighbour; null
 * where a neighbour or the parent is garbage, which makes the item garbage too. That happens to honest
 * people who wrote into something that others have deleted meanwhile. A string is a fault.
 */
function placeOf(struct: Y.Item | Y.GC, view: View, fresh: Map<number, Placed[]>): Place | null | string {
  if (!(struct instanceof Y.Item)) return null;
  const find = (id: Y.ID): Standing => {
    const placed = findRange(fresh.get(id.client), id.clock);
    return placed === null ? view.at(id.client, id.clock) : standing(placed);
  };
  const left = struct.origin === null ? undefined : find(struct.origin).place;
  const right = struct.rightOrigin === null ? undefined : find(struct.rightOrigin).place;
  if (left === null || right === null) return null;
  // Keys never have right origins; and between two lists there is no place.
  if (right !== undefined && right.key !== null) return 'a right origin in a key';
  if (left !== undefined && right !== undefined && !samePlace(left, right)) return 'between two lists';
  const neighbour = left ?? right;
  if (neighbour !== undefined) return neighbour;
  // Declared by Yjs as a type or an id; in a decoded update it is a name or an id.
  const parent: unknown = struct.parent;
  if (typeof parent === 'string') return { root: parent, under: null, kind: 'root', depth: 0, key: struct.parentSub };
  if (!(parent instanceof Y.ID)) return 'an item without a place';
  const home = homeIn(parent, find(parent));
  return home === null || typeof home === 'string' ? home : { ...home, key: struct.parentSub };
}

function homeIn(id: Y.ID, { place, content }: Standing): Home | null | string {
  if (place === null || content === null || content instanceof Y.ContentDeleted) return null;
  if (!(content instanceof Y.ContentType)) return 'a parent that holds nothing';
  return { root: place.root, under: id, kind: kindOf(content.type), depth: place.depth + 1 };
}

function samePlace(a: Place | null, b: Place | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.root !== b.root || a.key !== b.key) return false;
  if (a.under === null || b.under === null) return a.under === b.under;
  return Y.compareIDs(a.under, b.under);
}
