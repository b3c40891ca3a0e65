import { cdp } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import * as Y from 'yjs';
import { sendMessage } from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { catalogName, documentDatabase } from '../../src/lib/sync/catalog.ts';
import { connection } from '../../src/lib/sync/connection.svelte.ts';
import { current } from '../../src/lib/sync/current.svelte.ts';
import { change, openDocument, type OpenDocument } from '../../src/lib/sync/documents.svelte.ts';
import { setEndpoint } from '../../src/lib/sync/endpoint.ts';
import { memory } from '../../src/lib/sync/memory.ts';
import { session, type Me } from '../../src/lib/sync/session.svelte.ts';
import { storage } from '../../src/lib/sync/storage.svelte.ts';
import { until } from '../../src/lib/sync/until.svelte.ts';

/** A real Chromium whose storage fails in every way that can be brought about; a server in another process. */
const origin = inject('logServer');
const control = (what: string): Promise<Response> => fetch(`${origin}/control/${what}`, { method: 'POST' });
const { add, put } = IDBObjectStore.prototype;
const idb = indexedDB;

/** Other files use the server's first people. */
let used = 20;
let me: Me;

async function eventually(what: string, holds: () => boolean): Promise<void> {
  if (!(await until(holds, 15_000))) throw new Error(`never: ${what}`);
}

beforeEach(async () => {
  used += 1;
  const id = `person${String(used).padStart(14, '0')}`;
  me = { id, seq: used, username: `p${used}`, name: `Person ${used}`, admin: false, session: `session-${used}` };
  await control('revive');
  await control('sign-in');
  setEndpoint({ origin, token: `token-${used}` });
  await session.start();
});

afterEach(async () => {
  vi.restoreAllMocks();
  Object.assign(IDBObjectStore.prototype, { add, put });
  Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: idb });
  await control('revive');
  await session.signOut({ wipe: true });
});

const say = (room: OpenDocument, text: string): unknown => change(room, (doc) => sendMessage(doc, me.id, { text }));

async function synced(): Promise<OpenDocument> {
  const room = openDocument(`room/${newId()}/1`);
  await eventually('synced', () => room.remote.kind === 'synced' && room.saved);
  return room;
}

async function goOffline(): Promise<void> {
  await control('kill');
  await eventually('offline', () => connection.state.kind === 'offline');
}

async function database(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = idb.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(name, { cause: request.error }));
  });
}

async function rows(name: string, store: string): Promise<unknown[]> {
  const db = await database(name);
  return new Promise((resolve) => {
    const request = db.transaction(store).objectStore(store).getAll();
    request.onsuccess = () => {
      db.close();
      resolve(request.result as unknown[]);
    };
  });
}

/** The messages that this device holds of a document, read past the code under test. */
async function onDevice(room: OpenDocument): Promise<number> {
  const doc = new Y.Doc();
  for (const row of await rows(documentDatabase(me.id, room.name, ''), 'updates')) {
    Y.applyUpdate(doc, row as Uint8Array<ArrayBuffer>);
  }
  return doc.getMap('m').size;
}

type Writing = { add: typeof add };

/** Ways in which a write of a document fails while the database itself is there. */
const FAILURES: [string, () => Writing['add'], string][] = [
  [
    'a key that exists (ConstraintError)',
    () =>
      function (this: IDBObjectStore, row: unknown) {
        add.call(this, row, 1_000_000);
        return add.call(this, row, 1_000_000);
      },
    'unavailable',
  ],
  [
    'an UnknownError',
    () => () => {
      throw new DOMException('the disk', 'UnknownError');
    },
    'unavailable',
  ],
  [
    'a full disk',
    () => () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
    'quota',
  ],
  [
    'an abort at the end of the transaction',
    () =>
      function (this: IDBObjectStore, row: unknown) {
        const request = add.call(this, row);
        request.addEventListener('success', () => this.transaction.abort());
        return request;
      },
    'closed',
  ],
];

