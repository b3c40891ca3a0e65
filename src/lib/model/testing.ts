import * as Y from 'yjs';
import { mintClientId } from './client-ids.ts';
import type { Random } from './rank.ts';

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

/** An id that says what it stands for: `id('anna')` is "anna0000000000000000". */
export function id(word: string): string {
  return word.padEnd(20, '0').slice(0, 20);
}

/** JSON with sorted keys: replicas hold the same keys in different orders. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Everything that a map of the document holds, comparable between replicas. */
export function contentOf(doc: Y.Doc, root: string): string {
  return canonical([...doc.getMap(root).entries()].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Documents of several people on a network that loses nothing and keeps no order. Person `i` has the
 * user number `i + 1`.
 */
export class Replicas {
  readonly docs: Y.Doc[];
  private readonly inboxes: Uint8Array[][];
  private readonly random: Random;

  constructor(count: number, random: Random) {
    this.random = random;
    this.inboxes = Array.from({ length: count }, () => []);
    this.docs = Array.from({ length: count }, (_, i) => {
      const doc = new Y.Doc();
      doc.clientID = mintClientId(i + 1, Math.floor(random() * 2 ** 32));
      doc.on('update', (update: Uint8Array, origin: unknown) => {
        if (origin === 'network') return;
        this.inboxes.forEach((inbox, to) => {
          if (to !== i) inbox.push(update);
        });
      });
      return doc;
    });
  }

  /** Delivers about this share of what is under way, in random order. */
  deliver(share: number): void {
    this.docs.forEach((doc, i) => {
      const inbox = this.inboxes[i] ?? [];
      for (let left = Math.ceil(inbox.length * share); left > 0; left--) {
        const [update] = inbox.splice(Math.floor(this.random() * inbox.length), 1);
        if (update !== undefined) Y.applyUpdate(doc, update, 'network');
      }
    });
  }

  deliverAll(): void {
    this.deliver(1);
  }
}
