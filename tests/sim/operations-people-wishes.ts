import { readPeople } from '../../src/lib/model/board.ts';
import { readPrivateRooms, type PrivateRoom } from '../../src/lib/model/inbox-rooms.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { mayChangeRoom } from '../../src/lib/model/roles.ts';
import { peopleAsWished, wishForPerson } from '../../src/lib/model/wish-for-person.ts';
import { type Doing, type Operation, did, may } from './doing.ts';

/** Who is let into private rooms, taken out, and leaves them, as people wish it from their tabs, near a network or not. */
export const PEOPLE_WISHES: readonly Operation[] = [
  [
    'let somebody into a private room by a wish',
    5,
    (doing) => {
      const room = myRoom(doing);
      const { tab, chance } = doing;
      if (room === null || room.archived !== null || tab.board === null || !may(doing, 'createRoom')) return false;
      const inside = new Set(asShown(doing, room));
      const user = chance.pickOr([...readPeople(tab.board.doc).keys()].filter((id) => !inside.has(id)));
      return user !== null && wish(doing, room, user, true);
    },
  ],
  [
    'take somebody out of a private room by a wish',
    3,
    (doing) => {
      const room = myRoom(doing);
      const { tab, chance } = doing;
      if (room === null || !mayChangeRoom(tab.role, tab.me, room)) return false;
      const user = chance.pickOr(asShown(doing, room).filter((id) => id !== tab.me));
      return user !== null && wish(doing, room, user, false);
    },
  ],
  [
    'leave a private room',
    1,
    (doing) => {
      const room = myRoom(doing);
      return room !== null && wish(doing, room, doing.tab.me, false);
    },
  ],
];

/** One of the private rooms that the tab lists, of the board that is looked at. */
function myRoom({ tab, chance }: Doing): PrivateRoom | null {
  return tab.board === null ? null : chance.pickOr(readPrivateRooms(tab.client.inbox.doc, tab.board.parsed.id));
}

function asShown({ tab }: Doing, room: PrivateRoom): readonly string[] {
  const wishes = readInbox(tab.client.inbox.doc).asks.filter((ask) => ask.kind === 'person');
  return peopleAsWished(room, wishes);
}

function wish(doing: Doing, room: PrivateRoom, user: string, inside: boolean): boolean {
  const { inbox } = doing.tab.client;
  if (doing.tab.change(inbox, (doc) => wishForPerson(doc, room.id, user, inside)) === null) return false;
  return did(doing, inbox, { kind: 'wish-person', room: room.id, user, inside });
}
