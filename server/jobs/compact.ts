import * as Y from 'yjs';
import type { Log } from '../log.ts';
import { reached } from '../milestones.ts';
import type { Store } from '../store/store.ts';
import { loadInto } from '../sync/load.ts';

/** So many rows cost a loading more than a snapshot costs the disk. */
export const LONG_ROWS = 200;
const DOCUMENTS = 50;

/**
 * Puts long logs together: loads the document as it is stored, garbage-collected, stores it as a snapshot, and
 * deletes the rows that it covers. What deleted text was in them is gone with them.
 */
export async function compactBacklog(store: Store, log: Log, min = LONG_ROWS): Promise<void> {
  for (const { name } of await store.documents.backlog(min, DOCUMENTS)) {
    await compact(name, store, log).catch((error: unknown) => {
      // Its rows are all still there, and nobody else's compaction waits for it.
      log.warn('cannot compact', { name, error });
    });
  }
}

/** Compacts one document. Harmless at any moment: rows appended meanwhile are not covered and stay. */
export async function compact(name: string, store: Store, log: Log): Promise<void> {
  const doc = new Y.Doc({ gc: true });
  try {
    const { upto, rows } = await loadInto(doc, name, store, log);
    const complete = doc.store.pendingStructs === null && doc.store.pendingDs === null;
    if (rows === 0 || !complete) return;
    const snapshot = Y.encodeStateAsUpdate(doc);
    reached('compact:loaded');
    await store.documents.compact(name, snapshot, upto);
    reached('compact:stored');
    log.debug('compacted', { name, rows, bytes: snapshot.length });
  } finally {
    doc.destroy();
  }
}
