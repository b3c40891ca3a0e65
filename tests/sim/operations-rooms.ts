import { readRooms, type Room } from '../../src/lib/model/board.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { mayChangeRoom } from '../../src/lib/model/roles.ts';
import { asWished, type RoomChange } from '../../src/lib/model/room-wishes.ts';
import { wishForRoom } from '../../src/lib/model/wish-for-room.ts';
import { type Doing, type Operation, did, say } from './doing.ts';

/** What people do with rooms themselves. */
export const ROOMS: readonly Operation[] = [
  [
    'rename a room',
    2,
    (doing) =>
      onRoom(
        doing,
        (room) => room.archived === null,
        ({ chance }) => ({ field: 'name', value: chance.is(0.3) ? 'work' : say(chance) }),
      ),
  ],
  [
    'describe a room',
    3,
    (doing) =>
      onRoom(
        doing,
        (room) => room.archived === null,
        ({ chance }) => ({ field: 'description', value: say(chance) }),
      ),
  ],
  [
    'archive a room',
    1,
    (doing) =>
      onRoom(
        doing,
        (room) => room.archived === null,
        () => ({ field: 'archived', value: true }),
      ),
  ],
  [
    'restore a room',
    2,
    (doing) =>
      onRoom(
        doing,
        (room) => room.archived !== null,
        () => ({ field: 'archived', value: false }),
      ),
  ],
];

/** A room that the person may change, as they see it: as they wished it. */
function onRoom(doing: Doing, holds: (room: Room) => boolean, change: (doing: Doing) => RoomChange): boolean {
  const { tab, chance } = doing;
  const { inbox } = tab.client;
  if (tab.board === null) return false;
  const wishes = readInbox(inbox.doc).asks.filter((ask) => ask.kind === 'wish');
  const rooms = readRooms(tab.board.doc).map((room) => asWished(room, wishes));
  const room = chance.pickOr(rooms.filter((one) => holds(one) && mayChangeRoom(tab.role, tab.me, one)));
  if (room === null) return false;
  const wanted = change(doing);
  if (!tab.change(inbox, (doc) => wishForRoom(doc, room.id, wanted))) return false;
  return did(doing, inbox, { kind: 'wish', room: room.id, field: wanted.field, value: wanted.value });
}
