import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  editMessage,
  movedTo,
  readVolume,
  sendMessage,
  setReactions,
  type Message,
} from '../../src/lib/model/conversation.ts';
import { addCard, addColumn, readHeads } from '../../src/lib/model/board.ts';
import { messageKey, parseSlot, type Slot } from '../../src/lib/model/message-slots.ts';
import { StoreUnavailable } from '../../server/store/store.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let board: string;

beforeAll(async () => {
  world = await World.open({ volume: { entries: 5 } });
  ada = await world.person('ada');
  bob = await world.person('bob');
  board = await world.board(ada, [bob]);
});
afterAll(() => world.close());

async function room(): Promise<(volume: number) => string> {
  const id = await world.room(board, ada);
  return (volume) => `room/${id}/${volume}`;
}

function textOf(message: Message): string {
  return message.body.kind === 'message' ? message.body.text : '';
}

/** Every message of a conversation, as all its volumes tell it. */
async function history(name: (volume: number) => string, volumes: number): Promise<Message[]> {
  const all: Message[] = [];
  for (let n = 1; n <= volumes; n++) all.push(...readVolume(await world.stored(name(n))).messages);
  return all;
}

describe('volumes', () => {
  test('[S13] the message that fills a volume opens the next one', async () => {
    const name = await room();
    const a = await world.open(ada, name(1));
    for (let i = 1; i <= 5; i++) sendMessage(a.doc, ada.id, { text: `m${i}` });
    await a.saved();
    await a.until(() => readVolume(a.doc).next !== null);
    expect(readVolume(a.doc)).toMatchObject({ first: 1, next: 2 });
    const next = await world.open(ada, name(2));
    expect(readVolume(next.doc).first).toBe(6);
    sendMessage(next.doc, ada.id, { text: 'm6' });
    await next.saved();
    await next.until(() => readVolume(next.doc).messages[0]?.seq === 6);
  });

  test('[S13] a volume that was not opened yet is not there', async () => {
    const name = await room();
    expect((await world.open(ada, name(2))).ended).toBe('not-found');
    expect((await world.open(ada, name(0))).ended).toBe('not-found');
  });

  test('[S13] many at once: an offline session of twelve messages fills two volumes and begins a third', async () => {
    const name = await room();
    const a = world.peer(ada, name(1));
    for (let i = 1; i <= 12; i++) sendMessage(a.doc, ada.id, { text: `m${i}` }, { now: i });
    await a.connect();
    await a.saved();
    const messages = await history(name, 3);
    expect(messages.map((message) => message.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(new Set(messages.map(textOf)).size).toBe(12);
    const stored = readVolume(await world.stored(name(3)));
    expect(stored).toMatchObject({ first: 11, next: null });
  });

  test('[S14] a message that comes late into a closed volume is moved to the head, exactly once', async () => {
    const name = await room();
    const late = await world.open(bob, name(1));
    late.drop();
    const slot = sendMessage(late.doc, bob.id, { text: 'written in the tunnel' });
    const a = await world.open(ada, name(1));
    for (let i = 1; i <= 5; i++) sendMessage(a.doc, ada.id, { text: `m${i}` });
    await a.saved();
    const head = await world.open(ada, name(2));

    await late.connect();
    await late.saved();
    await head.until(() => readVolume(head.doc).messages.length === 1);
    expect(readVolume(head.doc).messages[0]).toMatchObject({ slot, seq: 6 });
    await late.until(() => movedTo(late.doc, slot) === 2);
    expect(readVolume(late.doc).messages.map((message) => message.slot)).not.toContain(slot);

    // Again, as after a lost acknowledgement, and once more from another device that has heard nothing.
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(late.doc));
    late.drop();
    await (await world.open(bob, name(1), copy)).saved();
    await late.connect();
    await late.saved();
    const messages = await history(name, 2);
    expect(messages.filter((message) => message.slot === slot)).toHaveLength(1);
    expect(messages.map((message) => message.seq)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('[S14] what comes late by the hundred is carried together, in a few writes for each volume', async () => {
    const name = await room();
    const late = world.peer(bob, name(1));
    const slots = Array.from({ length: 200 }, (_, i) => sendMessage(late.doc, bob.id, { text: `m${i}` }, { now: i }));
    const volumes = slots.length / 5;
    const before = world.sync.stats().commits;
    await late.connect();
    await late.saved();
    await late.until(() => slots.slice(5).every((slot) => !late.doc.getMap('m').has(messageKey(slot))));
    const messages = await history(name, volumes);
    expect(messages.map(({ slot }) => slot)).toEqual(slots);
    expect(messages.map(textOf)).toEqual(slots.map((_, i) => `m${i}`));
    // Two for each later volume, one for the board's list, and a few for compaction and who is told.
    expect(world.sync.stats().commits - before).toBeLessThan(volumes * 2 + 20);
  });

  test('[S14] an edit that its author makes where the message no longer stands follows it', async () => {
    const name = await room();
    const late = await world.open(bob, name(1));
    late.drop();
    const slot: Slot = sendMessage(late.doc, bob.id, { text: 'first words' });
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(late.doc));
    const a = await world.open(ada, name(1));
    for (let i = 1; i <= 5; i++) sendMessage(a.doc, ada.id, { text: `m${i}` });
    await a.saved();
    await late.connect();
    await late.saved();
    const head = await world.open(ada, name(2));

    const device = world.peer(bob, name(1), other);
    editMessage(other, bob.id, parseSlot(slot)?.mid ?? '', 'better words');
    await device.connect();
    await device.saved();
    await head.until(() => readVolume(head.doc).messages.some((message) => textOf(message) === 'better words'));
    expect((await history(name, 2)).filter((message) => message.slot === slot)).toHaveLength(1);
  });

  test('[S14] reactions follow a message that was moved, before it is sent and after', async () => {
    const name = await room();
    const late = await world.open(bob, name(1));
    late.drop();
    const slot: Slot = sendMessage(late.doc, bob.id, { text: 'in the tunnel' });
    setReactions(late.doc, bob.id, slot, ['👍']);
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(late.doc));
    const a = await world.open(ada, name(1));
    for (let i = 1; i <= 5; i++) sendMessage(a.doc, ada.id, { text: `m${i}` });
    await a.saved();
    const head = await world.open(ada, name(2));
    const reactions = (): string[] =>
      readVolume(head.doc)
        .messages.filter((message) => message.slot === slot)
        .flatMap((message) => message.reactions.map(({ emoji }) => emoji));
    await late.connect();
    await late.saved();
    await head.until(() => reactions().join() === '👍');

    const device = world.peer(bob, name(1), other);
    setReactions(other, bob.id, slot, ['🎉']);
    await device.connect();
    await device.saved();
    await head.until(() => reactions().join() === '🎉');
  });

  test('[S13] too many clientIDs or bytes fill a volume too', async () => {
    await world.restart({ volume: { entries: 500, clients: 4 } });
    const name = await room();
    for (let i = 0; i < 5; i++) {
      const a = await world.open(ada, name(1));
      sendMessage(a.doc, ada.id, { text: `m${i}` });
      await a.saved();
      a.drop();
    }
    expect(readVolume(await world.stored(name(1))).next).toBe(2);
    await world.restart({ volume: { entries: 500, bytes: 1_000 } });
    const other = await room();
    const b = await world.open(ada, other(1));
    for (let i = 0; i < 3; i++) {
      sendMessage(b.doc, ada.id, { text: 'x'.repeat(600) });
      await b.saved();
    }
    expect(readVolume(await world.stored(other(1))).next).toBe(2);
    await world.restart({ volume: { entries: 5 } });
  });

  test('[S35] the board tells how far each conversation has come, also to who opens it later', async () => {
    const name = await room();
    const ref = name(1).slice(0, -2) as `room/${string}`;
    const b = await world.open(bob, `board/${board}`);
    const a = await world.open(ada, name(1));
    sendMessage(a.doc, ada.id, { text: 'one' });
    await b.until(() => readHeads(b.doc).get(ref)?.seq === 1);
    b.drop();
    await expect.poll(() => world.sync.stats().documents).toBe(1);
    for (let i = 0; i < 4; i++) sendMessage(a.doc, ada.id, { text: 'more' });
    await a.saved();
    await b.connect();
    await b.until(() => readHeads(b.doc).get(ref)?.volume === 2);
    expect(readHeads(b.doc).get(ref)).toEqual({ volume: 2, seq: 5, at: expect.any(Number) as number });
  });

  test('[S35] what the board could not be told while the database had no room is told when it has, to who kept it open', async () => {
    const name = await room();
    const ref = name(1).slice(0, -2) as `room/${string}`;
    const b = await world.open(bob, `board/${board}`);
    const a = await world.open(ada, name(1));
    sendMessage(a.doc, ada.id, { text: 'one' });
    await b.until(() => readHeads(b.doc).get(ref)?.seq === 1);
    // Accepted, but the news of it meet a disk that is full.
    sendMessage(a.doc, ada.id, { text: 'two' });
    await a.saved();
    let refused = 0;
    const { transaction } = world.store;
    world.store.transaction = () => {
      refused += 1;
      return Promise.reject(new StoreUnavailable('53100', undefined));
    };
    await expect.poll(() => refused).toBeGreaterThan(0);
    world.store.transaction = transaction;
    await b.until(() => readHeads(b.doc).get(ref)?.seq === 2);
    expect(b.closed).toBeNull();
  });

  test('[S35] a board that could not be looked at when it was opened is looked at again while it is open', async () => {
    world.disconnect();
    const own = await world.board(ada, [bob]);
    const plan = await world.open(ada, `board/${own}`);
    const card = addCard(plan.doc, ada.id, addColumn(plan.doc, ada.id, 'To do') ?? '', 'A card') ?? '';
    await plan.saved();
    const a = await world.open(ada, `task/${card}/1`);
    plan.drop();
    await expect.poll(() => world.sync.stats().connections).toBe(1);
    sendMessage(a.doc, ada.id, { text: 'one' });
    await a.saved();
    const { forBoard } = world.store.conversations;
    let asked = 0;
    world.store.conversations.forBoard = (...of) => {
      asked += 1;
      return asked > 1 ? forBoard(...of) : Promise.reject(new StoreUnavailable('53100', undefined));
    };
    const b = await world.open(bob, `board/${own}`);
    await b.until(() => readHeads(b.doc).get(`task/${card}`)?.seq === 1);
    world.store.conversations.forBoard = forBoard;
    expect([asked, b.closed]).toEqual([2, null]);
  });
});
