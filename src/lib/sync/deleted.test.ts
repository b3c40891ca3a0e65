import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { newId } from '../model/ids.ts';
import { complete, openDatabase, result } from './idb.ts';
import { LocalDocument } from './local.ts';

const QUIET = { progress: () => undefined, failed: () => undefined, recovered: () => undefined };

async function withUpdates<T>(name: string, fn: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const make = (db: IDBDatabase): void => {
    db.createObjectStore('updates', { autoIncrement: true });
    db.createObjectStore('custom');
  };
  const db = await openDatabase(name, make, () => undefined);
  const transaction = db.transaction('updates', 'readwrite');
  const done = complete(transaction);
  const answer = await fn(transaction.objectStore('updates'));
  await done;
  db.close();
  return answer;
}

const rowsOf = (name: string): Promise<Uint8Array[]> =>
  withUpdates(name, (store) => result(store.getAll() as IDBRequest<Uint8Array[]>));

function holds(rows: readonly Uint8Array[], text: string): boolean {
  return rows.some((row) => Buffer.from(row).includes(text));
}

/** The rows of a tab that ended right after it had stored a deletion. */
async function abandoned(name: string): Promise<void> {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  doc.getMap('m').set('a', 'canary');
  doc.getMap('m').set('b', 'stays');
  doc.getMap('m').delete('a');
  await withUpdates(name, async (store) => {
    for (const update of updates) await result(store.add(update));
  });
}

test('[L3] deleted words that a tab left behind when it ended leave the rows at the next opening', async () => {
  const name = newId();
  await abandoned(name);
  expect(holds(await rowsOf(name), 'canary')).toBe(true);
  const store = new LocalDocument(new Y.Doc(), QUIET);
  await store.open(name);
  await expect.poll(async () => holds(await rowsOf(name), 'canary'), { timeout: 10_000 }).toBe(false);
  expect(holds(await rowsOf(name), 'stays')).toBe(true);
  await store.close();
});

test('[L3] also when it is closed again at once', async () => {
  const name = newId();
  await abandoned(name);
  const store = new LocalDocument(new Y.Doc(), QUIET);
  await store.open(name);
  await store.close();
  await expect.poll(async () => holds(await rowsOf(name), 'canary'), { timeout: 10_000 }).toBe(false);
});

test('[L3] what was deleted before the database was open leaves the rows too', async () => {
  const name = newId();
  const doc = new Y.Doc();
  const store = new LocalDocument(doc, QUIET);
  doc.getMap('m').set('a', 'canary');
  doc.getMap('m').delete('a');
  await store.open(name);
  await store.close();
  expect(holds(await rowsOf(name), 'canary')).toBe(false);
});

test('[L3] rows without deleted words are left as they are', async () => {
  const name = newId();
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (let i = 0; i < 3; i++) doc.getMap('m').set(String(i), 'stays');
  // A snapshot in which something was deleted long ago.
  const old = new Y.Doc();
  old.getMap('m').set('x', 'gone');
  old.getMap('m').delete('x');
  await withUpdates(name, async (store) => {
    for (const update of [Y.encodeStateAsUpdate(old), ...updates]) await result(store.add(update));
  });
  const store = new LocalDocument(new Y.Doc(), QUIET);
  await store.open(name);
  await store.close();
  expect(await rowsOf(name)).toHaveLength(4);
});