describe('storage that fails', () => {
  beforeEach(() => session.signedIn(me));

  test.each(FAILURES)(
    '[L4] %s: told, sent all the same, and stored once it works again',
    async (_what, fail, reason) => {
      const room = await synced();
      IDBObjectStore.prototype.add = fail();
      say(room, 'one');
      expect(() => say(room, 'two')).not.toThrow();
      await eventually('told', () => storage.fault === reason);
      expect(storage.keepsNothing).toBe(true);
      await eventually('sent', () => room.sent);
      expect(room.saved).toBe(false);
      IDBObjectStore.prototype.add = add;
      await storage.retry();
      await eventually('well again', () => room.saved && storage.fault === null);
      expect(room.local.kind).toBe('ready');
      expect(await onDevice(room)).toBe(2);
      room.release();
    },
  );

  test('[L3] a note that is not kept leaves the change unsaved, until storage works again or the server has it', async () => {
    const room = await synced();
    await goOffline();
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    say(room, 'noted nowhere');
    await eventually('told', () => storage.fault === 'quota');
    // Its words are in the rows by now, and nobody would send them after a reload.
    await vi.waitFor(async () => expect(await onDevice(room)).toBe(1));
    expect(room.saved).toBe(false);
    expect(connection.saved).toBe(false);
    IDBObjectStore.prototype.put = put;
    await storage.retry();
    await eventually('saved', () => room.saved && storage.fault === null);
    expect(await rows(catalogName(me.id), 'pending')).toHaveLength(1);
    await control('revive');
    await eventually('sent', () => room.sent);
    room.release();
  });

  test('[L4] site data cleared while open: told, sent, and everything is stored anew', async () => {
    const room = await synced();
    say(room, 'before');
    await eventually('settled', () => room.saved && room.sent);
    await goOffline();
    await cdp().send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' });
    await eventually('told', () => storage.fault === 'closed');
    say(room, 'after');
    expect(room.saved).toBe(false);
    await eventually('stored anew', () => room.saved && storage.fault === null);
    expect(await onDevice(room)).toBe(2);
    expect(await rows(catalogName(me.id), 'pending')).toHaveLength(1);
    await control('revive');
    await eventually('sent', () => room.sent && connection.waiting === 0);
    room.release();
  });

  test('[L4] deleted by another tab while its person stays signed in: told, and stored anew', async () => {
    const room = await synced();
    say(room, 'kept');
    await eventually('settled', () => room.saved && room.sent);
    await new Promise((resolve) => {
      idb.deleteDatabase(documentDatabase(me.id, room.name, '')).onsuccess = resolve;
    });
    await eventually('told', () => storage.fault === 'closed');
    await eventually('stored anew', () => room.saved && storage.fault === null);
    expect(await onDevice(room)).toBe(1);
    room.release();
  });

  test('[L6] a document that is the only place of a change stays open until the server has it', async () => {
    const room = await synced();
    await goOffline();
    IDBObjectStore.prototype.add = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    say(room, 'only here');
    await eventually('told', () => storage.fault === 'quota');
    room.release();
    // Longer than a document lingers that nobody looks at.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(current.need().documents.get(room.name)).toBe(room);
    await control('revive');
    await eventually('sent', () => room.sent);
    await vi.waitFor(() => expect(current.need().documents.get(room.name)).toBe(undefined), { timeout: 10_000 });
  });

  test('[L4] damaged rows: the others are read; a change that stood in one is told to be lost, and waits no longer', async () => {
    const room = await synced();
    const { name } = room;
    await goOffline();
    say(room, 'sound');
    await eventually('saved', () => room.saved);
    const sound = await rows(documentDatabase(me.id, name, ''), 'updates');
    say(room, 'damaged');
    await eventually('saved', () => room.saved);
    await session.signOut({ wipe: false });
    const db = await database(documentDatabase(me.id, name, ''));
    const transaction = db.transaction('updates', 'readwrite');
    const store = transaction.objectStore('updates');
    store.clear();
    for (const row of sound) store.add(row);
    store.add(new Uint8Array([7, 255, 255, 255, 1]));
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    db.close();
    await control('sign-in');
    await session.signedIn(me);
    const again = openDocument(name);
    await eventually('told', () => storage.fault === 'corrupt');
    expect(storage.keepsNothing).toBe(false);
    expect(again.doc.getMap('m').size).toBe(1);
    expect(connection.waiting).toBe(2);
    await control('revive');
    await eventually('nothing waits', () => connection.waiting === 0);
    expect(storage.lost).toBe(1);
    await eventually('well again', () => storage.fault === null && again.local.kind === 'ready');
    again.release();
  });

  test('[L4] no exception leaves a listener when the tabs’ channel or the browser’s promise fails', async () => {
    vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => {
      throw new DOMException('closed', 'InvalidStateError');
    });
    vi.spyOn(StorageManager.prototype, 'persist').mockImplementation(() => {
      throw new TypeError('not here');
    });
    vi.spyOn(StorageManager.prototype, 'estimate').mockImplementation(() => {
      throw new TypeError('not here');
    });
    const room = await synced();
    say(room, 'one');
    say(room, 'two');
    await eventually('saved and sent', () => room.saved && room.sent);
    await storage.refresh();
    expect(storage.usage).toBe(null);
    room.release();
  });
});

