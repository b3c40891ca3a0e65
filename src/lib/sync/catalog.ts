import type { UserId } from '../model/ids.ts';
import { deleteDatabase, result, type StorageReason } from './idb.ts';
import { SteadyDatabase, type DatabaseEvents } from './steady-database.ts';

/** One document that this device has, or has written to. */
export type DocumentRow = {
  name: string;
  /** The server's number of the newest update that is known to be here; 0 when unknown. */
  rev: number;
  /** True once its content was here, even if that is nothing yet. */
  onDevice: boolean;
  /** Milliseconds; 0 when only freshened. */
  lastOpened: number;
  /** Roughly what it takes, in bytes. */
  bytes: number;
  /** Which local copy is the living one: changes when a copy is set aside, and names its database. */
  lineage: string;
  /** The state vector that the server last confirmed in full; null before. */
  confirmed: Uint8Array | null;
};

export type DocumentNote = Partial<Omit<DocumentRow, 'name'>>;

/** What is known of a copy that has just begun. */
export const NEW_COPY = { rev: 0, bytes: 0, onDevice: false, confirmed: null } as const;

export function newRow(name: string): DocumentRow {
  return { name, lastOpened: 0, lineage: '', ...NEW_COPY };
}

/** One change by the person on this device that the server has not accepted yet. */
export type PendingRow = {
  name: string;
  id: string;
  /** Where the change ended in its writer's clock: whoever holds that much holds the change. */
  client: number;
  clock: number;
  /** False for a change that only deletes: the clock says nothing of it. */
  inserts: boolean;
  /** False for what nobody waits for: read marks, drafts, settings. */
  counts: boolean;
  /** The hint of the message in it, for those that are written before it is read. */
  hint?: number | undefined;
};

/** A copy that the server refused, kept for its writer. */
export type AsideRow = { id: string; name: string; at: number; reason: string; text: string[]; update: Uint8Array };

const SAME_MS = 60_000;

const DOCUMENTS = 'documents';
const PENDING = 'pending';
const ASIDE = 'aside';
const LEASES = 'leases';

export function catalogName(user: UserId): string {
  return `taskflow/${user}`;
}

/** The database that holds one document's updates. */
export function documentDatabase(user: UserId, name: string, lineage: string): string {
  return `taskflow/${user}/${name}${lineage === '' ? '' : `~${lineage}`}`;
}

/**
 * What this device has of one person's documents, in a small database of its own. Every function fails soft: without
 * storage the answers are empty and the writes false, because work goes on from memory then. Notes about documents that
 * could not be written are written by itself when storage is back.
 */
export class Catalog {
  readonly user: UserId;
  readonly #db: SteadyDatabase;
  readonly #unwritten = new Map<string, DocumentNote>();

  constructor(user: UserId, events: DatabaseEvents) {
    this.user = user;
    this.#db = new SteadyDatabase(catalogName(user), make, events, () => this.#writeAgain());
  }

  /** Why it cannot be used now, or null. */
  get failure(): StorageReason | null {
    return this.#db.failure;
  }

  /** Tries again at once, if it has failed. */
  retry(): Promise<void> {
    return this.#db.retry();
  }

  documents(): Promise<DocumentRow[]> {
    return this.#all<DocumentRow>(DOCUMENTS);
  }

  pending(): Promise<PendingRow[]> {
    return this.#all<PendingRow>(PENDING);
  }

  asides(): Promise<AsideRow[]> {
    return this.#all<AsideRow>(ASIDE);
  }

