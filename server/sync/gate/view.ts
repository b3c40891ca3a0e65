import * as Y from 'yjs';
import type { Home, Overlay, Place, Placed, Range, Tip } from './overlay.ts';

/** What stands at a clock: its struct, and where it belongs (null: nowhere, Yjs has dropped it or will). */
export type Standing = { place: Place | null; content: Y.Item['content'] | null };

/** Something that a deletion would hit. */
export type Target = Standing & { alive: boolean };

/** What may be asked of a judge's ground: the document, then what is accepted for it. Changes nothing. */
export class View {
  readonly #doc: Y.Doc;
  readonly #overlay: Overlay;
  readonly #homes = new Map<Y.AbstractType<unknown>, Home>();

  constructor(doc: Y.Doc, overlay: Overlay) {
    this.#doc = doc;
    this.#overlay = overlay;
  }

  /** The first clock of `client` that is unknown. */
  state(client: number): number {
    return Math.max(this.docState(client), this.#overlay.size === 0 ? 0 : this.#overlay.state(client));
  }

  /** The first clock of `client` that is not applied. */
  docState(client: number): number {
    return Y.getState(this.#doc.store, client);
  }

  /** What stands at a known clock. */
  at(client: number, clock: number): Standing {
    if (clock < this.docState(client)) return this.#stored(client, clock);
    const placed = this.#overlay.find(client, clock);
    if (placed === null) throw new Error('asked for a clock that is not known');
    return standing(placed);
  }

  #stored(client: number, clock: number): Standing {
    const item: Y.Item | Y.GC = Y.getItem(this.#doc.store, Y.createID(client, clock));
    if (!(item instanceof Y.Item)) return GONE;
    return { place: this.placeOf(item), content: item.content };
  }

  /** The place of an item of the document. */
  placeOf(item: Y.Item): Place | null {
    // An applied item has its type for a parent, never a name or an id.
    if (!(item.parent instanceof Y.AbstractType)) return null;
    return { ...this.#homeOf(item.parent), key: item.parentSub };
  }

  #homeOf(type: Y.AbstractType<unknown>): Home {
    const known = this.#homes.get(type);
    if (known !== undefined) return known;
    const home = this.#findHome(type);
    this.#homes.set(type, home);
    return home;
  }

  #findHome(type: Y.AbstractType<unknown>): Home {
    // Upwards without recursion: an imported document may be nested deeper than the gate allows.
    let depth = 0;
    let top = type;
    while (top._item !== null && top._item.parent instanceof Y.AbstractType) {
      top = top._item.parent;
      depth++;
    }
    let root = '';
    for (const [name, candidate] of this.#doc.share) if (candidate === top) root = name;
    return { root, under: type._item?.id ?? null, kind: type._item === null ? 'root' : kindOf(type), depth };
  }

  /** True when what stands at a known clock is deleted, or will be by what is accepted. */
  isDead(client: number, clock: number): boolean {
    if (this.#overlay.size > 0 && this.#overlay.deletes(client, clock)) return true;
    if (clock < this.docState(client)) return Y.getItem(this.#doc.store, Y.createID(client, clock)).deleted;
    const placed = this.#overlay.find(client, clock);
    return placed === null || !(placed.struct instanceof Y.Item) || placed.struct.content instanceof Y.ContentDeleted;
  }

  /**
   * What a deletion of this known range would hit, piece by piece, without what is deleted in the
   * document. `alive`: some of it is not deleted by what is accepted either.
   */
  *targets(client: number, range: Range): Iterable<Target> {
    const applied = this.docState(client);
    const structs = this.#doc.store.clients.get(client);
    if (structs !== undefined && range.clock < applied) {
      for (let i = Y.findIndexSS(structs, range.clock); i < structs.length; i++) {
        const struct = structs[i];
        if (struct === undefined || struct.id.clock >= range.end) break;
        if (struct.deleted || !(struct instanceof Y.Item)) continue;
        const clock = Math.max(range.clock, struct.id.clock);
        const end = Math.min(range.end, struct.id.clock + struct.length);
        const place = this.placeOf(struct);
        yield { place, content: struct.content, alive: this.#isAlive(client, clock, end, place) };
      }
    }
    for (let clock = Math.max(range.clock, applied); clock < range.end;) {
      const placed = this.#overlay.find(client, clock);
      if (placed === null) break;
      const end = Math.min(range.end, placed.end);
      yield { ...standing(placed), alive: this.#isAlive(client, clock, end, placed.place) };
      clock = end;
    }
  }

  #isAlive(client: number, from: number, end: number, place: Place | null): boolean {
    if (this.#overlay.size === 0) return true;
    if (place !== null && place.key !== null && place.under === null) {
      // Of a key only the last lives, and an update of the overlay may have put another one there.
      const tip = this.tip(place.root, place.key);
      if (tip?.client !== client || tip.clock < from || tip.clock >= end) return false;
    }
    for (let clock = from; clock < end; clock++) if (!this.isDead(client, clock)) return true;
    return false;
  }

  /** An applied item; null for what is not applied or is garbage. */
  item({ client, clock }: Tip): Y.Item | null {
    if (clock >= this.docState(client)) return null;
    const item: Y.Item | Y.GC = Y.getItem(this.#doc.store, Y.createID(client, clock));
    return item instanceof Y.Item ? item : null;
  }

  /** The first item of an applied list; null when it is empty or not applied. */
  firstIn({ root, under }: Home): Y.Item | null {
    if (under === null) return this.#doc.share.get(root)?._start ?? null;
    const content = this.item(under)?.content;
    return content instanceof Y.ContentType ? content.type._start : null;
  }

  /** What is accepted and not applied, in an order in which Yjs can apply it. */
  pendingInOrder(): Placed[] {
    if (this.#overlay.size === 0) return [];
    return [...this.#overlay.inOrder()].filter(({ client, end }) => end > this.docState(client));
  }

  /** The last item of a key, deleted or not; null for a key that was never written. */
  tip(root: string, key: string): Tip | null {
    const pending = this.#overlay.size === 0 ? null : this.#overlay.tip(root, key);
    if (pending !== null) return pending;
    const last = this.#doc.share.get(root)?._map.get(key)?.lastId;
    return last === undefined ? null : { client: last.client, clock: last.clock };
  }

  /**
   * How many applied items of a key stand behind `origin` (null: all), counted up to `limit`: Yjs
   * passes over what was put behind the same origin. Nothing applied was put behind what is not.
   */
  countAfter(root: string, key: string, origin: Y.ID | null, limit: number): number {
    const first = origin === null ? null : this.item(origin);
    if (origin !== null && first === null) return 0;
    let count = 0;
    for (
      let item = this.#doc.share.get(root)?._map.get(key) ?? null;
      item !== null && item !== first;
      item = item.left
    ) {
      if (++count > limit) break;
    }
    return count;
  }

  /** What a key holds; undefined for nothing. */
  value(root: string, key: string): unknown {
    const tip = this.tip(root, key);
    if (tip === null || this.isDead(tip.client, tip.clock)) return undefined;
    const struct = this.item(tip) ?? this.#overlay.find(tip.client, tip.clock)?.struct ?? null;
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentAny)) return undefined;
    const values: readonly unknown[] = struct.content.arr;
    return values[tip.clock - struct.id.clock];
  }

  /** Every key that a root has ever had. */
  *keys(root: string): Iterable<string> {
    const applied = this.#doc.share.get(root)?._map;
    if (applied !== undefined) yield* applied.keys();
    if (this.#overlay.size === 0) return;
    for (const key of this.#overlay.keys(root)) if (applied?.has(key) !== true) yield key;
  }

  /** How many keys a root has ever had, those of the overlay left out. */
  keyCount(root: string): number {
    return this.#doc.share.get(root)?._map.size ?? 0;
  }

  /** The id that the item at a known clock was put after, and the clock at which that item begins. */
  origin(client: number, clock: number): { start: number; origin: Y.ID | null } {
    if (clock < this.docState(client)) {
      const item: Y.Item | Y.GC = Y.getItem(this.#doc.store, Y.createID(client, clock));
      return { start: item.id.clock, origin: item instanceof Y.Item ? item.origin : null };
    }
    const placed = this.#overlay.find(client, clock);
    return placed === null ? { start: clock, origin: null } : { start: placed.clock, origin: originOf(placed) };
  }

  /** Every client that has written, applied or not, with the first clock of it that is unknown. */
  *states(): Iterable<[client: number, state: number]> {
    for (const [client, structs] of this.#doc.store.clients) {
      const last = structs.at(-1);
      const applied = last === undefined ? 0 : last.id.clock + last.length;
      yield [client, this.#overlay.size === 0 ? applied : Math.max(applied, this.#overlay.state(client))];
    }
    for (const client of this.#overlay.clients()) {
      if (!this.#doc.store.clients.has(client)) yield [client, this.#overlay.state(client)];
    }
  }
}

const GONE: Standing = { place: null, content: null };

export function standing(placed: Placed): Standing {
  const { place, struct } = placed;
  if (place === null || !(struct instanceof Y.Item)) return GONE;
  return { place, content: struct.content };
}

/** What the new part of a struct was put after. */
export function originOf({ struct, clock }: Placed): Y.ID | null {
  return struct instanceof Y.Item ? tailOrigin(struct, clock) : null;
}

/** What an item's clocks from `clock` on were put after: a tail follows its own beginning. */
export function tailOrigin(item: Y.Item, clock: number): Y.ID | null {
  return item.id.clock === clock ? item.origin : Y.createID(item.id.client, clock - 1);
}

export function kindOf(type: Y.AbstractType<unknown>): Home['kind'] {
  if (type.constructor === Y.XmlElement) return 'element';
  if (type.constructor === Y.XmlText) return 'text';
  return 'other';
}
