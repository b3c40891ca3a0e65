import type * as Y from 'yjs';
import { movedTo } from '../../src/lib/model/conversation.ts';
import {
  LOG_ROOT,
  MESSAGES_ROOT,
  parseKey,
  parseLogEntry,
  slotOf,
  type Slot,
} from '../../src/lib/model/message-slots.ts';

/** In which volumes something stands, by the slot of its message. */
type Where = Map<Slot, number[]>;

export type Misplaced = {
  slot: Slot;
  /** Volumes that have it in their log, and that hold its words. */ log: number[];
  words: number[];
};

/**
 * Messages of a conversation whose words do not stand exactly once, in the volume in whose log they are: left behind in the
 * volume that they were carried out of, gone from both, or without a place.
 */
export function misplacedWords(volumes: ReadonlyMap<number, Y.Doc>): Misplaced[] {
  const [placed, stand] = [placesIn(volumes), wordsIn(volumes)];
  return [...new Set([...placed.keys(), ...stand.keys()])].flatMap((slot) => {
    const [log, words] = [placed.get(slot) ?? [], stand.get(slot) ?? []];
    const isRight = log.length === 1 && words.length === 1 && log[0] === words[0];
    return isRight ? [] : [{ slot, log, words }];
  });
}

/** How many messages came into one volume and stand in another. */
export function carriedWords(volumes: ReadonlyMap<number, Y.Doc>): number {
  const docs = [...volumes.values()];
  return [...placesIn(volumes).keys()].filter((slot) => docs.some((doc) => movedTo(doc, slot) !== null)).length;
}

function placesIn(volumes: ReadonlyMap<number, Y.Doc>): Where {
  const where: Where = new Map();
  for (const [volume, doc] of volumes) {
    doc.getMap(LOG_ROOT).forEach((value, key) => {
      const entry = parseLogEntry(key, value);
      if (entry !== null) add(where, entry.slot, volume);
    });
  }
  return where;
}

function wordsIn(volumes: ReadonlyMap<number, Y.Doc>): Where {
  const where: Where = new Map();
  for (const [volume, doc] of volumes) {
    for (const key of doc.getMap(MESSAGES_ROOT).keys()) {
      const at = parseKey(key);
      if (at?.kind === 'message') add(where, slotOf(at.author, at.mid), volume);
    }
  }
  return where;
}

function add(where: Where, slot: Slot, volume: number): void {
  where.set(slot, [...(where.get(slot) ?? []), volume]);
}
