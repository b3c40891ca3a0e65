import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  bodyAt,
  deleteMessage,
  editMessage,
  moderate,
  readMessage,
  removerOf,
  sendMessage,
  takeRemovalBack,
  type Slot,
} from '../../src/lib/model/conversation.ts';
import { parseSlot } from '../../src/lib/model/message-slots.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

/** Long enough for a taking back to arrive first, short enough to wait for. */
const ERASE_MS = 1_500;
let world: World;
let ada: Person;
let bob: Person;
let board: string;
let name: string;
let a: Peer;
let b: Peer;
let slot: Slot;

beforeAll(async () => {
  world = await World.open({ erasure: { compactMs: 100, eraseMs: ERASE_MS } });
  ada = await world.person('ada');
  bob = await world.person('bob');
  board = await world.board(ada, [bob]);
});
afterAll(() => world.close());

beforeEach(async () => {
  name = `room/${await world.room(board, ada)}/1`;
  [a, b] = [await world.open(ada, name), await world.open(bob, name)];
  slot = sendMessage(b.doc, bob.id, { text: 'a word' });
  await b.saved();
  await a.until(() => bodyAt(a.doc, slot) !== null);
});

const jobsDone = (): Promise<void> =>
  expect.poll(() => world.store.jobs.nextAt(['erase']), { timeout: 20_000 }).toBeNull();
const shown = (peer: Peer) => {
  const message = readMessage(peer.doc, slot);
  return { text: message?.body.kind === 'message' ? message.body.text : null, removedBy: message?.removedBy ?? null };
};

describe('a removal that is taken back', () => {
  test('[S48] keeps its words, also when the time is over', async () => {
    moderate(a.doc, slot, ada.id);
    await b.until(() => removerOf(b.doc, slot) === ada.id);
    expect(shown(b)).toEqual({ text: null, removedBy: ada.id });
    takeRemovalBack(a.doc, slot, ada.id);
    await b.until(() => removerOf(b.doc, slot) === null);
    await jobsDone();
    await a.saved();
    expect([shown(a), shown(b)]).toEqual([
      { text: 'a word', removedBy: null },
      { text: 'a word', removedBy: null },
    ]);
  });

  test('[S48] a device that was away takes it back too late: the removal stands, and the device keeps its copy', async () => {
    moderate(a.doc, slot, ada.id);
    await a.saved();
    const away = new Y.Doc();
    Y.applyUpdate(away, Y.encodeStateAsUpdate(a.doc));
    await b.until(() => bodyAt(b.doc, slot)?.kind === 'tombstone');
    const back = world.peer(ada, name, away);
    expect(takeRemovalBack(away, slot, ada.id)).toBe(true);
    const written = sendMessage(away, ada.id, { text: 'and this, meanwhile' });
    await back.connect();
    await back.saved();
    await back.until(() => removerOf(back.doc, slot) === ada.id);
    await b.until(() => bodyAt(b.doc, written) !== null && removerOf(b.doc, slot) === ada.id);
    expect(shown(b)).toEqual({ text: null, removedBy: ada.id });
    expect(back.ended).toBeNull();
  });

  test('[S48] removed, taken back and removed again: the second removal has its whole time', async () => {
    moderate(a.doc, slot, ada.id);
    await a.saved();
    takeRemovalBack(a.doc, slot, ada.id);
    await a.saved();
    const first = await world.store.jobs.nextAt(['erase']);
    moderate(a.doc, slot, ada.id);
    const again = Date.now();
    await a.saved();
    await b.until(() => bodyAt(b.doc, slot)?.kind === 'tombstone');
    expect(Date.now() - again).toBeGreaterThanOrEqual(ERASE_MS);
    expect(first).not.toBeNull();
    expect(shown(b)).toEqual({ text: null, removedBy: ada.id });
  });

  test('[S45] what the author writes meanwhile does not end the time early, and is there afterwards', async () => {
    const phone = new Y.Doc();
    Y.applyUpdate(phone, Y.encodeStateAsUpdate(b.doc));
    const back = world.peer(bob, name, phone);
    moderate(a.doc, slot, ada.id);
    await a.saved();
    editMessage(phone, bob.id, parseSlot(slot)?.mid ?? '', 'a better word');
    await back.connect();
    await back.saved();
    await a.until(() => JSON.stringify(bodyAt(a.doc, slot)).includes('better'));
    expect(shown(a)).toEqual({ text: null, removedBy: ada.id });
    takeRemovalBack(a.doc, slot, ada.id);
    await b.until(() => removerOf(b.doc, slot) === null);
    await jobsDone();
    expect(shown(b)).toEqual({ text: 'a better word', removedBy: null });
  });

  test('[S48] a message that its author deletes afterwards is deleted, and nobody is said to have removed it', async () => {
    moderate(a.doc, slot, ada.id);
    takeRemovalBack(a.doc, slot, ada.id);
    await b.until(() => b.doc.getMap('mod').has(slot) && removerOf(b.doc, slot) === null);
    deleteMessage(b.doc, bob.id, parseSlot(slot)?.mid ?? '');
    await a.until(() => bodyAt(a.doc, slot)?.kind === 'tombstone');
    await jobsDone();
    expect(shown(a)).toEqual({ text: null, removedBy: null });
  });

  test('[G10] a member takes nothing back', async () => {
    moderate(a.doc, slot, ada.id);
    await b.until(() => removerOf(b.doc, slot) === ada.id);
    takeRemovalBack(b.doc, slot, bob.id);
    await b.until(() => b.ended !== null);
    expect(removerOf(a.doc, slot)).toBe(ada.id);
  });
});
