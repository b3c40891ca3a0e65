import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readHeads, readRooms } from '../../src/lib/model/board.ts';
import { readVolume, sendMessage, setReactions } from '../../src/lib/model/conversation.ts';
import { askBoard, askRoom } from '../../src/lib/model/asks.ts';
import { readInbox, saveDraft, readDraft } from '../../src/lib/model/inbox.ts';
import { readPrivateRooms } from '../../src/lib/model/inbox-rooms.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import { wishForRoom } from '../../src/lib/model/wish-for-room.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let cleo: Person;
let board: string;
let room: string;
let name: string;

beforeAll(async () => {
  world = await World.open({ erasure: { compactMs: 100, eraseMs: 300 }, compactEveryMs: 300 });
  ada = await world.person('ada');
  bob = await world.person('bob');
  cleo = await world.person('cleo');
});
afterAll(() => world.close());
beforeEach(async () => {
  board = await world.board(ada, [bob, cleo]);
  room = await world.room(board, bob, 'Kitchen');
  name = `room/${room}/1`;
});

const roomIn = (peer: Peer, id = room) => readRooms(peer.doc).find((one) => one.id === id);
const archive = async (archived: boolean) => {
  expect(await world.store.rooms.change(room, { archived })).toBe('ok');
  await world.sync.roomChanged(room);
};

describe('a room that is archived', () => {
  test('[S60] is read and not written, also on a connection that was open before; restored it is as it was', async () => {
    const [a, b] = [await world.open(ada, name), await world.open(bob, name)];
    const slot = sendMessage(a.doc, ada.id, { text: 'before' });
    await a.saved();
    await b.until(() => readVolume(b.doc).messages.length === 1);
    await archive(true);
    expect(a.ended).toBeNull();
    sendMessage(b.doc, bob.id, { text: 'late' });
    await b.until(() => b.ended !== null);
    expect(b.ended).toBe('refused:archived');
    setReactions(a.doc, ada.id, slot, ['👍']);
    await a.until(() => a.ended !== null);
    expect(a.ended).toBe('refused:archived');

    const reader = await world.open(cleo, name);
    expect(readVolume(reader.doc).messages.map(({ body }) => body)).toMatchObject([{ text: 'before' }]);
    const viaHttp = await world.sync.writeAs(bob, name, (doc) => sendMessage(doc, bob.id, { text: 'late' }));
    expect(viaHttp).toMatchObject({ ok: false, code: 'archived' });

    await archive(false);
    const again = await world.open(bob, name);
    sendMessage(again.doc, bob.id, { text: 'after' });
    await again.saved();
    await reader.until(() => readVolume(reader.doc).messages.length === 2);
  });

  test('[S60] refuses what a device wrote offline before it heard', async () => {
    const b = await world.open(bob, name);
    b.drop();
    sendMessage(b.doc, bob.id, { text: 'written under way' });
    await archive(true);
    await b.connect();
    await b.until(() => b.ended !== null);
    expect(b.ended).toBe('refused:archived');
    expect(await world.sync.read(name, (doc) => readVolume(doc).messages)).toEqual([]);
  });

  test('[S61] is listed with since when, and what it is for', async () => {
    const a = await world.open(ada, `board/${board}`);
    await a.until(() => roomIn(a) !== undefined);
    await world.store.rooms.change(room, { description: 'Where we cook' });
    await world.sync.roomChanged(room);
    await a.until(() => roomIn(a)?.description === 'Where we cook');
    await archive(true);
    await a.until(() => typeof roomIn(a)?.archived === 'number');
    await archive(false);
    await a.until(() => roomIn(a)?.archived === null);
  });

  test('[S61] a private one is listed so for those who are in it', async () => {
    const id = newId();
    await world.store.rooms.create({ id, board, name: 'Plans', by: ada.id, private: true });
    await world.sync.roomChanged(id);
    const home = await world.open(ada, `inbox/${ada.id}`);
    await home.until(() => readPrivateRooms(home.doc).some((one) => one.id === id));
    await world.store.rooms.change(id, { archived: true });
    await world.sync.roomChanged(id);
    await home.until(() => typeof readPrivateRooms(home.doc).find((one) => one.id === id)?.archived === 'number');
    await world.store.rooms.remove(id);
    await world.sync.roomChanged(id);
    await home.until(() => readPrivateRooms(home.doc).every((one) => one.id !== id));
  });
});

