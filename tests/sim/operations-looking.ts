import { readRooms } from '../../src/lib/model/board.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { taskDoc } from '../../src/lib/model/names.ts';
import { type Operation, cardsOf } from './doing.ts';

/** What a person may look at. */
export const LOOKING: readonly Operation[] = [
  [
    'look at a board',
    4,
    (doing) => {
      const board = doing.chance.pickOr(readInbox(doing.tab.client.inbox.doc).boards);
      if (board === null) return false;
      doing.tab.lookAtBoard(board.id);
      return true;
    },
  ],
  [
    'look at a room',
    6,
    ({ tab, chance }) => {
      const room = tab.board === null ? null : chance.pickOr(readRooms(tab.board.doc));
      if (room === null) return false;
      tab.lookAt(`room/${room.id}`);
      return true;
    },
  ],
  [
    'look at a task',
    4,
    ({ tab, chance }) => {
      const card = tab.board === null ? null : chance.pickOr(cardsOf(tab.board.doc));
      if (card === null) return false;
      tab.lookAtTask(taskDoc(card));
      tab.lookAt(`task/${card}`);
      return true;
    },
  ],
];
