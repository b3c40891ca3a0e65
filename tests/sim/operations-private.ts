import { askRoom } from '../../src/lib/model/asks.ts';
import { readPrivateRooms } from '../../src/lib/model/inbox-rooms.ts';
import { type Operation, did, may, say } from './doing.ts';

/** What a person does with private rooms. Who is let in and taken out is decided by HTTP: `private-people.ts`. */
export const PRIVATE: readonly Operation[] = [
  [
    'ask for a private room',
    2,
    (doing) => {
      const { inbox } = doing.tab.client;
      const { board } = doing.tab;
      if (board === null || !may(doing, 'createRoom') || readPrivateRooms(inbox.doc).length > 3) return false;
      const name = doing.chance.is(0.3) ? 'hideout' : say(doing.chance);
      const id = doing.tab.change(inbox, (doc) => askRoom(doc, board.parsed.id, name, undefined, { private: true }));
      if (id === null) return false;
      did(doing, inbox, { kind: 'ask-room', board: board.parsed.id, id, name, private: true });
      if (doing.chance.is(0.7)) doing.tab.lookAt(`room/${id}`);
      return true;
    },
  ],
  [
    'look at a private room',
    6,
    ({ tab, chance }) => {
      const room = chance.pickOr(readPrivateRooms(tab.client.inbox.doc));
      if (room === null) return false;
      tab.lookAtBoard(room.board);
      tab.lookAt(`room/${room.id}`);
      return true;
    },
  ],
];
