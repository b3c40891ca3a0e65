import { type Event, type Owner, running } from './clock.ts';
import type { Chance } from './chance.ts';

/**
 * IndexedDB as far as the client uses it: transactions of one database take turns, complete some time after their last
 * request, and leave nothing when their tab dies before. What is complete is on the device, whatever dies.
 */
type Key = string | number | (string | number)[];
type StoreData = { keyPath: string | string[] | null; rows: Map<string, { key: Key; value: unknown }>; next: number };
type DatabaseData = { stores: Map<string, StoreData> };
type Range = { lower: Key; upper: Key };
type Mode = 'readonly' | 'readwrite' | 'versionchange';

const soon = { least: 0.05, most: 1.5 };

/** The disk of one device. */
export class Disk {
  readonly databases = new Map<string, DatabaseData>();
  readonly chance: Chance;
  readonly #open = new Map<string, Set<Database>>();
  readonly #queues = new Map<string, Transaction[]>();

  constructor(chance: Chance) {
    this.chance = chance;
  }

  get factory(): object {
    return {
      open: (name: string) => this.#openDatabase(name),
      deleteDatabase: (name: string) => this.#deleteDatabase(name),
      databases: () => Promise.resolve([...this.databases.keys()].map((name) => ({ name, version: 1 }))),
    };
  }

  join(transaction: Transaction): void {
    const { name } = transaction.db;
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    queue.push(transaction);
    if (queue.length === 1) transaction.begin();
  }

  leave(transaction: Transaction): void {
    const queue = this.#queues.get(transaction.db.name);
    const index = queue?.indexOf(transaction) ?? -1;
    if (queue === undefined || index === -1) return;
    queue.splice(index, 1);
    if (index === 0) queue[0]?.begin();
  }

  closed(db: Database): void {
    this.#open.get(db.name)?.delete(db);
  }

  #openDatabase(name: string): Request<Database> {
    const { clock } = running;
    const owner = clock.current;
    const request = new Request<Database>();
    clock.at(owner, this.chance.between(0.2, 4), () => {
      const fresh = !this.databases.has(name);
      const data: DatabaseData = this.databases.get(name) ?? { stores: new Map() };
      const db = new Database(this, name, data, owner);
      request.result = db;
      if (fresh) {
        request.onupgradeneeded?.();
        this.databases.set(name, data);
      }
      const all = this.#open.get(name) ?? new Set<Database>();
      this.#open.set(name, all.add(db));
      owner.onDeath.add(() => db.close());
      request.onsuccess?.();
    });
    return request;
  }

  #deleteDatabase(name: string): Request<undefined> {
    const { clock } = running;
    const owner = clock.current;
    const request = new Request<undefined>();
    for (const db of this.#open.get(name) ?? []) {
      clock.at(db.owner, this.chance.between(0.1, 2), () => {
        if (!db.isClosed) db.onversionchange?.();
      });
    }
    const attempt = (): void => {
      const free = (this.#open.get(name)?.size ?? 0) === 0 && (this.#queues.get(name)?.length ?? 0) === 0;
      if (!free) {
        clock.at(owner, 20, attempt);
        return;
      }
      this.databases.delete(name);
      request.onsuccess?.();
    };
    clock.at(owner, this.chance.between(2, 6), attempt);
    return request;
  }
}

class Request<T> {
  result!: T;
  error: Error | null = null;
  onsuccess: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onupgradeneeded: (() => void) | null = null;
  onblocked: (() => void) | null = null;
}

class Database {
  readonly disk: Disk;
  readonly name: string;
  readonly data: DatabaseData;
  readonly owner: Owner;
  isClosed = false;
  onversionchange: (() => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(disk: Disk, name: string, data: DatabaseData, owner: Owner) {
    this.disk = disk;
    this.name = name;
    this.data = data;
    this.owner = owner;
  }

  createObjectStore(name: string, options: { keyPath?: string | string[]; autoIncrement?: boolean } = {}): void {
    this.data.stores.set(name, { keyPath: options.keyPath ?? null, rows: new Map(), next: 1 });
  }

  transaction(_names: string | string[], mode: Mode, options: { durability?: string } = {}): Transaction {
    if (this.isClosed) throw Object.assign(new Error('closed'), { name: 'InvalidStateError' });
    return new Transaction(this, mode, options.durability === 'strict');
  }

  /** Transactions that have begun go on. */
  close(): void {
    this.isClosed = true;
    this.disk.closed(this);
  }
}

class Transaction {
  readonly db: Database;
  readonly #strict: boolean;
  readonly #mode: Mode;
  readonly #undo: (() => void)[] = [];
  readonly #onDeath = (): void => this.#abort();
  #todo: (() => void)[] = [];
  #begun = false;
  #over = false;
  #scheduled = false;
  #end: Event | null = null;
  error: Error | null = null;
  oncomplete: (() => void) | null = null;
  onabort: (() => void) | null = null;

