import * as Y from 'yjs';
import { metDeletedContent } from './deleted.ts';
import {
  deleteDatabase,
  openDatabase,
  OPEN_TIMEOUT_MS,
  storageReason,
  withTimeout,
  type StorageReason,
} from './idb.ts';
import { Retry } from './retry.ts';
import { addRows, makeStores, readRows, replaceRows, type DamagedRow } from './rows.ts';

/**
 * One document's copy in IndexedDB, in the layout of y-indexeddb 9.0.12, which reads what this writes and the reverse.
 * It is not that package's class, because there
 * - nothing says when a row is stored, and 'saved' may be said only after the transaction's `complete`;
 * - a closed connection throws out of the update listener, which silences the document for good;
 * - a failed open or one damaged row is an unhandled rejection and `whenSynced` never answers;
 * - deleted words stay in its rows until 500 have gathered.
 *
 * Nothing here throws or rejects. A failure is told by `failed`, and the document lives on in memory; storage is tried
 * again until it works, and then the whole state is written.
 */
export type LocalEvents = {
  /** `saved` may have changed. */
  progress(): void;
  failed(reason: StorageReason): void;
  /** Storage works again, after a failure. */
  recovered(): void;
  /** Somebody has deleted the database. Whether it may be made anew, which would undo that; without this it may not. */
  mayRemake?(): Promise<boolean>;
};

/** As many rows as y-indexeddb lets gather before it makes one of them. */
const MOST_ROWS = 500;
/** Deleted words leave the rows this long after the last deletion. */
const COMPACT_AFTER_MS = 2_000;

export class LocalDocument {
  readonly doc: Y.Doc;
  /** Resolves when everything stored has been applied, or storage has failed. Never rejects. */
  readonly loaded: Promise<void>;
  readonly #events: LocalEvents;
  readonly #retry = new Retry(() => this.#reopen());
  #name = '';
  #db: IDBDatabase | null = null;
  #resolveLoaded: () => void = () => undefined;
  /** Updates from before the database is open. */
  #early: { update: Uint8Array; own: boolean; deletes: boolean }[] = [];
  /** The rows read last hold words that the document does not. */
  #stale = false;
  #writing = 0;
  /** Others' updates of this turn. */
  #gathered: Uint8Array[] = [];
  #rows = 0;
  #failure: StorageReason | null = null;
  /** How often something failed: what fails while the state is being written anew is not in it. */
  #failures = 0;
  #damaged = false;
  #closed = false;
  /** Someone deletes the database on purpose: writing it anew would undo that. */
  #deleted = false;
  #compaction: ReturnType<typeof setTimeout> | null = null;

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

  /** True once a row could not be read: what stood in it is missing. */
  get damaged(): boolean {
    return this.#damaged;
  }

