import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as Y from 'yjs';
import { CONVERSATION_ROOTS, readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { StoreUnavailable } from '../../server/store/store.ts';
import { compact } from '../../server/jobs/compact.ts';
import { canonical, World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let board: string;
let name: string;

beforeAll(async () => {
  world = await World.open();
  ada = await world.person('ada');
  bob = await world.person('bob');
  board = await world.board(ada, [bob]);
});
afterAll(() => world.close());
beforeEach(async () => {
  name = `room/${await world.room(board, ada)}/1`;
});

const count = (doc: Y.Doc): number => readVolume(doc).messages.length;
const append = (data: Uint8Array): Promise<number[]> => world.store.documents.append([{ name, data, author: ada.id }]);

async function emptied(): Promise<void> {
  await expect.poll(() => world.sync.stats().documents).toBe(0);
}

describe('loading', () => {
  test('[S20] a row that is garbage is set aside and reported, and the rest is there', async () => {
    const a = await world.open(ada, name);
    sendMessage(a.doc, ada.id, { text: 'before' });
    await a.saved();
    a.drop();
    await emptied();
    await append(new Uint8Array([9, 9, 9, 9]));
    const b = await world.open(bob, name);
    expect(count(b.doc)).toBe(1);
    expect(world.lines.some((line) => line.includes('update set aside') && line.includes(name))).toBe(true);
    b.drop();
    await emptied();
    expect((await world.store.documents.load(name))?.updates.every(({ data }) => data.length > 4)).toBe(true);
  });

  test('[S21] when the database does not answer, the client hears so, nothing stays behind, and it works later', async () => {
    world.valve.failNext(new StoreUnavailable('CONNECTION_CLOSED', undefined));
    const a = await world.open(ada, name);
    expect(a.ended).toBe('unavailable');
    a.drop();
    await emptied();
    await a.connect();
    sendMessage(a.doc, ada.id, { text: 'now' });
    await a.saved();
    a.drop();
  });

  test('[S22] what is stored while a document is being read is in it', async () => {
    const writer = await world.open(ada, `board/${board}`);
    await writer.saved();
    world.valve.hold();
    const opening = world.peer(bob, name);
    await opening.start();
    await expect.poll(() => world.valve.waiting).toBeGreaterThan(0);
    const writing = world.sync.write(name, (doc) => doc.getMap('meta').set('probe', 1));
    world.valve.release();
    await writing;
    await opening.until(() => opening.doc.getMap('meta').get('probe') === 1);
    opening.drop();
    writer.drop();
  });
});

describe('unloading', () => {
  test('[S24] a document that nobody has open is not in memory', async () => {
    await emptied();
    const peers = await Promise.all(Array.from({ length: 6 }, (_, i) => world.open(i % 2 ? ada : bob, name)));
    expect(world.sync.stats()).toMatchObject({ documents: 1, connections: 6 });
    for (const peer of peers) {
      sendMessage(peer.doc, peer.who.id, { text: 'x' });
      await peer.saved();
      peer.drop();
    }
    await emptied();
    await world.sync.read(name, count);
    await world.sync.write(name, (doc) => doc.getMap('meta').set('probe', 2));
    await emptied();
    expect(world.sync.stats()).toMatchObject({ sockets: 0, connections: 0 });
  });

  test('[S24] a refused client leaves nothing behind either', async () => {
    const b = await world.open(bob, name);
    b.sendUpdate(new Uint8Array([7]));
    await b.until(() => b.ended !== null);
    await emptied();
    b.drop();
  });

  test('[S23] one that goes while its message is being stored does not leave two copies of the document', async () => {
    const a = await world.open(ada, name);
    await a.saved();
    world.valve.hold();
    sendMessage(a.doc, ada.id, { text: 'last words' });
    await expect.poll(() => world.valve.waiting).toBe(1);
    a.drop();
    await expect.poll(() => world.sync.stats().connections).toBe(0);
    expect(world.sync.stats().documents).toBe(1);
    const b = world.peer(bob, name);
    await b.start();
    const c = world.peer(ada, name);
    await c.start();
    world.valve.release();
    await Promise.all([b.until(() => count(b.doc) === 1), c.until(() => count(c.doc) === 1)]);
    sendMessage(b.doc, bob.id, { text: 'hello' });
    await c.until(() => count(c.doc) === 2);
    expect(canonical(b.doc, CONVERSATION_ROOTS)).toBe(canonical(c.doc, CONVERSATION_ROOTS));
    b.drop();
    c.drop();
  });
});

describe('compaction', () => {
  test('[S25] under traffic: a snapshot covers what it read, and nothing is lost or doubled', async () => {
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    let done = false;
    const compacting = (async () => {
      while (!done) await compact(name, world.store, world.log);
    })();
    for (let i = 0; i < 60; i++) {
      sendMessage(a.doc, ada.id, { text: `a${i}` });
      sendMessage(b.doc, bob.id, { text: `b${i}` });
      if (i % 10 === 9) await Promise.all([a.saved(), b.saved()]);
    }
    await Promise.all([a.saved(), b.saved()]);
    done = true;
    await compacting;
    await Promise.all([a.until(() => count(a.doc) === 120), b.until(() => count(b.doc) === 120)]);
    expect((await world.store.documents.load(name))?.snapshot).not.toBeNull();
    expect(canonical(await world.stored(name), CONVERSATION_ROOTS)).toBe(canonical(a.doc, CONVERSATION_ROOTS));
    a.drop();
    b.drop();
    await emptied();
    const again = await world.open(bob, name);
    expect(canonical(again.doc, CONVERSATION_ROOTS)).toBe(canonical(a.doc, CONVERSATION_ROOTS));
    again.drop();
  });

  test('[S25] what was deleted is gone from the log afterwards', async () => {
    const a = await world.open(ada, name);
    const key = `m/${ada.id}/${'c'.repeat(20)}`;
    a.doc.getMap('m').set(key, { x: 'canary-7261' });
    a.doc.getMap('m').set(key, { d: 1 });
    await a.saved();
    a.drop();
    await emptied();
    await compact(name, world.store, world.log);
    const stored = await world.store.documents.load(name);
    expect(stored?.updates).toEqual([]);
    expect(Buffer.from(stored?.snapshot ?? []).toString('latin1')).not.toContain('canary-7261');
  });
});
