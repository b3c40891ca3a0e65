import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  deleteMessage,
  editMessage,
  moderate,
  sendMessage,
  takeRemovalBack,
} from '../../src/lib/model/conversation.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import { parseSlot } from '../../src/lib/model/message-slots.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let cleo: Person;
let stranger: Person;
let board: string;
let a: Peer;
let inbox: Peer;
let name: string;

beforeAll(async () => {
  world = await World.open();
  ada = await world.person('ada');
  bob = await world.person('bob');
  cleo = await world.person('cleo');
  stranger = await world.person('stranger');
  board = await world.board(ada, [bob, cleo]);
});
afterAll(() => world.close());

beforeEach(async () => {
  name = `room/${await world.room(board, ada)}/1`;
  a = await world.open(ada, name);
  inbox = await world.open(bob, `inbox/${bob.id}`);
});

const at = (who: Person): string => mentionToken({ user: who.id });
const told = (peer: Peer) => readInbox(peer.doc).notifications.filter((one) => name.startsWith(one.conversation));

/** Resolves when everything that was to be told is told. */
async function delivered(): Promise<void> {
  await expect.poll(async () => (await world.store.notifications.pending(10)).size).toBe(0);
}

describe('mentions', () => {
  test('[S15] who is mentioned is told once, with where and by whom', async () => {
    const slot = sendMessage(a.doc, ada.id, { text: `${at(bob)} and again ${at(bob)}: look at this` });
    await inbox.until(() => told(inbox).length > 0);
    const [row] = told(inbox);
    expect(row).toMatchObject({ by: ada.id, board, slot, seq: 1, volume: 1, unread: true });
    expect(row?.excerpt).toBe('@bob and again @bob: look at this');
    // The same again, as a device that never heard the acknowledgement sends it.
    a.drop();
    await a.connect();
    await a.saved();
    await delivered();
    await inbox.connect();
    expect(told(inbox)).toHaveLength(1);
  });

  test('[S15] nobody is told of themselves, of code, or when they are not in the board', async () => {
    sendMessage(a.doc, ada.id, { text: `${at(ada)} ${at(stranger)} \`${at(bob)}\`` });
    await a.saved();
    expect((await world.store.notifications.pending(10)).size).toBe(0);
    const strangers = await world.open(stranger, `inbox/${stranger.id}`);
    expect(readInbox(strangers.doc).notifications).toEqual([]);
  });

  test('[S16] an edit tells whom it adds, and takes it back from whom it no longer names', async () => {
    const cleos = await world.open(cleo, `inbox/${cleo.id}`);
    const mid = parseSlot(sendMessage(a.doc, ada.id, { text: `hello ${at(bob)}` }))?.mid ?? '';
    await inbox.until(() => told(inbox).length === 1);
    editMessage(a.doc, ada.id, mid, `hello ${at(cleo)}`);
    await Promise.all([cleos.until(() => told(cleos).length === 1), inbox.until(() => told(inbox).length === 0)]);
    editMessage(a.doc, ada.id, mid, `hello ${at(cleo)} ${at(bob)}`);
    await inbox.until(() => told(inbox).length === 1);
    await delivered();
    expect(told(cleos)).toHaveLength(1);
  });

  test('[S16] a deletion takes it back, and so does a moderator', async () => {
    const mid = parseSlot(sendMessage(a.doc, ada.id, { text: at(bob) }))?.mid ?? '';
    await inbox.until(() => told(inbox).length === 1);
    deleteMessage(a.doc, ada.id, mid);
    await inbox.until(() => told(inbox).length === 0);

    const b = await world.open(bob, name);
    const cleos = await world.open(cleo, `inbox/${cleo.id}`);
    const slot = sendMessage(b.doc, bob.id, { text: at(cleo) });
    await cleos.until(() => told(cleos).length === 1);
    await a.until(() => a.doc.getMap('m').has(`m/${slot}`));
    moderate(a.doc, slot, ada.id);
    await cleos.until(() => told(cleos).length === 0);
    await b.until(() => b.doc.getMap('mod').has(slot));
    editMessage(b.doc, bob.id, parseSlot(slot)?.mid ?? '', `still ${at(cleo)} ${at(ada)}`);
    await b.saved();
    await delivered();
    expect(told(cleos)).toHaveLength(0);
  });

  test('[S48] a removal taken back tells those whom it was kept from, once', async () => {
    const b = await world.open(bob, name);
    const cleos = await world.open(cleo, `inbox/${cleo.id}`);
    const slot = sendMessage(b.doc, bob.id, { text: `look ${at(cleo)}` });
    await cleos.until(() => told(cleos).length === 1);
    await a.until(() => a.doc.getMap('m').has(`m/${slot}`));
    moderate(a.doc, slot, ada.id);
    await cleos.until(() => told(cleos).length === 0);
    takeRemovalBack(a.doc, slot, ada.id);
    await cleos.until(() => told(cleos).length === 1);
    expect(told(cleos)[0]).toMatchObject({ slot, by: bob.id, excerpt: 'look @cleo' });
    // Both at once: nothing happened.
    moderate(a.doc, slot, ada.id);
    takeRemovalBack(a.doc, slot, ada.id);
    await a.saved();
    await delivered();
    expect(told(cleos)).toHaveLength(1);
    moderate(a.doc, slot, ada.id);
    await cleos.until(() => told(cleos).length === 0);
  });

  test('[S36] what was accepted before a stop is told after it, once', async () => {
    inbox.drop();
    sendMessage(a.doc, ada.id, { text: at(bob) });
    await a.saved();
    await world.restart();
    await delivered();
    await inbox.connect();
    await inbox.until(() => told(inbox).length > 0);
    await world.restart();
    await inbox.connect();
    expect(told(inbox)).toHaveLength(1);
  });
});
