import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { sendMessage } from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { connection } from '../../src/lib/sync/connection.svelte.ts';
import { documentDatabase } from '../../src/lib/sync/catalog.ts';
import { change, openDocument } from '../../src/lib/sync/documents.svelte.ts';
import { setEndpoint } from '../../src/lib/sync/endpoint.ts';
import { inspect } from '../../src/lib/sync/inspector.ts';
import { session, type Me } from '../../src/lib/sync/session.svelte.ts';
import { until } from '../../src/lib/sync/until.svelte.ts';

/** A real Chromium: its IndexedDB, its localStorage, its WebSocket; a server in another process. */
const origin = inject('logServer');
const control = (what: string): Promise<Response> => fetch(`${origin}/control/${what}`, { method: 'POST' });

let used = 0;
let me: Me;

async function eventually(what: string, holds: () => boolean): Promise<void> {
  if (!(await until(holds, 15_000))) throw new Error(`never: ${what}`);
}

async function databases(): Promise<string[]> {
  return (await indexedDB.databases()).flatMap(({ name }) => (name?.includes(me.id) ? [name] : []));
}

beforeEach(async () => {
  used += 1;
  me = {
    id: `person${String(used).padStart(14, '0')}`,
    seq: used,
    username: `p${used}`,
    name: `Person ${used}`,
    admin: false,
    session: `session-${used}`,
  };
  await control('revive');
  await control('sign-in');
  setEndpoint({ origin, token: `token-${used}` });
  await session.start();
  await session.signedIn(me);
});

afterEach(async () => {
  await control('revive');
  await session.signOut({ wipe: true });
});

describe('on the device', () => {
  test('[L3] what is said to be saved is in IndexedDB, and waits there without the server', async () => {
    await eventually('online', () => connection.state.kind === 'online');
    await control('kill');
    await eventually('offline', () => connection.state.kind === 'offline');
    const room = openDocument(`room/${newId()}/1`);
    await eventually('ready', () => room.local.kind === 'ready');
    change(room, (doc) => sendMessage(doc, me.id, { text: 'written offline' }));
    expect(room.saved).toBe(false);
    expect(room.sent).toBe(false);
    await eventually('saved', () => room.saved);
    const rows = await new Promise<Uint8Array[]>((resolve, reject) => {
      const request = indexedDB.open(documentDatabase(me.id, room.name, ''));
      request.onerror = () => reject(new Error('open', { cause: request.error }));
      request.onsuccess = () => {
        const all = request.result.transaction('updates').objectStore('updates').getAll();
        all.onsuccess = () => {
          request.result.close();
          resolve(all.result as Uint8Array[]);
        };
      };
    });
    expect(rows.some((row) => new TextDecoder().decode(row).includes('written offline'))).toBe(true);
    expect(connection.waiting).toBe(1);
    expect(session.unsentCount()).toBe(1);
    expect(inspect()?.documents.find(({ name }) => name === room.name)).toMatchObject({ saved: true, sent: false });
    await control('revive');
    await eventually('sent', () => room.sent && connection.waiting === 0);
    room.release();
  });

  test('[L4] site data cleared under an open document: said, editing and sending go on', async () => {
    const room = openDocument(`room/${newId()}/1`);
    await eventually('synced', () => room.remote.kind === 'synced' && room.saved);
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(documentDatabase(me.id, room.name, ''));
      request.onsuccess = resolve;
    });
    await eventually('said', () => room.local.kind === 'failed');
    expect(room.local).toEqual({ kind: 'failed', reason: 'closed' });
    change(room, (doc) => sendMessage(doc, me.id, { text: 'still here' }));
    expect(room.saved).toBe(false);
    await eventually('sent', () => room.sent);
    room.release();
  });

  test('[L4] IndexedDB refuses every write: said, editing and sending go on', async () => {
    const room = openDocument(`room/${newId()}/1`);
    await eventually('synced', () => room.remote.kind === 'synced' && room.saved);
    const { add } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.add = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    try {
      change(room, (doc) => sendMessage(doc, me.id, { text: 'one' }));
      change(room, (doc) => sendMessage(doc, me.id, { text: 'two' }));
      await eventually('said', () => room.local.kind === 'failed' && room.local.reason === 'quota');
      await eventually('sent', () => room.sent);
    } finally {
      IDBObjectStore.prototype.add = add;
    }
    await eventually('stored after all', () => room.saved && room.local.kind === 'ready');
    room.release();
  });
});

describe('session', () => {
  test('[L11] signing out with wipe leaves nothing of this person on the device; the server hears', async () => {
    const room = openDocument(`room/${newId()}/1`);
    change(room, (doc) => sendMessage(doc, me.id, { text: 'mine' }));
    await eventually('sent', () => room.sent && room.saved);
    expect((await databases()).length).toBeGreaterThanOrEqual(3);
    await session.signOut({ wipe: true });
    expect(session.state.kind).toBe('signed-out');
    expect(await databases()).toEqual([]);
    expect(localStorage.getItem('taskflow/me')).toBe(null);
    const { requests } = (await (await control('none')).json()) as { requests: string[] };
    expect(requests.filter((request) => request === 'DELETE /api/v1/session').length).toBeGreaterThan(0);
  });

  test('[L11] signing out without wipe keeps the copies for the next sign-in', async () => {
    const name = `room/${newId()}/1`;
    const room = openDocument(name);
    change(room, (doc) => sendMessage(doc, me.id, { text: 'kept' }));
    await eventually('sent', () => room.sent && room.saved);
    await session.signOut({ wipe: false });
    await control('kill');
    await session.signedIn(me);
    const again = openDocument(name);
    await eventually('from the device', () => again.local.kind === 'ready');
    expect(again.onDevice).toBe(true);
    expect(again.doc.getMap('m').size).toBe(1);
  });

  test('[L11] the server ends the session: signed out here, the copies stay', async () => {
    await eventually('online', () => connection.state.kind === 'online');
    const kept = (await databases()).length;
    await control('sign-out');
    await control('drop');
    await eventually('signed out', () => session.state.kind === 'signed-out');
    expect((await databases()).length).toBe(kept);
  });
});