  /** Opens the database and applies what it holds. To be called once. */
  async open(name: string): Promise<void> {
    this.#name = name;
    if (this.#failure !== null) await this.#retry.now();
    else await this.#open();
    this.#resolveLoaded();
  }

  /** Says instead of `open` that there is no storage now. `open` may follow when there is. */
  refuse(reason: StorageReason): void {
    this.#fail(reason);
    this.#resolveLoaded();
  }

  /** Tries storage again at once, if it has failed. */
  async retry(): Promise<void> {
    if (this.#failure !== null && this.#name !== '') await this.#retry.now();
  }

  /** Replaces the rows by the document as it is now: what was deleted is then gone from the device. */
  async compact(): Promise<boolean> {
    this.#stopCompaction();
    const db = this.#db;
    if (db === null) return false;
    try {
      await replaceRows(db, this.#apply, () => Y.encodeStateAsUpdate(this.doc));
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
    this.#write('relaxed');
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
    this.#gathered = [];
    this.#retry.stop();
    this.#db?.close();
    this.#db = null;
    this.#resolveLoaded();
  }

  async #open(): Promise<void> {
    try {
      const db = await openDatabase(this.#name, makeStores, this.#onClosed);
      if (this.#closed) {
        db.close();
        return;
      }
      this.#db = db;
      await withTimeout(this.#load(db), OPEN_TIMEOUT_MS);
    } catch (error) {
      this.#fail(storageReason(error));
    }
  }

  async #load(db: IDBDatabase): Promise<void> {
    const read = await readRows(db, this.#apply);
    if (this.#closed) return;
    this.#rows = read.rows;
    const early = this.#early;
    this.#early = [];
    for (const { update, own } of early) this.#store(update, own);
    // A tab that ended before it could compact, or changes from before the database was open, left deleted words in the rows.
    if (this.#stale || early.some(({ deletes }) => deletes)) this.#compactSoon();
    if (read.damaged > 0) this.#fail('corrupt');
  }

  /** Applies rows one by one, so that one damaged row takes no other with it. Answers the damaged ones. */
  readonly #apply = (keys: readonly IDBValidKey[], rows: readonly Uint8Array[]): DamagedRow[] => {
    const damaged: DamagedRow[] = [];
    if (this.#closed) return damaged;
    Y.transact(
      this.doc,
      (transaction) => {
        rows.forEach((row, index) => {
          try {
            Y.applyUpdate(this.doc, row, this);
          } catch {
            damaged.push({ key: keys[index] ?? 0, row });
          }
        });
        this.#stale = metDeletedContent(transaction);
      },
      this,
      false,
    );
    if (damaged.length > 0) this.#damaged = true;
    return damaged;
  };

  /** A listener of the document: an exception here would end all saving and sending, so none may leave. */
  readonly #onUpdate = (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
    if (origin === this) return;
    if (this.#db === null && this.#failure === null) {
      this.#early.push({ update, own: transaction.local, deletes: transaction.deleteSet.clients.size > 0 });
      this.#events.progress();
      return;
    }
    this.#store(update, transaction.local);
    if (transaction.deleteSet.clients.size > 0 || this.#rows >= MOST_ROWS) this.#compactSoon();
  };

  #store(update: Uint8Array, own: boolean): void {
    // While storage is away nothing is queued: the whole state is written when it is back.
    if (this.#db === null) {
      this.#events.progress();
      return;
    }
    this.#writing += 1;
    this.#rows += 1;
    this.#events.progress();
    this.#gathered.push(update);
    // Beginning a transaction holds up the page: others' words, which come again, are written once they are shown.
    if (own) this.#write('strict');
    else if (this.#gathered.length === 1) setTimeout(() => this.#write('relaxed'), 0);
  }

  /** Begins to write what is gathered. 'strict' waits for the disk: 'saved on this device' is a promise to the writer. */
  #write(durability: IDBTransactionDurability): void {
    const db = this.#db;
    const rows = this.#gathered;
    this.#gathered = [];
    if (rows.length === 0) return;
    const written = db === null ? Promise.resolve() : addRows(db, rows, durability);
    void written
      .catch((error: unknown) => this.#fail(storageReason(error)))
      .then(() => {
        this.#writing -= rows.length;
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
      this.#failures += 1;
      this.#early = [];
      if (this.#name !== '') this.#retry.soon();
    }
    if (known !== reason) this.#events.failed(reason);
    this.#events.progress();
  }

  /** A failure may pass: room is made, the other tab lets go. Then everything is written, in one row. */
  async #reopen(): Promise<boolean> {
    try {
      if (this.#deleted && (await this.#events.mayRemake?.()) !== true) return true;
      this.#deleted = false;
      // The old connection may be what does not answer.
      this.#db?.close();
      this.#db = null;
      const db = await openDatabase(this.#name, makeStores, this.#onClosed);
      this.#db = db;
      if (this.#closed) {
        this.#end();
        return true;
      }
      let written = 0;
      await replaceRows(db, this.#apply, () => {
        written = this.#failures;
        return Y.encodeStateAsUpdate(this.doc);
      });
      this.#rows = 1;
      if (this.#failures !== written) return false;
    } catch (error) {
      this.#fail(storageReason(error));
      return false;
    }
    this.#failure = null;
    this.#events.recovered();
    this.#events.progress();
    return true;
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
