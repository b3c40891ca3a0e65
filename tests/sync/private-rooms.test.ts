import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type * as Y from 'yjs';
import { readHeads, readRooms } from '../../src/lib/model/board.ts';
import { readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { readPrivateRooms } from '../../src/lib/model/inbox-rooms.ts';
import { askBoard, askRoom } from '../../src/lib/model/asks.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

let world: World;
/** Owns the board, and is in no private room. */
let owner: Person;
let ada: Person;
let bob: Person;
let cleo: Person;
let board: string;
let room: string;
let name: string;

beforeAll(async () => {
  world = await World.open({ volume: { entries: 3 } });
  owner = await world.person('owner');
  ada = await world.person('ada');
  bob = await world.person('bob');
  cleo = await world.person('cleo');
});
afterAll(() => world.close());
beforeEach(async () => {
  board = await world.board(owner, [ada, bob, cleo]);
  room = newId();
  await world.store.rooms.create({ id: room, board, name: 'Secret plans', by: ada.id, private: true });
  await world.sync.roomChanged(room);
  await letIn(bob);
  name = `room/${room}/1`;
});

async function letIn(person: Person): Promise<void> {
  expect(await world.store.roomMembers.add(room, person.id)).toBe('ok');
  await world.sync.roomChanged(room);
}

/** As the HTTP route does it. */
async function takeOut(person: Person): Promise<void> {
  expect(await world.store.roomMembers.remove(room, person.id)).toBe('ok');
  await world.sync.revoke({ user: person.id, board, room });
  await world.sync.roomChanged(room, person.id);
}

const mine = (peer: Peer) => readPrivateRooms(peer.doc, board);
const told = (peer: Peer) => readInbox(peer.doc).notifications.filter((one) => one.conversation === `room/${room}`);
const home = (person: Person): Promise<Peer> => world.open(person, `inbox/${person.id}`);
const at = (person: Person): string => mentionToken({ user: person.id });
const namesOf = async (person: Person): Promise<string[]> => (await world.sync.heads(person.id)).map((one) => one.name);
/** Everything that a document ever said, deleted or not, as text. */
async function bytesOf(document: string): Promise<string> {
  const stored = await world.store.documents.load(document);
  const parts = [stored?.snapshot ?? new Uint8Array(), ...(stored?.updates ?? []).map(({ data }) => data)];
  return parts.map((part) => Buffer.from(part).toString('latin1')).join();
}
const say = async (person: Person, text: string): Promise<Peer> => {
  const peer = await world.open(person, name);
  sendMessage(peer.doc, person.id, { text });
  await peer.saved();
  return peer;
};

describe('who sees a private room', () => {
  test('[S65] it stands in the inboxes of its people, and in no other document', async () => {
    const [a, b] = await Promise.all([home(ada), home(bob)]);
    const people = [ada.id, bob.id].sort();
    const listed = { id: room, board, name: 'Secret plans', by: ada.id, people, archived: null };
    await Promise.all([a, b].map((peer) => peer.until(() => mine(peer)[0]?.people.length === 2)));
    expect([mine(a), mine(b)]).toMatchObject([[listed], [listed]]);
    await say(ada, 'whispered');

    await b.until(() => readHeads(b.doc).get(`room/${room}`)?.seq === 1);
    const onBoard = await world.open(owner, `board/${board}`);
    await world.sync.boardChanged(board);
    expect(readRooms(onBoard.doc)).toEqual([]);
    expect(readHeads(onBoard.doc).size).toBe(0);
    for (const document of [`board/${board}`, `inbox/${owner.id}`, `inbox/${cleo.id}`]) {
      const bytes = await bytesOf(document);
      expect([document, bytes.includes('Secret'), bytes.includes(room)]).toEqual([document, false, false]);
    }
  });

  test('[S65] a device hears how far it has come while it is open, and when it opens', async () => {
    const b = await home(bob);
    await say(ada, 'one');
    await b.until(() => readHeads(b.doc).get(`room/${room}`)?.seq === 1);
    b.drop();
    for (const text of ['two', 'three', 'four']) await say(ada, text);
    await b.connect();
    await b.until(() => readHeads(b.doc).get(`room/${room}`)?.seq === 4);
    expect(readHeads(b.doc).get(`room/${room}`)?.volume).toBe(2);
    expect(await namesOf(bob)).toContain(`room/${room}/2`);
    expect((await namesOf(owner)).filter((one) => one.startsWith('room/'))).toEqual([]);
    expect(await world.sync.revs(cleo.id, [name, `room/${room}/2`])).toEqual([]);
    expect((await world.sync.revs(bob.id, [name])).map((one) => one.name)).toEqual([name]);
  });

  test('[S66] nobody else opens any of it, whatever their role, and hears what they hear of what is not there', async () => {
    for (const text of ['one', 'two', 'three', 'four']) await say(ada, text);
    const forms = [1, 2, 3, 0].map((n) => `room/${room}/${n}`);
    for (const person of [owner, cleo]) {
      for (const one of [
        ...forms,
        `room/${room}`,
        `task/${room}`,
        `task/${room}/1`,
        `board/${room}`,
        `room/${newId()}/1`,
      ]) {
        const peer = await world.open(person, one);
        expect([one, peer.ended, peer.frames.length]).toEqual([one, 'not-found', 0]);
      }
      expect(await world.sync.writeAs(person, name, () => 'read')).toMatchObject({ ok: false, code: 'not-found' });
    }
    expect((await world.open(bob, `room/${room}/2`)).ended).toBeNull();
  });

  test('[S66] a plain client neither', async () => {
    const codeOf = (path: string): Promise<number> =>
      new Promise((resolve) => {
        new WebSocket(`${world.url.replace('http', 'ws')}${path}`).on('close', resolve);
      });
    const codes = [name, `room/${newId()}/1`].map((one) => codeOf(`/yjs/${one}?token=${owner.token}`));
    expect(await Promise.all(codes)).toEqual([4404, 4404]);
  });

  test('[S66] a member of the board in it has their role there', async () => {
    await world.setRole(board, bob, 'viewer');
    const b = await world.open(bob, name);
    sendMessage(b.doc, bob.id, { text: 'may I' });
    await b.until(() => b.ended !== null);
    expect(b.ended).toBe('refused:read-only');
  });

  test('[S15] only who is in it is told of its words', async () => {
    const [b, c] = await Promise.all([home(bob), home(cleo)]);
    await say(ada, `${at(bob)} and ${at(cleo)} and ${at(owner)}`);
    await b.until(() => readInbox(b.doc).notifications.some((one) => one.conversation === `room/${room}`));
    await expect.poll(async () => (await world.store.notifications.pending(10)).size).toBe(0);
    expect(readInbox(c.doc).notifications).toEqual([]);
    expect((await bytesOf(`inbox/${owner.id}`)).includes(room)).toBe(false);
  });
});

describe('who comes and goes', () => {
  test('[S67] who is let in sees it, with what was said before', async () => {
    await say(ada, 'before');
    const c = await home(cleo);
    expect(mine(c)).toEqual([]);
    expect((await world.open(cleo, name)).ended).toBe('not-found');
    await letIn(cleo);
    await c.until(() => mine(c)[0]?.people.length === 3 && readHeads(c.doc).get(`room/${room}`)?.seq === 1);
    const peer = await world.open(cleo, name);
    expect(readVolume(peer.doc).messages).toHaveLength(1);
  });

  test('[S67] who is taken out is out at once: connection, lists, notifications, and what is queued', async () => {
    const [a, b] = await Promise.all([home(ada), home(bob)]);
    await say(ada, `${at(bob)} the code is 4711`);
    await b.until(() => told(b).length > 0);
    const open = await world.open(bob, name);
    const elsewhere = await world.open(bob, `board/${board}`);
    const before = world.sync.stats().accepted;
    for (let i = 0; i < 50; i++) sendMessage(open.doc, bob.id, { text: `${i}` });
    await expect.poll(() => world.sync.stats().accepted, { interval: 1 }).toBeGreaterThan(before);
    await takeOut(bob);
    await open.until(() => open.ended !== null);
    expect(open.ended).toBe('revoked');
    const kept = readVolume(await world.stored(name)).messages.length;
    await b.until(() => mine(b).length === 0 && told(b).length === 0);
    expect(readHeads(b.doc).has(`room/${room}`)).toBe(false);
    await a.until(() => mine(a)[0]?.people.length === 1);

    expect((await world.open(bob, name, open.doc)).ended).toBe('not-found');
    expect(readVolume(await world.stored(name)).messages).toHaveLength(kept);
    expect(elsewhere.ended).toBeNull();
    expect((await namesOf(bob)).some((one) => one.includes(room))).toBe(false);
    expect(readInbox(await world.stored(`inbox/${bob.id}`)).notifications.map((one) => one.conversation)).not.toContain(
      `room/${room}`,
    );
  });

  test('[S67] what is said after that reaches nobody who left', async () => {
    const open = await world.open(bob, name);
    await takeOut(bob);
    await open.until(() => open.ended !== null);
    await say(ada, 'unheard of');
    const heard = (doc: Y.Doc): boolean =>
      readVolume(doc).messages.some(({ body }) => JSON.stringify(body).includes('unheard'));
    expect(heard(open.doc)).toBe(false);
    expect(heard(await world.stored(name))).toBe(true);
  });

  test('[S67] who is taken out while being let in does not stay', async () => {
    const before = world.sync.stats().connections;
    const peer = world.peer(bob, name);
    const opening = peer.connect();
    await takeOut(bob);
    await opening;
    await peer.until(() => peer.ended !== null);
    expect(['revoked', 'not-found']).toContain(peer.ended);
    expect(world.sync.stats().connections).toBe(before);
  });

  test('[S67] who leaves the board leaves its private rooms, and the others see that', async () => {
    const [a, b] = await Promise.all([home(ada), home(bob)]);
    await a.until(() => mine(a)[0]?.people.length === 2);
    await say(ada, `${at(bob)} psst`);
    await b.until(() => told(b).length > 0);
    const open = await world.open(bob, name);
    await world.setRole(board, bob, null);
    await open.until(() => open.ended !== null);
    expect(open.ended).toBe('revoked');
    await b.until(() => mine(b).length === 0 && told(b).length === 0);
    await a.until(() => mine(a)[0]?.people.length === 1);
    await world.setRole(board, bob, 'owner');
    expect((await world.open(bob, name)).ended).toBe('not-found');
  });

  test('[S67] when the last one leaves nobody has it', async () => {
    const a = await home(ada);
    await a.until(() => mine(a).length === 1);
    await takeOut(bob);
    await takeOut(ada);
    await a.until(() => mine(a).length === 0);
    expect((await world.store.rooms.get(room))?.archivedAt).toBeTypeOf('number');
    for (const person of [owner, ada, bob]) expect((await world.open(person, name)).ended).toBe('not-found');
  });

  test('[S67] with its board it leaves every inbox', async () => {
    const a = await home(ada);
    await a.until(() => mine(a).length === 1);
    const open = await world.open(ada, name);
    await world.store.boards.remove(board);
    await world.sync.boardChanged(board);
    await Promise.all([open.until(() => open.ended === 'revoked'), a.until(() => mine(a).length === 0)]);
    for (const person of [ada, bob]) {
      const kept = await world.sync.read(`inbox/${person.id}`, (doc) => readPrivateRooms(doc, board));
      expect(kept, 'for good').toEqual([]);
    }
  });

  test('[S67] an inbox that missed it while the server was away hears it when it is opened', async () => {
    const b = await home(bob);
    await b.until(() => mine(b).length === 1);
    b.drop();
    await world.store.roomMembers.remove(room, bob.id);
    await world.restart();
    await b.connect();
    await b.until(() => mine(b).length === 0);
    expect((await world.open(bob, name)).ended).toBe('not-found');
  });
});

describe('asked for in an inbox', () => {
  test('[S68] a private room, in a board that is asked for too, is its asker’s alone', async () => {
    const inbox = world.peer(ada, `inbox/${ada.id}`);
    const on = askBoard(inbox.doc, 'Plans') ?? '';
    const id = askRoom(inbox.doc, on, 'Hidden', undefined, { private: true }) ?? '';
    await inbox.connect();
    await inbox.until(() => readInbox(inbox.doc).asks.length === 0);
    expect(readInbox(inbox.doc).refusedAsks).toEqual([]);
    expect(readPrivateRooms(inbox.doc, on)).toMatchObject([{ id, board: on, name: 'Hidden', people: [ada.id] }]);
    expect(await world.sync.read(`board/${on}`, readRooms)).toEqual([]);
    expect((await world.open(ada, `room/${id}/1`)).ended).toBeNull();
  });

  test('[S68] of a name that somebody else’s private room has, it is made under that name', async () => {
    const inbox = await home(cleo);
    const open = askRoom(inbox.doc, board, 'Secret plans') ?? '';
    await inbox.until(() => readInbox(inbox.doc).asks.length === 0);
    expect((await world.store.rooms.get(open))?.name).toBe('Secret plans');
    const own = askRoom(inbox.doc, board, 'Secret plans', undefined, { private: true }) ?? '';
    await inbox.until(() => mine(inbox).some(({ id }) => id === own));
    expect(mine(inbox)[0]?.name).toBe('Secret plans 2');
  });
});
