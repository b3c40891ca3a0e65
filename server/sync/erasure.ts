import type * as Y from 'yjs';
import { MODERATION_ROOT } from '../../src/lib/model/message-slots.ts';
import type { DocName } from '../../src/lib/model/names.ts';
import { holdsWords } from '../../src/lib/model/words.ts';
import type { NewJob } from '../store/jobs.ts';
import type { Lost } from './gate/verdict.ts';
import type { Said } from './acts.ts';

export type ErasureDelays = {
  /** How soon what is gone from a document begins to leave the log; what goes meanwhile is taken along. */
  compactMs: number;
  /** How long a moderator may take a removal back, and the taking back may be under way. */
  eraseMs: number;
};

export const ERASURE_DELAYS: ErasureDelays = { compactMs: 15_000, eraseMs: 12_000 };

/** The job that compacts a document from which words are gone; none where nothing is. */
export function compactJobs(name: string, at: DocName, lost: readonly Lost[], runAt: number): NewJob[] {
  if (!lost.some(({ root, key }) => holdsWords(at, root, key))) return [];
  return [{ kind: 'compact', key: name, payload: null, runAt }];
}

/** The job that takes the words of a removed message away; of one that is `final`, whether or not it is removed. */
export function eraseJob(
  { ref, slot, volume }: Pick<Said, 'ref' | 'slot' | 'volume'>,
  runAt: number,
  final = false,
): NewJob {
  return { kind: 'erase', key: `${ref}/${slot}`, payload: { ref, slot, volume, final }, runAt };
}

/**
 * True for words that arrive for a message which nobody is to read any more: its author deleted it, or a moderator
 * removed it, and a device that has not heard of that wrote on.
 */
export function isOver({ before, body, slot, lane }: Said): boolean {
  if (body?.kind !== 'message') return false;
  return before?.kind === 'tombstone' || lane.live?.getMap(MODERATION_ROOT).has(slot) === true;
}

/** Where a transaction on a copy of a document took something away. */
export function lostIn(transaction: Y.Transaction): Lost[] {
  if (transaction.deleteSet.clients.size === 0) return [];
  const names = new Map([...transaction.doc.share].map(([root, type]) => [type as unknown, root]));
  const lost: Lost[] = [];
  for (const [type, keys] of transaction.changed) {
    const root = names.get(type);
    // Of a list, and of what is in a tree, it is known that it changed.
    if (root !== undefined) for (const key of keys) lost.push({ root, key: key ?? '' });
  }
  return lost;
}