  /** Changes fields of a document's row, making it if needed. */
  async note(name: string, change: DocumentNote): Promise<boolean> {
    const written = await this.#db.write([DOCUMENTS], (transaction) => put(transaction, name, change));
    if (!written && !this.#db.closed) this.#unwritten.set(name, { ...this.#unwritten.get(name), ...change });
    return written;
  }

  forget(names: readonly string[]): Promise<boolean> {
    return this.#db.write([DOCUMENTS, PENDING], (transaction) => {
      for (const name of names) {
        transaction.objectStore(DOCUMENTS).delete(name);
        transaction.objectStore(PENDING).delete(rowsOf(name));
      }
    });
  }

  addPending(row: PendingRow): Promise<boolean> {
    return this.#db.write([PENDING], (transaction) => transaction.objectStore(PENDING).put(row), 'strict');
  }

  removePending(rows: readonly Pick<PendingRow, 'name' | 'id'>[]): Promise<boolean> {
    return this.#db.write([PENDING], (transaction) => {
      for (const row of rows) transaction.objectStore(PENDING).delete([row.name, row.id]);
    });
  }

  /**
   * Keeps a refused copy, unless another tab has just kept the same words, and in the same breath lets go of these pending
   * changes of the document. It begins anew under `lineage`, unless another tab has begun a later copy already.
   */
  setAside(row: AsideRow | null, name: string, lineage: string, waiting: readonly string[]): Promise<boolean> {
    return this.#db.write(
      [DOCUMENTS, PENDING, ASIDE],
      async (transaction) => {
        const documents = transaction.objectStore(DOCUMENTS);
        const known = (await result(documents.get(name))) as DocumentRow | undefined;
        const asides = transaction.objectStore(ASIDE);
        const kept = (await result(asides.getAll())) as AsideRow[];
        if (row !== null && !kept.some((other) => isSame(other, row))) asides.put(row);
        const pending = transaction.objectStore(PENDING);
        for (const id of waiting) pending.delete([name, id]);
        if ((known?.lineage ?? '') < lineage) documents.put({ ...(known ?? newRow(name)), ...NEW_COPY, lineage });
      },
      'strict',
    );
  }

  discardAside(id: string): Promise<boolean> {
    return this.#db.write([ASIDE], (transaction) => transaction.objectStore(ASIDE).delete(id));
  }

  /** True for the one tab that may do a shared chore for the next `ms`; Web Locks are missing on plain http. */
  async lease(chore: string, tab: string, ms: number): Promise<boolean> {
    let mine = false;
    const kept = await this.#db.write([LEASES], async (transaction) => {
      const store = transaction.objectStore(LEASES);
      const held = (await result(store.get(chore))) as { tab: string; until: number } | undefined;
      const now = Date.now();
      // A lease from the far future was made by a clock that has been put right since.
      mine = held === undefined || held.tab === tab || held.until < now || held.until > now + ms;
      if (mine) store.put({ chore, tab, until: now + ms });
    });
    return mine || !kept;
  }

  /** Ends a lease before its time. */
  release(chore: string, tab: string): Promise<boolean> {
    return this.#db.write([LEASES], async (transaction) => {
      const store = transaction.objectStore(LEASES);
      const held = (await result(store.get(chore))) as { tab: string } | undefined;
      if (held?.tab === tab) store.delete(chore);
    });
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async #writeAgain(): Promise<boolean> {
    const unwritten = [...this.#unwritten];
    this.#unwritten.clear();
    const written = await this.#db.write([DOCUMENTS], async (transaction) => {
      for (const [name, change] of unwritten) await put(transaction, name, change);
    });
    // What was noted meanwhile is newer.
    if (!written)
      for (const [name, old] of unwritten) this.#unwritten.set(name, { ...old, ...this.#unwritten.get(name) });
    return written;
  }

  async #all<T>(store: string): Promise<T[]> {
    return (await this.#db.all(store)) as T[];
  }
}

async function put(transaction: IDBTransaction, name: string, change: DocumentNote): Promise<void> {
  const store = transaction.objectStore(DOCUMENTS);
  const known = (await result(store.get(name))) as DocumentRow | undefined;
  // Another tab may have begun a later copy while this one could not write.
  const stale = change.lineage !== undefined && change.lineage < (known?.lineage ?? '');
  if (!stale) store.put({ ...(known ?? newRow(name)), ...change });
}

/**
 * Deletes databases of one person: those named, and where the browser can list them, all others of theirs too. False
 * when some could not be deleted now.
 */
export async function wipeDatabases(user: UserId, known: readonly string[]): Promise<boolean> {
  const names = new Set([...known, catalogName(user)]);
  if (typeof indexedDB === 'object' && typeof indexedDB.databases === 'function') {
    for (const { name } of await indexedDB.databases().catch(() => [])) {
      if (name === catalogName(user) || name?.startsWith(`${catalogName(user)}/`)) names.add(name);
    }
  }
  const gone = await Promise.all([...names].map((name) => deleteDatabase(name)));
  return gone.every(Boolean);
}

/** Two tabs that are refused at once keep the same words. */
function isSame(one: AsideRow, other: AsideRow): boolean {
  return (
    one.name === other.name &&
    Math.abs(one.at - other.at) < SAME_MS &&
    JSON.stringify(one.text) === JSON.stringify(other.text)
  );
}

function rowsOf(name: string): IDBKeyRange {
  return IDBKeyRange.bound([name], [name, []]);
}

function make(db: IDBDatabase): void {
  db.createObjectStore(DOCUMENTS, { keyPath: 'name' });
  db.createObjectStore(PENDING, { keyPath: ['name', 'id'] });
  db.createObjectStore(ASIDE, { keyPath: 'id' });
  db.createObjectStore(LEASES, { keyPath: 'chore' });
}
