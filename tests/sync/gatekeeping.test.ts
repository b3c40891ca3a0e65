import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { readVolume, sendMessage, editMessage } from '../../src/lib/model/conversation.ts';
import { parseSlot } from '../../src/lib/model/message-slots.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let board: string;
let name: string;
let a: Peer;
let b: Peer;

beforeAll(async () => {
  world = await World.open();
  ada = await world.person('ada');
  bob = await world.person('bob');
  board = await world.board(ada, [bob]);
});
afterAll(() => world.close());
beforeEach(async () => {
  name = `room/${await world.room(board, ada)}/1`;
  a = await world.open(ada, name);
  b = await world.open(bob, name);
});

const texts = (doc: Y.Doc): string[] =>
  readVolume(doc).messages.map((message) => (message.body.kind === 'message' ? message.body.text : ''));

/** The update that `fn` makes on a copy of the document. */
function updateOf(doc: Y.Doc, clientID: number, fn: (doc: Y.Doc) => void): Uint8Array {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  copy.clientID = clientID;
  const before = Y.encodeStateVector(copy);
  copy.transact(() => {
    fn(copy);
  });
  return Y.encodeStateAsUpdate(copy, before);
}

describe('refusal', () => {
  test('[S7] closes that one document for that one client, and says why', async () => {
    const other = `room/${await world.room(board, ada)}/1`;
    const second = await world.open(bob, other);
    b.sendUpdate(
      updateOf(b.doc, a.doc.clientID, (doc) => doc.getMap('m').set(`m/${ada.id}/${'x'.repeat(20)}`, { x: 'forged' })),
    );
    await b.until(() => b.ended !== null);
    expect(b.ended).toBe('refused:not-yours');
    expect(b.closed).toBeNull();
    sendMessage(a.doc, ada.id, { text: 'unharmed' });
    sendMessage(second.doc, bob.id, { text: 'unharmed too' });
    await Promise.all([a.saved(), second.saved()]);
    expect(texts(await world.stored(name))).toEqual(['unharmed']);
    expect(b.statuses.filter((status) => status === 1)).toHaveLength(1);
  });

  test('[S7] what is queued behind it is not taken in', async () => {
    const before = world.sync.stats().accepted;
    b.sendUpdate(new Uint8Array([1, 2, 3, 4]));
    for (let i = 0; i < 5; i++) sendMessage(b.doc, bob.id, { text: `after ${i}` });
    await b.until(() => b.ended !== null);
    expect(b.ended).toBe('refused:malformed');
    await world.sync.read(name, () => undefined);
    expect(world.sync.stats().accepted).toBe(before);
  });

  test('[S7] garbage, struct bombs and overlong numbers harm nobody', async () => {
    const bombs = [
      [],
      [0],
      [255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
      [1, 128, 173, 226, 14, 5, 0, 0],
      [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    for (const bytes of bombs) {
      const peer = await world.open(bob, name);
      peer.sendUpdate(new Uint8Array(bytes));
      await peer.until(() => peer.ended !== null || peer.statuses.length > 1);
      peer.drop();
    }
    sendMessage(a.doc, ada.id, { text: 'still here' });
    await a.saved();
  });
});

describe('acknowledgement', () => {
  test('[S5] every Step2 and every update is answered by exactly one status', async () => {
    for (let i = 0; i < 7; i++) sendMessage(a.doc, ada.id, { text: `${i}` });
    await a.saved();
    // One for the handshake's Step2.
    expect(a.statuses).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  test('[S6] an acknowledgement that was lost is given again, and nothing is written twice', async () => {
    sendMessage(a.doc, ada.id, { text: 'once' });
    a.drop();
    await b.until(() => texts(b.doc).length === 1 || a.closed !== null);
    for (let i = 0; i < 3; i++) {
      await a.connect();
      await a.saved();
      a.drop();
    }
    const rows = (await world.store.documents.load(name))?.updates.length;
    await a.connect();
    await a.saved();
    expect((await world.store.documents.load(name))?.updates.length).toBe(rows);
    expect(texts(await world.stored(name))).toEqual(['once']);
  });

  test('[S6] an echo of what is still being stored waits for it', async () => {
    const update = updateOf(a.doc, a.doc.clientID, (doc) => sendMessage(doc, ada.id, { text: 'twice' }));
    const twin = await world.open(ada, name);
    twin.statuses.length = 0;
    a.sendUpdate(update);
    twin.sendUpdate(update);
    await twin.until(() => twin.statuses.length === 1);
    expect(texts(await world.stored(name))).toEqual(['twice']);
    await a.until(() => texts(a.doc).length === 1);
  });
});

describe('deferral', () => {
  test('[S8] what lacks its predecessor is neither applied nor acknowledged; a resync heals it', async () => {
    a.sending = false;
    sendMessage(a.doc, ada.id, { text: 'lost on the way' });
    a.sending = true;
    sendMessage(a.doc, ada.id, { text: 'arrived' });
    await a.saved();
    expect(a.statuses).toContain(0);
    await b.until(() => texts(b.doc).length === 2);
    expect(texts(b.doc).sort()).toEqual(['arrived', 'lost on the way']);
    const doc = await world.stored(name);
    expect(doc.store.pendingStructs).toBeNull();
  });

  test('[S8] a burst of such updates asks once', async () => {
    const asked = world.sync.stats().deferred;
    a.sending = false;
    const mid = parseSlot(sendMessage(a.doc, ada.id, { text: '0' }))?.mid ?? '';
    a.sending = true;
    for (let i = 1; i <= 10; i++) editMessage(a.doc, ada.id, mid, `${i}`);
    await a.saved();
    expect(world.sync.stats().deferred - asked).toBeGreaterThan(0);
    expect(a.statuses.filter((status) => status === 0).length).toBeLessThanOrEqual(10);
    await b.until(() => texts(b.doc)[0] === '10');
  });

  test('[S8] one whose full answers always lack something is refused', async () => {
    const base = new Y.Doc();
    base.clientID = a.doc.clientID + 1;
    sendMessage(base, ada.id, { text: 'never sent' });
    const vector = Y.encodeStateVector(base);
    sendMessage(base, ada.id, { text: 'orphan' });
    const orphan = Y.encodeStateAsUpdate(base, vector);
    for (let i = 0; i < 3; i++) a.sendUpdate(orphan, 1);
    await a.until(() => a.ended !== null);
    expect(a.ended).toBe('refused:malformed');
    expect((await world.stored(name)).store.pendingStructs).toBeNull();
  });
});
