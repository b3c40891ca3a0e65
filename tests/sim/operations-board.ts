import {
  addCard,
  addColumn,
  archiveCard,
  archiveColumn,
  assign,
  moveCard,
  moveColumn,
  readBoard,
  readPeople,
  renameCard,
  renameColumn,
  restoreCard,
  restoreColumn,
  setTitle,
  unassign,
} from '../../src/lib/model/board.ts';
import type { Act as Deed } from '../../src/lib/model/roles.ts';
import type { OpenDocument } from '../../src/lib/sync/open-document.svelte.ts';
import { type Doing, type Operation, cardsOf, did, may, say } from './doing.ts';

function onBoard(doing: Doing, deed: Deed, work: (open: OpenDocument, board: string) => boolean): boolean {
  const { board } = doing.tab;
  return board !== null && may(doing, deed) && work(board, board.parsed.id);
}

/** What people do with columns and cards. */
export const BOARD: readonly Operation[] = [
  [
    'add a column',
    1,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const title = say(doing.chance);
        const id = doing.tab.change(open, (doc) => addColumn(doc, doing.tab.me, title));
        return id !== null && did(doing, open, { kind: 'column', board, id, title });
      }),
  ],
  [
    'rename a column',
    1,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const column = doing.chance.pickOr(readBoard(open.doc).columns);
        if (column === null) return false;
        doing.tab.change(open, (doc) => renameColumn(doc, column.id, say(doing.chance)));
        return did(doing, open, { kind: 'board', board, what: `rename column ${column.id}` });
      }),
  ],
  [
    'move a column',
    1,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const { columns } = readBoard(open.doc);
        const column = doing.chance.pickOr(columns);
        if (column === null) return false;
        const after = doing.chance.is(0.3) ? null : doing.chance.pick(columns).id;
        if (!doing.tab.change(open, (doc) => moveColumn(doc, column.id, after))) return false;
        return did(doing, open, { kind: 'board', board, what: `move column ${column.id}` });
      }),
  ],
  [
    'archive a column, or bring one back',
    1,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const { columns, archivedColumns } = readBoard(open.doc);
        const back = doing.chance.is(0.6) ? doing.chance.pickOr(archivedColumns) : null;
        if (back !== null) doing.tab.change(open, (doc) => restoreColumn(doc, back.id));
        else if (columns.length > 1) doing.tab.change(open, (doc) => archiveColumn(doc, doing.chance.pick(columns).id));
        else return false;
        return did(doing, open, { kind: 'board', board, what: 'archive a column' });
      }),
  ],
  [
    'add a card',
    5,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const { columns } = readBoard(open.doc);
        const column = doing.chance.pickOr(columns);
        const cards = columns.reduce((sum, { cards: { length } }) => sum + length, 0);
        if (column === null || cards > 12) return false;
        const title = say(doing.chance);
        const id = doing.tab.change(open, (doc) => addCard(doc, doing.tab.me, column.id, title));
        return id !== null && did(doing, open, { kind: 'card', board, id, title });
      }),
  ],
  [
    'rename a card',
    4,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const id = doing.chance.pickOr(cardsOf(open.doc));
        const title = say(doing.chance);
        if (id === null || !doing.tab.change(open, (doc) => renameCard(doc, id, title))) return false;
        return did(doing, open, { kind: 'card-title', board, id, title });
      }),
  ],
  [
    'move a card',
    8,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const { columns } = readBoard(open.doc);
        const id = doing.chance.pickOr(cardsOf(open.doc));
        const column = doing.chance.pickOr(columns);
        if (id === null || column === null) return false;
        const before = doing.chance.pickOr(column.cards)?.id ?? null;
        if (!doing.tab.change(open, (doc) => moveCard(doc, id, column.id, before))) return false;
        return did(doing, open, { kind: 'board', board, what: `move card ${id}` });
      }),
  ],
  [
    'archive a card, or bring one back',
    3,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const back = doing.chance.is(0.5) ? doing.chance.pickOr(readBoard(open.doc).archivedCards) : null;
        const id = back?.id ?? doing.chance.pickOr(cardsOf(open.doc));
        if (id === null) return false;
        const done = doing.tab.change(open, (doc) => (back === null ? archiveCard(doc, id) : restoreCard(doc, id)));
        return done && did(doing, open, { kind: 'archive', board, id, on: back === null });
      }),
  ],
  [
    'assign a card, or take it back',
    4,
    (doing) =>
      onBoard(doing, 'editCards', (open, board) => {
        const id = doing.chance.pickOr(cardsOf(open.doc));
        const who = doing.chance.pickOr([...readPeople(open.doc).keys()].sort());
        if (id === null || who === null) return false;
        const on = doing.tab.change(open, (doc) => assign(doc, id, who));
        if (!on && !doing.tab.change(open, (doc) => unassign(doc, id, who))) return false;
        return did(doing, open, { kind: 'assign', board, id, who, on });
      }),
  ],
  [
    'rename the board',
    1,
    (doing) =>
      onBoard(doing, 'renameBoard', (open, board) => {
        if (!doing.tab.change(open, (doc) => setTitle(doc, say(doing.chance)))) return false;
        return did(doing, open, { kind: 'board', board, what: 'title' });
      }),
  ],
];
