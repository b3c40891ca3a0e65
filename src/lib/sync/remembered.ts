import type { Me } from './host.ts';
import { deleteDatabase, openDatabase, result, write } from './idb.ts';
import { parseMe } from './memory.ts';

const DATABASE = 'taskflow';
const STORE = 'me';
/** Who is in a hurry to show the sign-in page waits no longer for a database that does not answer. */
const OPEN_MS = 1_500;

let last: Promise<unknown> = Promise.resolve();

/**
 * Who is signed in on this device, kept where a power cut does not reach: browsers write localStorage to the disk seconds
 * later, and without the person's name their saved words could not be opened offline. Never rejects: without IndexedDB,
 * localStorage alone remembers.
 */
export const remembered = {
  /** Null when nobody is, or when it cannot be told. */
  me(): Promise<Me | null> {
    return inTurn(async () => {
      if (!(await exists())) return null;
      const db = await open();
      try {
        return parseMe(await result(db.transaction(STORE).objectStore(STORE).get(STORE)));
      } finally {
        db.close();
      }
    }, null);
  },
  /** Keeps the person, or forgets whoever it was. */
  set(me: Me | null): Promise<void> {
    return inTurn(async () => {
      if (me === null) {
        await deleteDatabase(DATABASE);
        return;
      }
      const db = await open();
      try {
        await write(db, [STORE], 'strict', (transaction) => transaction.objectStore(STORE).put({ ...me }, STORE));
      } finally {
        db.close();
      }
    }, undefined);
  },
};

/** Opening would make it. Where the browser cannot tell, it is opened. */
async function exists(): Promise<boolean> {
  if (typeof indexedDB.databases !== 'function') return true;
  return (await indexedDB.databases()).some(({ name }) => name === DATABASE);
}

export type Remembered = typeof remembered;

function open(): Promise<IDBDatabase> {
  return openDatabase(
    DATABASE,
    (db) => db.createObjectStore(STORE),
    () => undefined,
    OPEN_MS,
  );
}

/** One after another, as they were asked for. */
function inTurn<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  const done = last.then(work).catch(() => otherwise);
  last = done;
  return done;
}
