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

/**
 * Messages of a conversation whose words do not stand exactly once, in the volume in whose log they are: neither left
 * behind in the volume that they were carried out of, nor gone from both, nor without a place. One line for each.
 */
export function misplacedWords(volumes: ReadonlyMap<number, Y.Doc>): string[] {
  const [placed, words] = [placesIn(volumes), wordsIn(volumes)];
  return [...new Set([...placed.keys(), ...words.keys()])].flatMap((slot) => {
    const [log, stand] = [placed.get(slot) ?? [], words.get(slot) ?? []];
    const isRight = log.length === 1 && stand.length === 1 && log[0] === stand[0];
    return isRight ? [] : [`${slot}: in the log of ${tell(log)}, words in ${tell(stand)}`];
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

function tell(volumes: readonly number[]): string {
  return volumes.length === 0 ? 'none' : volumes.join(' and ');
}
