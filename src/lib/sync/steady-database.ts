import { openDatabase, OPEN_TIMEOUT_MS, result, storageReason, withTimeout, write, type StorageReason } from './idb.ts';
import { Retry } from './retry.ts';

export type DatabaseEvents = {
  failed(reason: StorageReason): void;
  /** It works again: what was answered with false has to be asked and written once more, before it counts as well. */
  recovering?(): Promise<void>;
  recovered?(): void;
  /** Somebody has deleted it. Whether it may be made anew, which would undo that; without this it may not. */
  mayRemake?(): boolean;
};

/** A database that fails soft, by empty answers and false, and is opened again until that works. */
export class SteadyDatabase {
  readonly #name: string;
  readonly #make: (db: IDBDatabase) => void;
  readonly #events: DatabaseEvents;
  /** Writes what could not be written, once there is a database again. Answers whether it did. */
  readonly #restore: () => Promise<boolean>;
  readonly #retry = new Retry(() => this.#reopen());
  #db: Promise<IDBDatabase | null>;
  #failure: StorageReason | null = null;
  #failures = 0;
  #deleted = false;
  #closed = false;

  constructor(
    name: string,
    make: (db: IDBDatabase) => void,
    events: DatabaseEvents,
    restore: () => Promise<boolean> = () => Promise.resolve(true),
  ) {
    this.#name = name;
    this.#make = make;
    this.#events = events;
    this.#restore = restore;
    this.#db = this.#open();
  }

  /** Why it cannot be used now, or null. */
  get failure(): StorageReason | null {
    return this.#failure;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Tries again at once, if it has failed. */
  async retry(): Promise<void> {
    if (this.#failure !== null) await this.#retry.now();
  }

  async all(store: string): Promise<unknown[]> {
    const db = await this.#db;
    if (db === null) return [];
    try {
      const rows = result(db.transaction(store, 'readonly').objectStore(store).getAll());
      return (await withTimeout(rows, OPEN_TIMEOUT_MS)) as unknown[];
    } catch (error) {
      this.#fail(storageReason(error));
      return [];
    }
  }

  /** True when all of it is on the device. */
  async write(
    stores: readonly string[],
    fill: (transaction: IDBTransaction) => unknown,
    durability: IDBTransactionDurability = 'default',
  ): Promise<boolean> {
    const db = await this.#db;
    if (db === null) return false;
    try {
      await write(db, stores, durability, fill);
      return true;
    } catch (error) {
      this.#fail(storageReason(error));
      return false;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry.stop();
    const db = await this.#db;
    this.#db = Promise.resolve(null);
    db?.close();
  }

  #open(): Promise<IDBDatabase | null> {
    const closed = (deleted: boolean): void => {
      this.#db = Promise.resolve(null);
      this.#deleted ||= deleted;
      this.#fail('closed');
    };
    return openDatabase(this.#name, this.#make, closed).catch((error: unknown) => {
      this.#fail(storageReason(error));
      return null;
    });
  }

  #fail(reason: StorageReason): void {
    if (this.#closed) return;
    const known = this.#failure;
    this.#failure = reason;
    this.#failures += 1;
    this.#retry.soon();
    if (known !== reason) this.#events.failed(reason);
  }

  async #reopen(): Promise<boolean> {
    if (this.#deleted && this.#events.mayRemake?.() !== true) return true;
    this.#deleted = false;
    (await this.#db)?.close();
    if (this.#closed) return true;
    const before = this.#failures;
    this.#db = this.#open();
    if ((await this.#db) === null || !(await this.#restore())) return false;
    await this.#events.recovering?.();
    if (this.#failures !== before) return false;
    this.#failure = null;
    this.#events.recovered?.();
    return true;
  }
}
