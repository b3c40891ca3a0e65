import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { StoreUnavailable } from '../../server/store/database.ts';
import { sendMessage } from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { readPrivateRooms } from '../../src/lib/model/inbox-rooms.ts';
import { askBoard, askRoom } from '../../src/lib/model/asks.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { wishForPerson } from '../../src/lib/model/wish-for-person.ts';
import { wishForRoom } from '../../src/lib/model/wish-for-room.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

let world: World;
/** Owns the board. */
let owner: Person;
/** Made the room. */
let ada: Person;
let bob: Person;
let cleo: Person;
let board: string;
let room: string;

beforeAll(async () => {
  world = await World.open();
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
  await world.store.roomMembers.add(room, bob.id);
  await world.sync.roomChanged(room);
});

/** A device of this person that comes back with what was written there while it was away. */
async function away(person: Person, write: (peer: Peer) => void): Promise<Peer> {
  const inbox = world.peer(person, `inbox/${person.id}`);
  write(inbox);
  await inbox.connect();
  return inbox;
}
const settled = (peer: Peer) => peer.until(() => readInbox(peer.doc).asks.length === 0);
const reasons = (peer: Peer): string[] =>
  readInbox(peer.doc)
    .refusedAsks.filter((one) => one.id === room)
    .map(({ reason }) => reason);
const people = async (): Promise<string[]> => (await world.store.roomMembers.of(room)) ?? [];
const mine = (peer: Peer) => readPrivateRooms(peer.doc, board);
const byId = (...who: Person[]): string[] => who.map(({ id }) => id).sort();