test('[S61] the head says when the last message came', async () => {
  const a = await world.open(ada, `board/${board}`);
  const b = await world.open(bob, name);
  const before = Date.now();
  sendMessage(b.doc, bob.id, { text: 'one' });
  await b.saved();
  await a.until(() => readHeads(a.doc).get(`room/${room}`)?.seq === 1);
  expect(readHeads(a.doc).get(`room/${room}`)?.at).toBeGreaterThanOrEqual(before);
});

describe('what is wished of a room', () => {
  test('[S62] comes true for its maker and for owners, and leaves nothing in the inbox', async () => {
    const a = await world.open(ada, `board/${board}`);
    const home = await world.open(bob, `inbox/${bob.id}`);
    wishForRoom(home.doc, room, { field: 'name', value: 'Galley' });
    wishForRoom(home.doc, room, { field: 'description', value: 'Where we cook' });
    wishForRoom(home.doc, room, { field: 'archived', value: true });
    await home.saved();
    // Archived comes last or first, as it happens; what came after it is refused with its reason.
    await home.until(() => readInbox(home.doc).asks.length === 0);
    await a.until(() => typeof roomIn(a)?.archived === 'number');
    const { refusedAsks } = readInbox(home.doc);
    for (const ask of refusedAsks) expect(ask).toMatchObject({ kind: 'wish', reason: 'archived' });
    expect(home.doc.getMap('ask').size).toBe(refusedAsks.length);

    const boss = await world.open(ada, `inbox/${ada.id}`);
    wishForRoom(boss.doc, room, { field: 'archived', value: false });
    await a.until(() => roomIn(a)?.archived === null);
    wishForRoom(boss.doc, room, { field: 'name', value: 'Scullery' });
    await a.until(() => roomIn(a)?.name === 'Scullery');
    await boss.until(() => boss.doc.getMap('ask').size === 0);
    expect(boss.doc.getMap('asked').size).toBe(0);
  });

  test('[S62] is refused with its reason from anybody else, and for a name that is taken', async () => {
    await world.room(board, ada, 'Garden');
    const hidden = newId();
    await world.store.rooms.create({ id: hidden, board, name: 'Hidden', by: ada.id, private: true });
    const home = await world.open(cleo, `inbox/${cleo.id}`);
    wishForRoom(home.doc, room, { field: 'name', value: 'Mine' });
    wishForRoom(home.doc, hidden, { field: 'description', value: 'x' });
    wishForRoom(home.doc, newId(), { field: 'archived', value: true });
    await home.until(() => readInbox(home.doc).refusedAsks.length === 3);
    const reasons = readInbox(home.doc).refusedAsks.map(({ reason }) => reason);
    expect(reasons.sort()).toEqual(['not-allowed', 'not-found', 'not-found']);

    const maker = await world.open(bob, `inbox/${bob.id}`);
    wishForRoom(maker.doc, room, { field: 'name', value: 'gaRDen' });
    await maker.until(() => readInbox(maker.doc).refusedAsks.length === 1);
    expect(readInbox(maker.doc).refusedAsks).toMatchObject([{ value: 'gaRDen', reason: 'taken-name' }]);
    wishForRoom(maker.doc, room, { field: 'name', value: 'Cellar' });
    await maker.until(() => readInbox(maker.doc).refusedAsks.length === 0 && readInbox(maker.doc).asks.length === 0);
    expect((await world.store.rooms.get(room))?.name).toBe('Cellar');
    // Who made it and is no member any more changes nothing.
    await world.store.boards.setMember(board, bob.id, 'commenter');
    await world.sync.membershipChanged(board);
    wishForRoom(maker.doc, room, { field: 'name', value: 'Attic' });
    await maker.until(() => readInbox(maker.doc).refusedAsks.length === 1);
    expect((await world.store.rooms.get(room))?.name).toBe('Cellar');
  });

  test('[S62] of a room that was made in the same breath, offline', async () => {
    const home = await world.open(ada, `inbox/${ada.id}`);
    home.drop();
    const made = askBoard(home.doc, 'New') ?? '';
    const id = askRoom(home.doc, made, 'First') ?? '';
    wishForRoom(home.doc, id, { field: 'name', value: 'Second' });
    await home.connect();
    await home.until(() => readInbox(home.doc).asks.length === 0);
    expect(readInbox(home.doc).refusedAsks).toEqual([]);
    expect(await world.store.rooms.get(id)).toMatchObject({ board: made, name: 'Second', by: ada.id });
  });
});

