import type * as Y from 'yjs';
import type { UserId } from '../../src/lib/model/ids.ts';
import type { DocName } from '../../src/lib/model/names.ts';
import { holdsWords } from '../../src/lib/model/words.ts';
import type { NewJob } from '../store/jobs.ts';
import type { Lost } from './gate/verdict.ts';
import type { Restored, Said } from './acts.ts';

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

/** What the job `erase` is handed. */
export type Erasure = Pick<Said, 'ref' | 'slot' | 'volume'> & {
  /** The words go whether or not the message is removed: its author had deleted it. */
  final?: boolean;
  /** Not before this: an earlier removal, taken back, may have left its job behind. */
  due?: number;
  /** Who removed what was taken back too late: the removal stands. */
  by?: UserId;
};

/** The job that takes the words of a removed message away, once nobody can take the removal back any more. */
export function eraseJob({ ref, slot, volume }: Pick<Said, 'ref' | 'slot' | 'volume'>, due: number): NewJob {
  return { kind: 'erase', key: `${ref}/${slot}`, payload: { ref, slot, volume, due } satisfies Erasure, runAt: due };
}

/**
 * The job for words that arrived for a message which nobody is to read any more. Those of a removed one stay until
 * the removal is certain: it may still be taken back. Its key is its own, so that nobody can put off the first one.
 */
export function lateWordsJob({ ref, slot, volume, before }: Said, eraseMs: number): NewJob {
  const final = before?.kind === 'tombstone';
  const payload: Erasure = { ref, slot, volume, final };
  return { kind: 'erase', key: `${ref}/${slot}/late`, payload, runAt: Date.now() + (final ? 0 : eraseMs) };
}

/** The job that answers a taking back which found no words. */
export function tooLateJob({ ref, slot, volume, remover }: Restored): NewJob[] {
  if (remover === null) return [];
  const payload: Erasure = { ref, slot, volume, by: remover };
  return [{ kind: 'erase', key: `${ref}/${slot}/back`, payload, runAt: Date.now() }];
}

/**
 * True for words that arrive for a message which nobody is to read any more: its author deleted it, or a moderator
 * removed it, and a device that has not heard of that wrote on.
 */
export function isOver({ before, body, removed }: Said): boolean {
  return body?.kind === 'message' && (before?.kind === 'tombstone' || removed);
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