  constructor(db: Database, mode: Mode, strict: boolean) {
    this.db = db;
    this.#mode = mode;
    this.#strict = strict;
    db.owner.onDeath.add(this.#onDeath);
    db.disk.join(this);
  }

  objectStore(name: string): ObjectStore {
    const data = this.db.data.stores.get(name);
    if (data === undefined) throw Object.assign(new Error('no such store'), { name: 'NotFoundError' });
    return new ObjectStore(this, data);
  }

  begin(): void {
    this.#begun = true;
    this.#schedule();
  }

  ask<T>(work: () => T): Request<T> {
    if (this.#over) throw Object.assign(new Error('over'), { name: 'TransactionInactiveError' });
    const request = new Request<T>();
    this.#todo.push(() => {
      request.result = work();
      request.onsuccess?.();
    });
    if (this.#begun) this.#schedule();
    return request;
  }

  onUndo(undo: () => void): void {
    this.#undo.push(undo);
  }

  #schedule(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    running.clock.cancel(this.#end);
    running.clock.at(this.db.owner, this.db.disk.chance.between(soon.least, soon.most), () => {
      this.#scheduled = false;
      this.#work();
    });
  }

  /** What is asked for meanwhile, in answer to these requests, is done before it completes. */
  #work(): void {
    const { chance } = this.db.disk;
    const slow = this.#mode === 'readonly' ? 0 : this.#strict ? chance.between(1, 25) : chance.between(0, 5);
    this.#end = running.clock.at(this.db.owner, slow, () => this.#complete());
    const todo = this.#todo;
    this.#todo = [];
    for (const one of todo) one();
  }

  #complete(): void {
    this.#over = true;
    this.db.owner.onDeath.delete(this.#onDeath);
    this.db.disk.leave(this);
    this.oncomplete?.();
  }

  /** The tab died: nothing of it was written. */
  #abort(): void {
    if (this.#over) return;
    this.#over = true;
    for (const undo of this.#undo.reverse()) undo();
    this.db.disk.leave(this);
  }
}

class ObjectStore {
  readonly #transaction: Transaction;
  readonly #data: StoreData;

  constructor(transaction: Transaction, data: StoreData) {
    this.#transaction = transaction;
    this.#data = data;
  }

  get(key: Key): Request<unknown> {
    return this.#transaction.ask(() => this.#data.rows.get(JSON.stringify(key))?.value);
  }

  getAll(): Request<unknown[]> {
    return this.#transaction.ask(() => this.#sorted().map((row) => row.value));
  }

  getAllKeys(): Request<Key[]> {
    return this.#transaction.ask(() => this.#sorted().map((row) => row.key));
  }

  put(value: unknown, key?: Key): Request<Key> {
    return this.#transaction.ask(() => {
      const at = key ?? this.#keyOf(value);
      this.#set(at, { key: at, value });
      return at;
    });
  }

  add(value: unknown): Request<Key> {
    return this.put(value);
  }

  delete(at: Key | Range): Request<undefined> {
    return this.#transaction.ask(() => {
      const keys = isRange(at)
        ? [...this.#data.rows.values()].map((row) => row.key).filter((key) => inRange(key, at))
        : [at];
      for (const key of keys) this.#set(key, undefined);
      return undefined;
    });
  }

  clear(): Request<undefined> {
    return this.#transaction.ask(() => {
      for (const { key } of [...this.#data.rows.values()]) this.#set(key, undefined);
      return undefined;
    });
  }

  #set(key: Key, row: { key: Key; value: unknown } | undefined): void {
    const { rows } = this.#data;
    const id = JSON.stringify(key);
    const before = rows.get(id);
    this.#transaction.onUndo(() => {
      if (before === undefined) rows.delete(id);
      else rows.set(id, before);
    });
    if (row === undefined) rows.delete(id);
    else rows.set(id, row);
  }

  #keyOf(value: unknown): Key {
    const { keyPath } = this.#data;
    if (keyPath === null) return this.#data.next++;
    const row = value as Record<string, string>;
    return Array.isArray(keyPath) ? keyPath.map((path) => row[path] ?? '') : (row[keyPath] ?? '');
  }

  #sorted(): { key: Key; value: unknown }[] {
    return [...this.#data.rows.values()].sort((a, b) => compareKeys(a.key, b.key));
  }
}

function isRange(at: Key | Range): at is Range {
  return typeof at === 'object' && !Array.isArray(at);
}

function inRange(key: Key, { lower, upper }: Range): boolean {
  return compareKeys(key, lower) >= 0 && compareKeys(key, upper) <= 0;
}

/** Numbers before texts before lists, lists item by item. */
function compareKeys(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compareKeys(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  const kind = rankOf(a) - rankOf(b);
  if (kind !== 0) return kind;
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
}

function rankOf(value: unknown): number {
  return typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2;
}

export const keyRange = { bound: (lower: Key, upper: Key): Range => ({ lower, upper }) };