describe('a room that is deleted', () => {
  test('[S63] ends on every connection, is not there for anybody, and leaves every inbox', async () => {
    const [a, b] = [await world.open(ada, name), await world.open(bob, name)];
    const list = await world.open(ada, `board/${board}`);
    const home = await world.open(bob, `inbox/${bob.id}`);
    sendMessage(a.doc, ada.id, { text: `${mentionToken({ user: bob.id })} secret` });
    await a.saved();
    await home.until(() => readInbox(home.doc).notifications.some((one) => one.conversation === `room/${room}`));
    await list.until(() => readHeads(list.doc).has(`room/${room}`));
    saveDraft(home.doc, `room/${room}`, 'unsent words');
    await home.saved();

    expect(await world.store.rooms.remove(room)).toBe(true);
    await world.sync.roomChanged(room);
    await a.until(() => a.ended !== null);
    await b.until(() => b.ended !== null);
    expect([a.ended, b.ended]).toEqual(['revoked', 'revoked']);
    expect((await world.open(ada, name)).ended).toBe('not-found');
    await list.until(() => roomIn(list) === undefined && !readHeads(list.doc).has(`room/${room}`));
    expect((await world.sync.heads(ada.id)).map((head) => head.name)).not.toContain(name);
    expect(await world.sync.revs(ada.id, [name])).toEqual([]);

    await home.until(() => readInbox(home.doc).notifications.every((one) => one.conversation !== `room/${room}`));
    await home.until(() => readDraft(home.doc, `room/${room}`) === '');
    await expect.poll(() => world.store.rooms.removed(10, 0), { timeout: 30_000 }).toEqual([]);
    expect(await world.store.documents.load(name)).toBeNull();
    expect(await world.store.rooms.create({ id: room, board, name: 'x', by: ada.id, private: false })).toBe('taken-id');
    // The other rooms, and this name, are free again.
    expect(await world.store.rooms.create({ id: newId(), board, name: 'Kitchen', by: ada.id, private: false })).toBe(
      'ok',
    );
  });

  test('[S63] news of what was said just before do not bring it back into the board’s list', async () => {
    const other = await world.room(board, ada, 'Hall');
    const list = await world.open(ada, `board/${board}`);
    const [a, b] = [await world.open(ada, name), await world.open(bob, `room/${other}/1`)];
    sendMessage(a.doc, ada.id, { text: 'last words' });
    await a.saved();
    await world.store.rooms.remove(room);
    await world.sync.roomChanged(room);
    await list.until(() => roomIn(list) === undefined);
    // Told together with those last words, or after them.
    sendMessage(b.doc, bob.id, { text: 'elsewhere' });
    await b.saved();
    await list.until(() => readHeads(list.doc).has(`room/${other}`));
    expect(readHeads(list.doc).has(`room/${room}`)).toBe(false);
  });

  test('[S63] what a device wrote offline is not accepted when it comes back', async () => {
    const b = await world.open(bob, name);
    b.drop();
    sendMessage(b.doc, bob.id, { text: 'too late' });
    await world.store.rooms.remove(room);
    await world.sync.roomChanged(room);
    await b.connect();
    expect(b.ended).toBe('not-found');
    await expect.poll(() => world.store.documents.load(name), { timeout: 30_000 }).toBeNull();
  });
});
