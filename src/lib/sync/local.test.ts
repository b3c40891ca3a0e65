import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { IndexeddbPersistence } from 'y-indexeddb';
import * as Y from 'yjs';
import { newId } from '../model/ids.ts';
import { complete, deleteDatabase, openDatabase, result } from './idb.ts';
import { LocalDocument } from './local.ts';

type Told = string[];

function local(
  doc = new Y.Doc(),
  mayRemake?: () => Promise<boolean>,
): { doc: Y.Doc; store: LocalDocument; told: Told } {
  const told: Told = [];
  const store = new LocalDocument(doc, {
    progress: () => undefined,
    failed: (reason) => told.push(reason),
    recovered: () => told.push('recovered'),
    ...(mayRemake && { mayRemake }),
  });
  return { doc, store, told };
}

async function rows(name: string): Promise<Uint8Array[]> {
  const db = await openDatabase(
    name,
    () => undefined,
    () => undefined,
  );
  const found = (await result(db.transaction('updates').objectStore('updates').getAll())) as Uint8Array[];
  db.close();
  return found;
}

/** What a reader of these rows alone would see. */
async function stored(name: string): Promise<unknown> {
  const doc = new Y.Doc();
  for (const row of await rows(name)) Y.applyUpdate(doc, row);
  return doc.getMap('m').toJSON();
}

