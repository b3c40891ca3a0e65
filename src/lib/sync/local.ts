import * as Y from 'yjs';
import {
  complete,
  deleteDatabase,
  openDatabase,
  OPEN_TIMEOUT_MS,
  result,
  StorageError,
  storageReason,
  type StorageReason,
} from './idb.ts';

/**
 * One document's copy in IndexedDB, in the layout of y-indexeddb 9.0.12 (a store `updates` with rows in order, a store
 * `custom`), which reads what this writes and the reverse. It is not that package's class, because there
 * - nothing says when a row is stored, and 'saved' may be said only after the transaction's `complete`;
 * - a closed connection throws out of the update listener, which silences the document for good;
 * - a failed open or one damaged row is an unhandled rejection and `whenSynced` never answers;
 * - deleted words stay in its rows until 500 have gathered.
 *
 * Nothing here throws or rejects. A failure is told by `failed`, and the document lives on in memory; a lost connection
 * is opened again, and then the whole state is written.
 */
export type LocalEvents = {
  /** `saved` may have changed. */
  progress(): void;
  failed(reason: StorageReason): void;
  /** Storage works again, after a failure. */
  recovered(): void;
};

const UPDATES = 'updates';
const CUSTOM = 'custom';
/** As many rows as y-indexeddb lets gather before it makes one of them. */
const MOST_ROWS = 500;
/** Deleted words leave the rows this long after the last deletion. */
const COMPACT_AFTER_MS = 2_000;
const REOPEN_AFTER_MS = [1_000, 5_000, 30_000];

export class LocalDocument {
  readonly doc: Y.Doc;
  /** Resolves when everything stored has been applied, or storage has failed. Never rejects. */
  readonly loaded: Promise<void>;
  readonly #events: LocalEvents;
  #name = '';
  #db: IDBDatabase | null = null;
  #resolveLoaded: () => void = () => undefined;
  /** Updates from before the database is open. */
  #early: { update: Uint8Array; own: boolean }[] = [];
  #writing = 0;
  #rows = 0;
  #failure: StorageReason | null = null;
  #closed = false;
  /** Someone deletes the database on purpose: writing it anew would undo that. */
  #deleted = false;
  #compaction: ReturnType<typeof setTimeout> | null = null;
  #reopening: ReturnType<typeof setTimeout> | null = null;
  #reopened = 0;

