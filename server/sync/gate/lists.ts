import * as Y from 'yjs';
import { findRange, type Home, type Placed, type Range } from './overlay.ts';
import { LIST_STEPS } from './quotas.ts';
import { object, type Objection } from './verdict.ts';
import { tailOrigin, type View } from './view.ts';

/** A run of one item's clocks, where it stands in its list. */
type Node = Range & {
  client: number;
  origin: Y.ID | null;
  rightOrigin: Y.ID | null;
  /** Undefined until it is asked for: then what the document has there. */
  right: Node | null | undefined;
  item: Y.Item | null;
};

/**
 * The lists of a description as they will be, with every new item where Yjs will put it; without a
 * copy of the document, and of its lists only what the new items touch.
 *
 * Two things are only to be known this way. Whether a right origin stands behind the left one: Yjs
 * never checks, and replicas that integrate such an item in different orders disagree for ever, with
 * equal state vectors. And what integration will cost: items made to conflict with each other cost
 * Yjs their square.
 */
export class Lists {
  readonly #view: View;
  readonly #nodes = new Map<number, Node[]>();
  readonly #heads = new Map<string, Node | null>();
  #steps = 0;

  constructor(view: View) {
    this.#view = view;
    for (const placed of view.pendingInOrder()) this.add(placed);
    this.#steps = 0;
  }

  /** Adds the next item, in an order in which Yjs can apply them, and objects where it must not come. */
  add({ client, clock, end, struct, place }: Placed): Objection | null {
    if (place === null || place.key !== null || !(struct instanceof Y.Item)) return null;
    const origin = tailOrigin(struct, clock);
    const { rightOrigin } = struct;
    // In this order: where both are in one run, and the wrong way round, the cuts show it.
    const right = rightOrigin === null ? null : this.#startingAt(rightOrigin);
    const left = origin === null ? null : this.#endingAt(origin);
    // It was to stand beside something that became garbage while it waited, and so will it.
    if (right === undefined || left === undefined) return null;
    if (left !== null && right !== null && !this.#isBefore(left, right, rightOrigin)) {
      return object('malformed', 'a right origin that is not to the right');
    }
    const node: Node = { client, clock, end, origin, rightOrigin, right: null, item: null };
    this.#insert(node, left, right, place);
    return this.#steps > LIST_STEPS ? object('too-large', 'too many items at the same place') : null;
  }

  #isBefore(left: Node, right: Node, rightOrigin: Y.ID | null): boolean {
    // What was put between x and y stands before y, and what was put after x stands behind x.
    if (left !== right && Y.compareIDs(left.rightOrigin, rightOrigin)) return true;
    if (Y.compareIDs(right.origin, Y.createID(left.client, left.end - 1))) return true;
    for (let node: Node | null = left; node !== null; node = this.#rightOf(node)) {
      if (node === right) return node !== left;
      if (this.#steps > LIST_STEPS) return true;
    }
    return false;
  }

  /** `Item.integrate` of Yjs. */
  #insert(node: Node, origin: Node | null, right: Node | null, home: Home): void {
    const head = this.#headOf(home);
    const conflicting = new Set<Node>();
    const before = new Set<Node>();
    let left = origin;
    for (let o = left === null ? head : this.#rightOf(left); o !== null && o !== right; o = this.#rightOf(o)) {
      if (this.#steps > LIST_STEPS) return;
      before.add(o);
      conflicting.add(o);
      if (Y.compareIDs(node.origin, o.origin)) {
        if (o.client < node.client) {
          left = o;
          conflicting.clear();
        } else if (Y.compareIDs(node.rightOrigin, o.rightOrigin)) break;
      } else {
        const other = o.origin === null ? undefined : this.#nodeAt(o.origin);
        if (other === undefined || !before.has(other)) break;
        if (!conflicting.has(other)) {
          left = o;
          conflicting.clear();
        }
      }
    }
    if (left === null) {
      node.right = head;
      this.#heads.set(nameOf(home), node);
    } else {
      node.right = this.#rightOf(left);
      left.right = node;
    }
    this.#remember(node);
  }

  #headOf(home: Home): Node | null {
    const name = nameOf(home);
    const known = this.#heads.get(name);
    if (known !== undefined) return known;
    const first = this.#view.firstIn(home);
    const head = first === null ? null : (this.#nodeAt(first.id) ?? null);
    this.#heads.set(name, head);
    return head;
  }

  #rightOf(node: Node): Node | null {
    this.#steps++;
    if (node.right === undefined) {
      const next = node.item?.right ?? null;
      node.right = next === null ? null : (this.#nodeAt(next.id) ?? null);
    }
    return node.right;
  }

  /** Undefined for what stands in no list. */
  #nodeAt(id: Y.ID): Node | undefined {
    const known = findRange(this.#nodes.get(id.client), id.clock);
    if (known !== null) return known;
    const item = this.#view.item(id);
    if (item === null) return undefined;
    const { client, clock } = item.id;
    const { origin, rightOrigin } = item;
    const node: Node = { client, clock, end: clock + item.length, origin, rightOrigin, right: undefined, item };
    this.#remember(node);
    return node;
  }

  #remember(node: Node): void {
    const nodes = this.#nodes.get(node.client);
    if (nodes === undefined) {
      this.#nodes.set(node.client, [node]);
      return;
    }
    const at = nodes.findLastIndex(({ clock }) => clock < node.clock) + 1;
    nodes.splice(at, 0, node);
  }

  #startingAt(id: Y.ID): Node | undefined {
    const node = this.#nodeAt(id);
    return node === undefined || node.clock === id.clock ? node : this.#split(node, id.clock);
  }

  #endingAt(id: Y.ID): Node | undefined {
    const node = this.#nodeAt(id);
    if (node !== undefined && node.end !== id.clock + 1) this.#split(node, id.clock + 1);
    return node;
  }

  /** Cuts a node in two and returns the second. */
  #split(node: Node, clock: number): Node {
    const { client, end, rightOrigin, right, item } = node;
    const rest: Node = { client, clock, end, origin: Y.createID(client, clock - 1), rightOrigin, right, item };
    node.end = clock;
    node.right = rest;
    this.#remember(rest);
    return rest;
  }
}

function nameOf({ root, under }: Home): string {
  return under === null ? root : `${under.client} ${under.clock}`;
}