describe('storage that does not open', () => {
  const refuseOpening = (fails: (name: string) => boolean, request: () => IDBOpenDBRequest): void => {
    const { open } = IDBFactory.prototype;
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(function (this: IDBFactory, name, version) {
      return fails(name) ? request() : open.call(this, name, version);
    });
  };
  const answering = (event: string): IDBOpenDBRequest => {
    const request = { error: new DOMException('backing store', 'UnknownError') } as unknown as IDBOpenDBRequest;
    queueMicrotask(() => (request as unknown as Record<string, () => void>)[`on${event}`]?.());
    return request;
  };

  test.each([
    ['an error', 'error', 'unavailable'],
    ['blocked, and never anything else', 'blocked', 'blocked'],
  ])('[L4] %s: told, sent all the same, and stored once it opens', async (_what, event, reason) => {
    refuseOpening(
      (name) => name.includes(me.id),
      () => answering(event),
    );
    await session.signedIn(me);
    const room = openDocument(`room/${newId()}/1`);
    say(room, 'words');
    await eventually('told', () => storage.fault === reason);
    await eventually('sent', () => room.sent);
    expect(room.saved).toBe(false);
    vi.restoreAllMocks();
    await storage.retry();
    await eventually('stored', () => room.saved && storage.fault === null && room.local.kind === 'ready');
    expect(await onDevice(room)).toBe(1);
    room.release();
  });

  test('[L4] without the catalog no rows are touched; when it opens, words go into the living copy', async () => {
    await session.signedIn(me);
    const first = await synced();
    const { name } = first;
    say(first, 'earlier');
    await eventually('settled', () => first.saved && first.sent);
    current.need().note(name, { lineage: 'zzz' });
    await session.signOut({ wipe: false });
    await control('sign-in');
    await goAway();
    refuseOpening(
      (opened) => opened === catalogName(me.id),
      () => answering('error'),
    );
    await session.signedIn(me);
    const room = openDocument(name);
    say(room, 'without the catalog');
    await eventually('told', () => storage.fault === 'unavailable');
    expect(room.saved).toBe(false);
    expect((await idb.databases()).some((one) => one.name === documentDatabase(me.id, name, 'zzz'))).toBe(false);
    vi.restoreAllMocks();
    await storage.retry();
    await eventually('stored', () => room.saved && storage.fault === null);
    expect(await rows(documentDatabase(me.id, name, 'zzz'), 'updates')).toHaveLength(1);
    expect(await onDevice(room)).toBe(1);
    expect(await rows(catalogName(me.id), 'pending')).toHaveLength(1);
    room.release();
  });

  const goAway = (): Promise<Response> => control('kill');

  test('[L4] no IndexedDB at all: told, sent, nothing is called saved, and wiping ends', async () => {
    Object.defineProperty(globalThis, 'indexedDB', { configurable: true, value: undefined });
    await session.signedIn(me);
    const room = openDocument(`room/${newId()}/1`);
    say(room, 'in memory');
    await eventually('told', () => storage.fault === 'unavailable');
    await eventually('sent', () => room.sent);
    expect(room.saved).toBe(false);
    await goOffline();
    say(room, 'still in memory');
    expect(room.readable).toBe(true);
    expect(connection.waiting).toBe(1);
    await control('revive');
    await eventually('sent', () => room.sent);
    room.release();
    await session.signOut({ wipe: true });
    expect(session.state).toEqual({ kind: 'signed-out', wiped: true });
    expect(memory.mustWipe()).toEqual([]);
  });
});