const until = async (holds: () => boolean): Promise<void> => {
  await vi.waitFor(() => expect(holds()).toBe(true), { timeout: 10_000, interval: 2 });
};

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('local copy', () => {
  test('[L3] saved is false from the change until its transaction is complete', async () => {
    const name = newId();
    const { doc, store } = local();
    await store.open(name);
    expect(store.saved).toBe(true);
    let completed = 0;
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    doc.getMap('m').set('a', 1);
    const made = transaction.mock.results[0]?.value as IDBTransaction;
    made.addEventListener('complete', () => (completed += 1));
    expect(store.saved).toBe(false);
    await until(() => store.saved);
    expect(completed).toBe(1);
    expect(await stored(name)).toEqual({ a: 1 });
    await store.close();
  });

  test("[L3] others' changes of one turn are one transaction, after the turn; saved is false until it is complete", async () => {
    const name = newId();
    const { doc, store } = local();
    await store.open(name);
    const other = new Y.Doc();
    other.on('update', (update: Uint8Array) => Y.applyUpdate(doc, update, 'server'));
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    other.getMap('m').set('a', 1);
    other.getMap('m').set('b', 2);
    expect([store.saved, transaction.mock.calls.length]).toEqual([false, 0]);
    await until(() => store.saved);
    expect(transaction).toHaveBeenCalledTimes(1);
    expect(await stored(name)).toEqual({ a: 1, b: 2 });
    // An own change waits for nothing, and what came before it goes with it.
    transaction.mockClear();
    other.getMap('m').set('c', 3);
    doc.getMap('m').set('d', 4);
    expect(transaction.mock.calls.map(([, , options]) => options)).toEqual([{ durability: 'strict' }]);
    other.getMap('m').set('e', 5);
    await store.close();
    expect(await stored(name)).toEqual({ a: 1, b: 2, c: 3, d: 4, e: 5 });
  });

  test('[L3] what was written before the database is open is stored too', async () => {
    const name = newId();
    const { doc, store } = local();
    doc.getMap('m').set('early', 1);
    expect(store.saved).toBe(false);
    const opening = store.open(name);
    doc.getMap('m').set('while', 2);
    await opening;
    await until(() => store.saved);
    expect(await stored(name)).toEqual({ early: 1, while: 2 });
    await store.close();
  });

  test('[L3] y-indexeddb reads what this writes, and this what it writes', async () => {
    const name = newId();
    const theirs = new Y.Doc();
    const persistence = new IndexeddbPersistence(name, theirs);
    await persistence.whenSynced;
    theirs.getMap('m').set('theirs', 1);
    await persistence.destroy();
    const { doc, store } = local();
    await store.open(name);
    expect(doc.getMap('m').toJSON()).toEqual({ theirs: 1 });
    doc.getMap('m').set('ours', 2);
    await until(() => store.saved);
    await store.close();
    const again = new Y.Doc();
    const reader = new IndexeddbPersistence(name, again);
    await reader.whenSynced;
    expect(again.getMap('m').toJSON()).toEqual({ theirs: 1, ours: 2 });
    await reader.destroy();
  });

  test('[L3] deleted words leave the rows', async () => {
    const name = newId();
    const { doc, store } = local();
    await store.open(name);
    doc.getMap('m').set('a', 'canary');
    doc.getMap('m').set('a', 'gone');
    await until(() => store.saved);
    const has = async (): Promise<boolean> =>
      (await rows(name)).some((row) => new TextDecoder().decode(row).includes('canary'));
    expect(await has()).toBe(true);
    await store.close();
    expect(await has()).toBe(false);
    expect(await stored(name)).toEqual({ a: 'gone' });
  });

  test('[L3] compaction takes in what other tabs have stored', async () => {
    const name = newId();
    const [one, two] = [local(), local()];
    await Promise.all([one.store.open(name), two.store.open(name)]);
    one.doc.getMap('m').set('one', 1);
    two.doc.getMap('m').set('two', 2);
    await until(() => one.store.saved && two.store.saved);
    expect(await one.store.compact()).toBe(true);
    expect(await rows(name)).toHaveLength(1);
    expect(await stored(name)).toEqual({ one: 1, two: 2 });
    await Promise.all([one.store.close(), two.store.close()]);
  });

  test('[L4] one damaged row takes no other with it, is told, and is put away', async () => {
    const name = newId();
    const first = local();
    await first.store.open(name);
    first.doc.getMap('m').set('a', 1);
    await until(() => first.store.saved);
    await first.store.close();
    const db = await openDatabase(
      name,
      () => undefined,
      () => undefined,
    );
    const transaction = db.transaction('updates', 'readwrite');
    transaction.objectStore('updates').add(new Uint8Array([7, 255, 255, 255]));
    await complete(transaction);
    db.close();
    const { doc, store, told } = local();
    await store.open(name);
    expect(doc.getMap('m').toJSON()).toEqual({ a: 1 });
    expect(told).toEqual(['corrupt']);
    doc.getMap('m').set('b', 2);
    await until(() => store.saved);
    expect(await stored(name)).toEqual({ a: 1, b: 2 });
    await store.close();
  });

  test('[L4] no room: told, the document lives on, and all is written when there is room again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const name = newId();
    const { doc, store, told } = local();
    await store.open(name);
    const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    let heard = 0;
    doc.on('update', () => (heard += 1));
    doc.getMap('m').set('a', 1);
    doc.getMap('m').set('b', 2);
    await until(() => told.length > 0);
    expect(heard).toBe(2);
    expect(store.saved).toBe(false);
    expect(told).toEqual(['quota']);
    add.mockRestore();
    await vi.advanceTimersByTimeAsync(1_100);
    vi.useRealTimers();
    await until(() => store.saved);
    expect(told).toEqual(['quota', 'recovered']);
    expect(await stored(name)).toEqual({ a: 1, b: 2 });
    await store.close();
  });

  test('[L4] deleted by another tab: told, the document lives on, and the database is not made anew', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const name = newId();
    const { doc, store, told } = local();
    await store.open(name);
    expect(await deleteDatabase(name)).toBe(true);
    expect(told).toEqual(['closed']);
    expect(() => doc.getMap('m').set('a', 1)).not.toThrow();
    expect(store.saved).toBe(false);
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect((await indexedDB.databases()).some((database) => database.name === name)).toBe(false);
    await store.close();
  });

  test('[L4] a database that never opens is given up after a while', async () => {
    vi.useFakeTimers();
    vi.spyOn(IDBFactory.prototype, 'open').mockReturnValue({} as IDBOpenDBRequest);
    const { doc, store, told } = local();
    const opening = store.open(newId());
    doc.getMap('m').set('a', 1);
    await vi.advanceTimersByTimeAsync(4_000);
    await opening;
    await store.loaded;
    expect(told).toEqual(['timeout']);
    expect(store.saved).toBe(false);
    await store.close();
  });

  test('[L4] compaction that fails in the middle leaves the rows that were there', async () => {
    const name = newId();
    const { doc, store, told } = local();
    await store.open(name);
    doc.getMap('m').set('a', 1);
    await until(() => store.saved);
    vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    expect(await store.compact()).toBe(false);
    expect(told).toEqual(['quota']);
    vi.restoreAllMocks();
    expect(await stored(name)).toEqual({ a: 1 });
    await store.close();
  });

  test('[L3] what fails while storage comes back is not called saved', async () => {
    const name = newId();
    const { doc, store } = local();
    await store.open(name);
    const { add, clear } = IDBObjectStore.prototype;
    let full = true;
    vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (this: IDBObjectStore, row: unknown) {
      if (!full) return add.call(this, row);
      full = false;
      throw new DOMException('full', 'QuotaExceededError');
    });
    vi.spyOn(IDBObjectStore.prototype, 'clear').mockImplementationOnce(function (this: IDBObjectStore) {
      full = true;
      doc.getMap('m').set('late', 1);
      return clear.call(this);
    });
    doc.getMap('m').set('early', 1);
    await until(() => store.failure !== null);
    await store.retry();
    expect(await stored(name)).toEqual({ early: 1 });
    expect(store.saved).toBe(false);
    await store.retry();
    await until(() => store.saved);
    expect(await stored(name)).toEqual({ early: 1, late: 1 });
    await store.close();
  });

  test('[L4] a write that never answers is told after a while, and all is written when storage answers again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const name = newId();
    const { doc, store, told } = local();
    await store.open(name);
    const silent = { objectStore: () => ({ add: () => undefined }) } as unknown as IDBTransaction;
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockReturnValue(silent);
    doc.getMap('m').set('a', 1);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(['timeout']);
    expect(store.saved).toBe(false);
    transaction.mockRestore();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    await until(() => store.saved);
    expect(told).toEqual(['timeout', 'recovered']);
    expect(await stored(name)).toEqual({ a: 1 });
    await store.close();
  });

  test('[L4] deleted by another tab while its person stays: made anew, with everything', async () => {
    const name = newId();
    const { doc, store, told } = local(new Y.Doc(), () => Promise.resolve(true));
    await store.open(name);
    doc.getMap('m').set('a', 1);
    await until(() => store.saved);
    expect(await deleteDatabase(name)).toBe(true);
    doc.getMap('m').set('b', 2);
    expect(store.saved).toBe(false);
    await until(() => store.saved);
    expect(told).toEqual(['closed', 'recovered']);
    expect(await stored(name)).toEqual({ a: 1, b: 2 });
    await store.close();
  });

  test('[L4] no IndexedDB at all', async () => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    });
    const { store, told } = local();
    await store.open(newId());
    expect(told).toEqual(['unavailable']);
    await store.close();
  });
});