describe('who is to be in a private room, wished for while away', () => {
  test('[S70] is let in: everybody in it hears so, the wish leaves nothing behind', async () => {
    const theirs = await world.open(cleo, `inbox/${cleo.id}`);
    const inbox = await away(bob, ({ doc }) => wishForPerson(doc, room, cleo.id, true));
    await settled(inbox);
    expect(reasons(inbox)).toEqual([]);
    expect([inbox.doc.getMap('ask').size, inbox.doc.getMap('asked').size]).toEqual([0, 0]);
    expect(await people()).toEqual(byId(ada, bob, cleo));
    await theirs.until(() => mine(theirs).some(({ id }) => id === room));
    await inbox.until(() => mine(inbox)[0]?.people.length === 3);
    const talk = await world.open(cleo, `room/${room}/1`);
    sendMessage(talk.doc, cleo.id, { text: 'hello' });
    await talk.saved();
  });

  test('[S70] [S67] is taken out by its maker: their connection ends, and their inbox lists it no more', async () => {
    const talk = await world.open(bob, `room/${room}/1`);
    const theirs = await world.open(bob, `inbox/${bob.id}`);
    const inbox = await away(ada, ({ doc }) => wishForPerson(doc, room, bob.id, false));
    await settled(inbox);
    expect(await people()).toEqual(byId(ada));
    await talk.until(() => talk.ended !== null);
    expect(talk.ended).toBe('revoked');
    await theirs.until(() => mine(theirs).length === 0);
  });

  test('[S71] taken out by a database that goes away with the answer, they hear nothing more', async () => {
    const talk = await world.open(bob, `room/${room}/1`);
    const { remove } = world.store.roomMembers;
    const lost = vi.spyOn(world.store.roomMembers, 'remove').mockImplementationOnce(async (...args) => {
      await remove(...args);
      throw new StoreUnavailable('CONNECTION_CLOSED', null);
    });
    const inbox = await away(ada, ({ doc }) => wishForPerson(doc, room, bob.id, false));
    await talk.until(() => talk.closed !== null || talk.ended !== null);
    expect((await talk.connect()).ended).toBe('not-found');
    await settled(inbox);
    expect(lost).toHaveBeenCalled();
    expect(reasons(inbox)).toEqual([]);
    lost.mockRestore();
  });

  test('[S70] somebody leaves, after letting another in and changing the room: all of it holds', async () => {
    const talk = await world.open(ada, `room/${room}/1`);
    const inbox = await away(ada, ({ doc }) => {
      wishForPerson(doc, room, cleo.id, true);
      wishForRoom(doc, room, { field: 'description', value: 'Where we plan' });
      wishForPerson(doc, room, ada.id, false);
    });
    await settled(inbox);
    expect(reasons(inbox)).toEqual([]);
    expect(await people()).toEqual(byId(bob, cleo));
    expect((await world.store.rooms.get(room))?.description).toBe('Where we plan');
    await inbox.until(() => mine(inbox).length === 0);
    await talk.until(() => talk.ended !== null);
    expect(talk.ended).toBe('revoked');
  });

  test('[S70] a board, a private room of it and its people, all of it asked for at once', async () => {
    let made = '';
    let hidden = '';
    const inbox = await away(ada, ({ doc }) => {
      made = askBoard(doc, 'Plans') ?? '';
      hidden = askRoom(doc, made, 'Den', newId(), { private: true }) ?? '';
      wishForPerson(doc, hidden, bob.id, true);
      wishForPerson(doc, room, cleo.id, true);
    });
    await settled(inbox);
    // Bob is no member of the new board.
    expect(readInbox(inbox.doc).refusedAsks).toMatchObject([{ id: hidden, user: bob.id, reason: 'no-member' }]);
    expect(await world.store.roomMembers.of(hidden)).toEqual([ada.id]);
    expect(await people()).toEqual(byId(ada, bob, cleo));
    const other = await away(ada, ({ doc }) => {
      hidden = askRoom(doc, board, 'Den', newId(), { private: true }) ?? '';
      wishForPerson(doc, hidden, bob.id, true);
    });
    await settled(other);
    expect(await world.store.roomMembers.of(hidden)).toEqual(byId(ada, bob));
    await other.until(() => mine(other).find(({ id }) => id === hidden)?.people.length === 2);
  });

  test('[S70] what may not be is answered with its reason', async () => {
    const may = async (person: Person, write: (peer: Peer) => void): Promise<string[]> => {
      // With what was wished and answered before, which a device that has nothing yet might not outdo.
      const inbox = await world.open(person, `inbox/${person.id}`);
      write(inbox);
      await settled(inbox);
      return reasons(inbox);
    };
    // No maker and no owner.
    expect(await may(bob, ({ doc }) => wishForPerson(doc, room, ada.id, false))).toEqual(['not-allowed']);
    const stranger = await world.person();
    expect(await may(ada, ({ doc }) => wishForPerson(doc, room, stranger.id, true))).toEqual(['no-member']);
    await world.store.rooms.change(room, { archived: true });
    expect(await may(bob, ({ doc }) => wishForPerson(doc, room, cleo.id, true))).toContain('archived');
    await world.store.rooms.change(room, { archived: false });
    await world.store.boards.setMember(board, bob.id, 'commenter');
    await world.sync.membershipChanged(board);
    const bobs = await may(bob, ({ doc }) => wishForPerson(doc, room, cleo.id, true));
    expect(bobs.sort()).toEqual(['not-allowed', 'not-allowed']);
    await world.store.roomMembers.remove(room, bob.id);
    await world.sync.roomChanged(room, bob.id);
    expect(await may(bob, ({ doc }) => wishForPerson(doc, room, cleo.id, true))).toContain('not-found');
    expect(await people()).toEqual(byId(ada));
    await world.store.rooms.remove(room);
    expect(await may(ada, ({ doc }) => wishForPerson(doc, room, cleo.id, true))).toContain('not-found');
    const open = newId();
    await world.store.rooms.create({ id: open, board, name: 'Open', by: ada.id, private: false });
    const inbox = await away(ada, ({ doc }) => wishForPerson(doc, open, ada.id, false));
    await settled(inbox);
    expect(readInbox(inbox.doc).refusedAsks.filter(({ id }) => id === open)).toMatchObject([{ reason: 'public' }]);
  });

  test('[S70] [S66] one who is not in it: no letting in, and leaving says the same of it as of no room at all', async () => {
    const inbox = await away(cleo, ({ doc }) => {
      wishForPerson(doc, room, cleo.id, true);
      wishForPerson(doc, room, bob.id, false);
    });
    await settled(inbox);
    expect(reasons(inbox)).toEqual(['not-found', 'not-found']);
    const absent = newId();
    const leaving = await world.open(cleo, `inbox/${cleo.id}`);
    wishForPerson(leaving.doc, room, cleo.id, false);
    wishForPerson(leaving.doc, absent, cleo.id, false);
    wishForPerson(leaving.doc, absent, bob.id, true);
    await settled(leaving);
    expect(reasons(leaving)).toEqual(['not-found']);
    expect(readInbox(leaving.doc).refusedAsks.filter(({ id }) => id === absent)).toMatchObject([
      { reason: 'not-found' },
    ]);
    expect(leaving.doc.getMap('ask').has(`room/${absent}/people/${cleo.id}`)).toBe(false);
    expect(await people()).toEqual(byId(ada, bob));
  });

  test('[S70] a run that died between leaving and telling is made whole by the next one', async () => {
    const talk = await world.open(bob, `room/${room}/1`);
    const others = await world.open(ada, `inbox/${ada.id}`);
    await others.until(() => mine(others)[0]?.people.length === 2);
    await world.store.roomMembers.remove(room, bob.id);
    const inbox = await away(bob, ({ doc }) => wishForPerson(doc, room, bob.id, false));
    await settled(inbox);
    await inbox.until(() => mine(inbox).length === 0);
    await others.until(() => mine(others)[0]?.people.length === 1);
    await talk.until(() => talk.ended !== null);
  });
});

describe('a private room of many', () => {
  test('[S35] its people are written into all their inboxes together, not in a transaction for each', async () => {
    const many: Person[] = [];
    for (let i = 0; i < 60; i += 1) many.push(await world.person());
    const large = await world.board(owner, many);
    const hall = newId();
    const [maker, last, ...others] = many;
    if (maker === undefined || last === undefined) throw new Error('nobody');
    await world.store.rooms.create({ id: hall, board: large, name: 'Hall', by: maker.id, private: true });
    for (const { id } of others) await world.store.roomMembers.add(hall, id);
    await world.sync.roomChanged(hall);
    const before = world.sync.stats().commits;
    await world.store.roomMembers.add(hall, last.id);
    await world.sync.roomChanged(hall);
    expect(world.sync.stats().commits - before).toBeLessThan(30);
    for (const person of [maker, last, ...others.slice(-2)]) {
      const listed = await world.sync.read(`inbox/${person.id}`, (doc) => readPrivateRooms(doc, large));
      expect(listed).toMatchObject([{ id: hall, name: 'Hall' }]);
      expect(listed[0]?.people).toHaveLength(60);
    }
  });
});