describe('a browser that lacks something', () => {
  test('[L7] no channel between tabs: this tab works', async () => {
    vi.spyOn(globalThis, 'BroadcastChannel').mockImplementation(function () {
      throw new DOMException('opaque origin', 'SecurityError');
    });
    await session.signedIn(me);
    const room = await synced();
    say(room, 'alone');
    await eventually('saved and sent', () => room.saved && room.sent);
    room.release();
  });

  test('[L11] localStorage is forbidden: signed in for as long as the tab lives, and signed out of it', async () => {
    vi.spyOn(Storage.prototype, 'getItem').mockImplementation(forbidden);
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(forbidden);
    vi.spyOn(Storage.prototype, 'removeItem').mockImplementation(forbidden);
    await session.signedIn(me);
    expect(memory.me()).toEqual(me);
    const room = await synced();
    say(room, 'words');
    await eventually('saved and sent', () => room.saved && room.sent);
    room.release();
    await goOffline();
    await session.signOut({ wipe: false });
    expect(memory.me()).toBe(null);
    expect(memory.mustSignOut()).toBe(me.session);
  });

  test('[L1] no Web Locks, no randomUUID', async () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
    await session.signedIn(me);
    const room = await synced();
    say(room, 'plain http');
    await eventually('saved and sent', () => room.saved && room.sent);
    room.release();
    vi.unstubAllGlobals();
  });
});

describe('signing out', () => {
  test('[L11] what a frozen tab keeps from being wiped is wiped before the person can see it again', async () => {
    await session.signedIn(me);
    const room = await synced();
    say(room, 'to be wiped');
    await eventually('saved and sent', () => room.saved && room.sent);
    const { name } = room;
    const frozen = await database(documentDatabase(me.id, name, ''));
    await session.signOut({ wipe: true });
    expect(memory.mustWipe()).toEqual([me.id]);
    frozen.close();
    await control('sign-in');
    await control('kill');
    await session.signedIn(me);
    expect(memory.mustWipe()).toEqual([]);
    const again = openDocument(name);
    await eventually('opened', () => again.local.kind === 'ready');
    expect(again.doc.getMap('m').size).toBe(0);
    again.release();
  });

  test('[L11] site data cleared by hand is no signing out, and what waits is kept', async () => {
    await session.signedIn(me);
    const room = await synced();
    await goOffline();
    say(room, 'waits');
    localStorage.clear();
    window.dispatchEvent(new StorageEvent('storage', { key: null }));
    await eventually('saved', () => room.saved);
    expect(session.state).toEqual({ kind: 'signed-in', me });
    expect(memory.me()).toEqual(me);
    room.release();
  });
});

function forbidden(): never {
  throw new DOMException('cookies are blocked', 'SecurityError');
}
