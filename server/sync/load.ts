import * as Y from 'yjs';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** What was read: bytes, and the id of the last update that is in the document now. */
export type Loaded = { bytes: number; upto: number; rows: number };

type Row = { id: number; data: Uint8Array };

/**
 * Fills an empty document from the store. A row that cannot be decoded is set aside, reported, and the rest
 * is there. Throws StoreUnavailable while the database is away, and a plain error when a row broke the
 * document while it was applied: that row is set aside too, so loading again, into a new document, succeeds.
 */
export async function loadInto(doc: Y.Doc, name: string, store: Store, log: Log): Promise<Loaded> {
  const stored = await store.documents.load(name);
  if (stored === null) return { bytes: 0, upto: 0, rows: 0 };
  const rows: Row[] = [];
  if (stored.snapshot !== null) rows.push({ id: 0, data: stored.snapshot });
  for (const row of stored.updates) {
    if (decodes(row.data)) rows.push(row);
    else await setAside(name, row.id, 'cannot be decoded', store, log);
  }
  const broken = applyAll(doc, rows);
  if (broken !== null) {
    // The snapshot is ours and covers rows that are gone: it stays, whatever is wrong with it.
    if (broken.id > 0) await setAside(name, broken.id, 'cannot be applied', store, log);
    throw new Error(`row ${broken.id} of ${name} cannot be applied`);
  }
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) {
    log.error('incomplete document', { name });
  }
  return {
    bytes: rows.reduce((sum, row) => sum + row.data.length, 0),
    upto: stored.updates.at(-1)?.id ?? stored.snapshotUpto,
    rows: stored.updates.length,
  };
}

function decodes(data: Uint8Array): boolean {
  try {
    Y.decodeUpdate(data);
    return true;
  } catch {
    // What is thrown says nothing that the row's own bytes, which are kept, do not say.
    return false;
  }
}

/** In one transaction, because each walks all clientIDs ever seen. The row that broke the document, or null. */
function applyAll(doc: Y.Doc, rows: readonly Row[]): Row | null {
  let current: Row | null = null;
  try {
    doc.transact(() => {
      for (const row of rows) {
        current = row;
        Y.applyUpdate(doc, row.data);
      }
      current = null;
    });
  } catch (error) {
    if (current === null) throw error;
  }
  return current;
}

async function setAside(name: string, id: number, reason: string, store: Store, log: Log): Promise<void> {
  log.error('update set aside', { name, id, reason });
  await store.documents.setAside(name, id, reason);
}
