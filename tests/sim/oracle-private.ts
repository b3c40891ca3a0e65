import { readHeads } from '../../src/lib/model/board.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { readPrivateRooms } from '../../src/lib/model/inbox-rooms.ts';
import { inboxDoc } from '../../src/lib/model/names.ts';
import type { Facts } from './facts.ts';
import type { RoomRow } from './store/data.ts';
import type { World } from './world.ts';

/** Of a private room only those hold anything who are in it, and those know it as the database does. */
export function judgePrivate(facts: Facts): string[] {
  const rooms = facts.data.rooms.where((room) => room.private);
  return [
    ...facts.world.leaks,
    ...facts.world.people.flatMap(({ id }) => [...judgeHome(id, rooms, facts), ...judgeTold(id, facts)]),
    ...rooms.flatMap((room) => judgeTraces(room, facts)),
  ];
}

const isIn = (facts: Facts, room: string, user: string): boolean => facts.data.roomMembers.has(`${room}/${user}`);

/** The rooms that stand in an inbox, who is in them, and how far they have come. */
function judgeHome(user: string, rooms: readonly RoomRow[], facts: Facts): string[] {
  const { data, world } = facts;
  if (!world.devices.some(({ person }) => person.id === user)) return [];
  const doc = facts.doc(inboxDoc(user));
  const inUse = rooms.filter(
    ({ board, removedAt }) => removedAt === null && data.boards.get(board)?.removedAt === null,
  );
  const mine = inUse.filter(({ id }) => isIn(facts, id, user));
  const peopleOf = (id: string): string[] =>
    data.roomMembers
      .where(({ room }) => room === id)
      .map((row) => row.user)
      .sort();
  const expected = mine.map(({ id, board, name }) => `${id} ${board} ${name} ${peopleOf(id).join()}`).sort();
  const shown = readPrivateRooms(doc).map(({ id, board, name, people }) => `${id} ${board} ${name} ${people.join()}`);
  if (shown.sort().join() !== expected.join()) {
    return [`private rooms of ${user}: ${shown.join()}, not ${expected.join()}`];
  }
  const far = mine.flatMap(({ id }) => {
    const row = data.conversations.get(`room/${id}`);
    return row === undefined || (row.nextSeq === 1 && row.head === 1)
      ? []
      : [`${row.ref} ${row.head} ${row.nextSeq - 1}`];
  });
  const heads = [...readHeads(doc)].map(([ref, { volume, seq }]) => `${ref} ${volume} ${seq}`);
  return heads.sort().join() === far.sort().join() ? [] : [`heads of ${user}: ${heads.join()}, not ${far.join()}`];
}

function judgeTold(user: string, facts: Facts): string[] {
  return readInbox(facts.doc(inboxDoc(user))).notifications.flatMap(({ conversation }) => {
    const [kind, id = ''] = conversation.split('/');
    const hidden = kind === 'room' && facts.data.rooms.get(id)?.private === true;
    return hidden && !isIn(facts, id, user) ? [`told of a private room: ${user} of ${conversation}`] : [];
  });
}

/** Who was never in it has no trace of it: not in a document that they read, not on a device. */
function judgeTraces({ id, by }: RoomRow, { data, world, letIn }: Facts): string[] {
  const was = (user: string): boolean => user === by || letIn.has(`${id}/${user}`);
  const others = world.people.filter((person) => !was(person.id)).map((person) => person.id);
  const names = [...data.boards.all().map((board) => `board/${board.id}`), ...others.map(inboxDoc)];
  const traces = names.filter((name) => bytesOf(name, data).some((bytes) => bytes.includes(id)));
  const devices = world.devices.filter(({ person }) => others.includes(person.id));
  return [
    ...traces.map((name) => `a private room stands in ${name}: ${id}`),
    ...devices
      .filter(({ disk }) => [...disk.databases.keys()].some((name) => name.includes(id)))
      .map((device) => `a private room of others is on ${device.name}: ${id}`),
  ];
}

function bytesOf(name: string, data: Facts['data']): Buffer[] {
  const row = data.documents.get(name);
  return [row?.snapshot ?? new Uint8Array(), ...(row?.updates ?? []).map((update) => update.data)].map((bytes) =>
    Buffer.from(bytes),
  );
}

/** Copies of private rooms on devices whose person is not in them any more. */
export function copiesOfOthers(world: World): string[] {
  const { rooms, roomMembers } = world.server.data.outside;
  return world.devices.flatMap((device) => {
    const [tab] = device.tabs;
    if (tab?.ready !== true) return [];
    return tab.client.rows().flatMap(({ name, onDevice }) => {
      const [kind, id = ''] = name.split('/');
      const hidden = onDevice && kind === 'room' && rooms.get(id)?.private === true;
      return hidden && !roomMembers.has(`${id}/${device.person.id}`) ? [`${device.name} holds ${name}`] : [];
    });
  });
}
