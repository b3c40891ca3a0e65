import { result, write } from './idb.ts';

/** The layout of y-indexeddb 9.0.12: `updates` with rows in order, `custom` for the rest. */
const UPDATES = 'updates';
const CUSTOM = 'custom';

export type DamagedRow = { key: IDBValidKey; row: unknown };
type Take = (keys: readonly IDBValidKey[], rows: readonly Uint8Array[]) => DamagedRow[];

export function makeStores(db: IDBDatabase): void {
  db.createObjectStore(UPDATES, { autoIncrement: true });
  db.createObjectStore(CUSTOM);
}

/** Hands over all rows; those that `take` calls damaged are put away. Answers how many there were of both. */
export async function readRows(db: IDBDatabase, take: Take): Promise<{ rows: number; damaged: number }> {
  const store = db.transaction(UPDATES, 'readonly').objectStore(UPDATES);
  const [keys, rows] = await Promise.all([result(store.getAllKeys()), result(store.getAll())]);
  const damaged = take(keys, rows as Uint8Array[]);
  if (damaged.length > 0) {
    await write(db, [UPDATES, CUSTOM], 'default', (transaction) => putAway(transaction, damaged));
  }
  return { rows: rows.length, damaged: damaged.length };
}

/** Adds updates in one transaction, begun at once: a tab that closes now has handed them over. */
export function addRows(
  db: IDBDatabase,
  updates: readonly Uint8Array[],
  durability: IDBTransactionDurability,
): Promise<void> {
  return write(db, [UPDATES], durability, (transaction) => {
    const store = transaction.objectStore(UPDATES);
    for (const update of updates) store.add(update);
  });
}

/** Replaces all rows by one. Rows of other tabs are handed over first: what is written stands for all of them. */
export function replaceRows(db: IDBDatabase, take: Take, encode: () => Uint8Array): Promise<void> {
  return write(db, [UPDATES, CUSTOM], 'strict', async (transaction) => {
    const store = transaction.objectStore(UPDATES);
    const [keys, rows] = await Promise.all([result(store.getAllKeys()), result(store.getAll())]);
    putAway(transaction, take(keys, rows as Uint8Array[]));
    const state = encode();
    store.clear();
    store.add(state);
  });
}

/** Moves damaged rows out of the way, and keeps them for whoever can read them. */
function putAway(transaction: IDBTransaction, damaged: readonly DamagedRow[]): void {
  for (const { key, row } of damaged) {
    transaction.objectStore(UPDATES).delete(key);
    transaction.objectStore(CUSTOM).put(row, `damaged/${JSON.stringify(key)}`);
  }
}