  constructor(doc: Y.Doc, events: LocalEvents) {
    this.doc = doc;
    this.#events = events;
    this.loaded = new Promise((resolve) => {
      this.#resolveLoaded = resolve;
    });
    doc.on('update', this.#onUpdate);
  }

  /** True when every update that happened so far is on the device. */
  get saved(): boolean {
    return this.#writing === 0 && this.#early.length === 0 && this.#failure === null;
  }

  get failure(): StorageReason | null {
    return this.#failure;
  }

  /** Opens the database and applies what it holds. To be called once. */
  async open(name: string): Promise<void> {
    this.#name = name;
    try {
      const db = await openDatabase(name, make, this.#onClosed);
      if (this.#closed) {
        db.close();
        return;
      }
      this.#db = db;
      await withTimeout(this.#load(db));
    } catch (error) {
      this.#fail(storageReason(error));
    } finally {
      this.#resolveLoaded();
    }
  }

  /** Replaces the rows by the document as it is now: what was deleted is then gone from the device. */
  async compact(): Promise<boolean> {
    this.#stopCompaction();
    const db = this.#db;
    if (db === null) return false;
    try {
      const transaction = db.transaction([UPDATES, CUSTOM], 'readwrite', { durability: 'strict' });
      const done = complete(transaction);
      const store = transaction.objectStore(UPDATES);
      // Rows of other tabs are taken in first: what is written stands for all of them.
      const [keys, rows] = await Promise.all([result(store.getAllKeys()), result(store.getAll())]);
      putAway(transaction, this.#apply(keys, rows as Uint8Array[]));
      store.clear();
      store.add(Y.encodeStateAsUpdate(this.doc));
      await done;
      this.#rows = 1;
      return true;
    } catch (error) {
      this.#fail(storageReason(error));
      return false;
    }
  }

  /** Ends the connection; what is being written still arrives. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#compaction !== null && this.#failure === null) await this.compact();
    this.#end();
  }

  /** Ends the connection and deletes the database. */
  async clear(): Promise<void> {
    this.#end();
    if (this.#name !== '') await deleteDatabase(this.#name);
  }

  #end(): void {
    this.#closed = true;
    this.doc.off('update', this.#onUpdate);
    this.#stopCompaction();
    if (this.#reopening !== null) clearTimeout(this.#reopening);
    this.#db?.close();
    this.#db = null;
    this.#resolveLoaded();
  }

  async #load(db: IDBDatabase): Promise<void> {
    const store = db.transaction(UPDATES, 'readonly').objectStore(UPDATES);
    const [keys, rows] = await Promise.all([result(store.getAllKeys()), result(store.getAll())]);
    if (this.#closed) return;
    this.#rows = rows.length;
    const damaged = this.#apply(keys, rows as Uint8Array[]);
    if (damaged.length > 0) {
      const transaction = db.transaction([UPDATES, CUSTOM], 'readwrite');
      const done = complete(transaction);
      putAway(transaction, damaged);
      await done;
    }
    const early = this.#early;
    this.#early = [];
    for (const { update, own } of early) this.#store(update, own);
    if (damaged.length > 0) this.#fail('corrupt');
  }

  /** Applies rows one by one, so that one damaged row takes no other with it. Answers the damaged ones. */
  #apply(keys: readonly IDBValidKey[], rows: readonly Uint8Array[]): { key: IDBValidKey; row: unknown }[] {
    const damaged: { key: IDBValidKey; row: unknown }[] = [];
    Y.transact(
      this.doc,
      () => {
        rows.forEach((row, index) => {
          try {
            Y.applyUpdate(this.doc, row, this);
          } catch {
            damaged.push({ key: keys[index] ?? 0, row });
          }
        });
      },
      this,
      false,
    );
    return damaged;
  }

  /** A listener of the document: an exception here would end all saving and sending, so none may leave. */
  readonly #onUpdate = (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
    if (origin === this) return;
    if (this.#db === null && this.#failure === null) {
      this.#early.push({ update, own: transaction.local });
      this.#events.progress();
      return;
    }
    this.#store(update, transaction.local);
    if (transaction.deleteSet.clients.size > 0 || this.#rows >= MOST_ROWS) this.#compactSoon();
  };

  /** Each update has a transaction of its own, begun at once: a tab that closes now has handed it over. */
  #store(update: Uint8Array, own: boolean): void {
    const db = this.#db;
    if (db === null) {
      this.#events.progress();
      return;
    }
    this.#writing += 1;
    this.#rows += 1;
    this.#events.progress();
    let done: Promise<void>;
    try {
      // 'strict' waits for the disk: 'saved on this device' is a promise to the writer. Others' words come again.
      const transaction = db.transaction(UPDATES, 'readwrite', { durability: own ? 'strict' : 'relaxed' });
      done = complete(transaction);
      transaction.objectStore(UPDATES).add(update);
    } catch (error) {
      done = Promise.reject(error instanceof Error ? error : new Error('IndexedDB', { cause: error }));
    }
    void done
      .catch((error: unknown) => this.#fail(storageReason(error)))
      .then(() => {
        this.#writing -= 1;
        this.#events.progress();
      });
  }

  readonly #onClosed = (deleted: boolean): void => {
    this.#db = null;
    this.#deleted ||= deleted;
    this.#fail('closed');
  };

  #fail(reason: StorageReason): void {
    if (this.#closed) return;
    const known = this.#failure;
    // A damaged row was put away: storing works, and only the loss is told.
    if (reason !== 'corrupt') {
      this.#failure = reason;
      this.#early = [];
      this.#reopenLater();
    }
    if (known !== reason) this.#events.failed(reason);
    this.#events.progress();
  }

  /** A failure may pass: room is made, the other tab lets go. Then everything is written, in one row. */
  #reopenLater(): void {
    if (this.#reopening !== null || this.#deleted) return;
    const wait = REOPEN_AFTER_MS[Math.min(this.#reopened, REOPEN_AFTER_MS.length - 1)] ?? 0;
    this.#reopening = setTimeout(() => {
      this.#reopening = null;
      this.#reopened += 1;
      void this.#reopen();
    }, wait);
  }

  async #reopen(): Promise<void> {
    try {
      this.#db ??= await openDatabase(this.#name, make, this.#onClosed);
      if (this.#closed) {
        this.#end();
        return;
      }
      if (!(await this.compact())) return;
      this.#failure = null;
      this.#reopened = 0;
      this.#events.recovered();
      this.#events.progress();
    } catch (error) {
      this.#fail(storageReason(error));
    }
  }

  #compactSoon(): void {
    if (this.#compaction !== null) return;
    this.#compaction = setTimeout(() => void this.compact(), COMPACT_AFTER_MS);
  }

  #stopCompaction(): void {
    if (this.#compaction !== null) clearTimeout(this.#compaction);
    this.#compaction = null;
  }
}

function make(db: IDBDatabase): void {
  db.createObjectStore(UPDATES, { autoIncrement: true });
  db.createObjectStore(CUSTOM);
}

/** Moves damaged rows out of the way, and keeps them for whoever can read them. */
function putAway(transaction: IDBTransaction, damaged: readonly { key: IDBValidKey; row: unknown }[]): void {
  for (const { key, row } of damaged) {
    transaction.objectStore(UPDATES).delete(key);
    transaction.objectStore(CUSTOM).put(row, `damaged/${JSON.stringify(key)}`);
  }
}

function withTimeout(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StorageError('timeout')), OPEN_TIMEOUT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
