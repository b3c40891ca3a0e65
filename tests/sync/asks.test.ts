import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addCard, addColumn, readBoard, readPeople, readRooms, setTitle } from '../../src/lib/model/board.ts';
import { readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { askBoard, askRoom } from '../../src/lib/model/asks.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  world = await World.open();
  ada = await world.person('ada');
  bob = await world.person('bob');
});
afterAll(() => world.close());
afterEach(() => {
  world.disconnect();
});

describe('what is asked for in the inbox', () => {
  test('[S34] a board asked for offline is made, with its asker as owner', async () => {
    const inbox = world.peer(ada, `inbox/${ada.id}`);
    const id = askBoard(inbox.doc, 'Plans') ?? '';
    await inbox.connect();
    await inbox.until(() => readInbox(inbox.doc).boards.some((one) => one.id === id && !one.pending));
    await inbox.until(() => readInbox(inbox.doc).asks.length === 0);
    expect(readInbox(inbox.doc).boards).toContainEqual({ id, title: 'Plans', role: 'owner', pending: false });
    const board = await world.open(ada, `board/${id}`);
    expect(board.ended).toBeNull();
    expect(readBoard(board.doc).title).toBe('Plans');
    await board.until(() => readPeople(board.doc).get(ada.id)?.role === 'owner');
  });

  test('[S34] a board and its rooms, all asked for offline, are made in whatever order their jobs run', async () => {
    for (let round = 0; round < 5; round += 1) {
      const inbox = world.peer(ada, `inbox/${ada.id}`);
      const board = askBoard(inbox.doc, `Plans ${round}`) ?? '';
      const rooms = ['Kitchen', 'Garden', 'Attic'].map((name) => askRoom(inbox.doc, board, name) ?? '');
      await inbox.connect();
      await inbox.until(() => readInbox(inbox.doc).asks.length === 0);
      expect(readInbox(inbox.doc).refusedAsks).toEqual([]);
      const onBoard = await world.open(ada, `board/${board}`);
      await onBoard.until(() => rooms.every((id) => readRooms(onBoard.doc).some((room) => room.id === id)));
    }
  });

  test('[S34] rooms of one name, asked for at the same time, are both made', async () => {
    const board = await world.board(ada, [bob]);
    const onBoard = await world.open(ada, `board/${board}`);
    const rooms = await Promise.all(
      [ada, bob].map(async (person) => {
        const inbox = await world.open(person, `inbox/${person.id}`);
        const id = askRoom(inbox.doc, board, 'Kitchen') ?? '';
        await inbox.until(() => readInbox(inbox.doc).asks.length === 0);
        expect(readInbox(inbox.doc).refusedAsks).toEqual([]);
        return id;
      }),
    );
    await onBoard.until(() => readRooms(onBoard.doc).length === 2);
    expect(
      readRooms(onBoard.doc)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Kitchen', 'Kitchen 2']);
    const room = await world.open(bob, `room/${rooms[0]}/1`);
    sendMessage(room.doc, bob.id, { text: 'hello' });
    await room.saved();
  });

  test('[S34] who may not, hears why', async () => {
    const board = await world.board(ada, [[bob, 'commenter']]);
    const others = await world.board(ada);
    const inbox = await world.open(bob, `inbox/${bob.id}`);
    const taken = await world.board(ada);
    const asked = [
      askRoom(inbox.doc, board, 'No'),
      askRoom(inbox.doc, others, 'Hidden'),
      askBoard(inbox.doc, 'Mine', taken),
    ];
    await inbox.until(() => readInbox(inbox.doc).refusedAsks.filter((one) => asked.includes(one.id)).length === 3);
    const reasons = new Map(readInbox(inbox.doc).refusedAsks.map((one) => [one.id, one.reason]));
    expect(asked.map((id) => reasons.get(id ?? ''))).toEqual(['not-allowed', 'not-found', 'taken']);
  });
});

describe('what a board leads to', () => {
  test('[S17] a card has a thread in the moment it is accepted', async () => {
    const id = await world.board(ada, [bob]);
    const board = world.peer(ada, `board/${id}`);
    await board.connect();
    const column = addColumn(board.doc, ada.id, 'Doing') ?? '';
    const card = addCard(board.doc, ada.id, column, 'Write it down') ?? '';
    await board.saved();
    const thread = await world.open(bob, `task/${card}/1`);
    expect(thread.ended).toBeNull();
    sendMessage(thread.doc, bob.id, { text: 'done' });
    await thread.until(() => readVolume(thread.doc).messages[0]?.seq === 1);
    expect((await world.open(bob, `task/${card}`)).ended).toBeNull();
    const stranger = await world.person();
    expect((await world.open(stranger, `task/${card}/1`)).ended).toBe('not-found');
  });

  test("[S17] a card with the id of another board's task leads nowhere", async () => {
    const mine = await world.board(ada);
    const theirs = await world.board(bob);
    const task = newId();
    await world.store.tasks.ensure([{ id: task, board: mine }]);
    const board = await world.open(bob, `board/${theirs}`);
    const column = addColumn(board.doc, bob.id, 'Trap') ?? '';
    addCard(board.doc, bob.id, column, 'Yours?', task);
    await board.saved();
    expect((await world.open(bob, `task/${task}/1`)).ended).toBe('not-found');
  });

  test('[S17] [S35] a title written in the document reaches the database and the inboxes, and the other way round', async () => {
    const id = await world.board(ada, [bob]);
    const board = await world.open(ada, `board/${id}`);
    const inbox = await world.open(bob, `inbox/${bob.id}`);
    const shown = (): string | undefined => readInbox(inbox.doc).boards.find((one) => one.id === id)?.title;
    setTitle(board.doc, 'From the document');
    await board.saved();
    expect((await world.store.boards.get(id))?.title).toBe('From the document');
    await inbox.until(() => shown() === 'From the document');
    await world.store.boards.rename(id, 'From the database');
    await world.sync.boardChanged(id);
    await board.until(() => readBoard(board.doc).title === 'From the database');
    await inbox.until(() => shown() === 'From the database');
  });

  test('[S35] what a crash left undone is done when the document is next opened', async () => {
    const id = await world.board(ada);
    await world.store.boards.setMember(id, bob.id, 'member');
    const inbox = await world.open(bob, `inbox/${bob.id}`);
    await inbox.until(() => readInbox(inbox.doc).boards.some((one) => one.id === id));
    const fresh = newId();
    await world.store.rooms.create({ id: fresh, board: id, name: 'Unlisted', by: ada.id, private: false });
    // The corridor has not heard of the new member: its answer about them is from before.
    await world.restart();
    const board = await world.open(bob, `board/${id}`);
    await board.until(() => readPeople(board.doc).has(bob.id) && readRooms(board.doc).length === 1);
  });

  test('[S38] a device hears what it should hold: inbox, boards, rooms and tasks, with how far they are', async () => {
    const carl = await world.person();
    const id = await world.board(carl);
    const room = await world.room(id, carl);
    const task = newId();
    await world.store.tasks.ensure([{ id: task, board: id }]);
    const before = await world.sync.heads(carl.id);
    expect(before.map(({ name }) => name)).toEqual([
      `inbox/${carl.id}`,
      `board/${id}`,
      ...[`room/${room}/1`, `task/${task}/1`, `task/${task}`],
    ]);
    await world.sync.writeAs(carl, `room/${room}/1`, (doc) => sendMessage(doc, carl.id, { text: 'x' }));
    const after = new Map((await world.sync.heads(carl.id)).map(({ name, rev }) => [name, rev]));
    expect(after.get(`room/${room}/1`)).toBeGreaterThan(0);
    expect(after.get(`task/${task}/1`)).toBe(0);
  });
});
