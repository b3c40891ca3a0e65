/** Why a database on this device cannot be used. */
export type StorageReason = 'unavailable' | 'blocked' | 'timeout' | 'quota' | 'closed' | 'corrupt';

export class StorageError extends Error {
  readonly reason: StorageReason;

  constructor(reason: StorageReason, options?: ErrorOptions) {
    super(`local storage: ${reason}`, options);
    this.name = 'StorageError';
    this.reason = reason;
  }
}

/** What an exception out of IndexedDB means here. */
export function storageReason(error: unknown): StorageReason {
  if (error instanceof StorageError) return error.reason;
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') return 'quota';
  // InvalidStateError is what a closed connection answers, AbortError what it leaves of an open transaction.
  if (name === 'InvalidStateError' || name === 'AbortError') return 'closed';
  if (name === 'DataError' || name === 'DataCloneError' || name === 'EncodingError') return 'corrupt';
  return 'unavailable';
}

/** An open that takes longer is given up: nobody waits for a disk that does not answer. */
export const OPEN_TIMEOUT_MS = 4_000;

/**
 * Opens a database at version 1, making its stores the first time. Rejects with a StorageError: blocked, timed out, no
 * room, or no IndexedDB at all. `closed` is called once if the connection ends by anyone's hand but ours: `deleted` when
 * the database is being deleted elsewhere, which is let through at once, because an open connection would block it.
 */
export function openDatabase(
  name: string,
  make: (db: IDBDatabase) => void,
  closed: (deleted: boolean) => void,
  timeoutMs = OPEN_TIMEOUT_MS,
): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let given = false;
    const fail = (error: StorageError): void => {
      given = true;
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(() => fail(new StorageError('timeout')), timeoutMs);
    let request: IDBOpenDBRequest;
    try {
      request = indexedDB.open(name, 1);
    } catch (error) {
      fail(new StorageError('unavailable', { cause: error }));
      return;
    }
    request.onupgradeneeded = () => make(request.result);
    request.onblocked = () => fail(new StorageError('blocked'));
    request.onerror = () => fail(new StorageError(storageReason(request.error), { cause: request.error }));
    request.onsuccess = () => {
      const db = request.result;
      if (given) {
        db.close();
        return;
      }
      clearTimeout(timer);
      db.onversionchange = () => {
        db.close();
        closed(true);
      };
      db.onclose = () => closed(false);
      resolve(db);
    };
  });
}

/** A transaction that takes longer is not believed in any more. It may still arrive. */
export const WRITE_TIMEOUT_MS = 10_000;

/** Resolves when the transaction is complete: only then is what it wrote on the device. */
export function complete(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () =>
      reject(
        new StorageError(storageReason(transaction.error ?? new StorageError('closed')), { cause: transaction.error }),
      );
  });
}

/**
 * Writes in one transaction: resolves when all of it is on the device. When anything of it throws or fails, nothing of it
 * is: an exception alone would leave the requests made before it to be committed, such as a `clear` without its `add`.
 */
export async function write(
  db: IDBDatabase,
  stores: readonly string[],
  durability: IDBTransactionDurability,
  fill: (transaction: IDBTransaction) => unknown,
): Promise<void> {
  const transaction = db.transaction(stores, 'readwrite', { durability });
  const done = complete(transaction);
  // Heard of below; until then nobody listens.
  done.catch(() => undefined);
  const all = (async () => {
    try {
      await fill(transaction);
    } catch (error) {
      abort(transaction);
      throw error;
    }
    await done;
  })();
  await withTimeout(all, WRITE_TIMEOUT_MS);
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself, which is as good.
    return;
  }
}

/** Rejects with 'timeout' when the work takes longer. The work itself goes on. */
export function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StorageError('timeout')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new StorageError(storageReason(request.error), { cause: request.error }));
  });
}

/** Deletes a database. False when it could not be done now, for instance because a frozen tab keeps it open. */
export function deleteDatabase(name: string, timeoutMs = OPEN_TIMEOUT_MS): Promise<boolean> {
  // Without storage there is nothing to delete.
  if (typeof indexedDB !== 'object') return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeoutMs);
    const end = (gone: boolean): void => {
      clearTimeout(timer);
      resolve(gone);
    };
    try {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = () => end(true);
      request.onerror = () => end(false);
    } catch {
      end(false);
    }
  });
}
