import type * as Y from 'yjs';
import { BOARD_ROOT, parseBoardWrite } from './board-fields.ts';
import { boardReader, type BoardState, type Card, type Column } from './board-reader.ts';
import { newId, type ColumnId, type TaskId, type UserId } from './ids.ts';
import { CARD_TITLE, TITLE } from './limits.ts';
import { cleanTitle } from './plain.ts';
import { place } from './rank.ts';

export {
  HEADS_ROOT,
  PEOPLE_ROOT,
  ROOMS_ROOT,
  readHeads,
  readPeople,
  readRooms,
  removePerson,
  removeRoom,
  setHead,
  setPerson,
  setRoom,
  type Head,
  type Person,
  type Room,
} from './board-directory.ts';
export { BOARD_ROOT, parseBoardKey, parseBoardWrite } from './board-fields.ts';
export { boardReader, readBoard, type ArchivedCard, type BoardState, type Card, type Column } from './board-reader.ts';

const readers = new WeakMap<Y.Doc, (doc: Y.Doc) => BoardState>();

/** The board as mutators see it: read through one reader per document, because a move needs to know the ranks around it. */
function stateOf(doc: Y.Doc): BoardState {
  let read = readers.get(doc);
  if (read === undefined) readers.set(doc, (read = boardReader()));
  return read(doc);
}

/** Names the board. False when that says nothing or nothing new. */
export function setTitle(doc: Y.Doc, title: string): boolean {
  return writeTitle(doc, 'title', title, TITLE);
}

/** Adds a column at the end and returns its id; null when the title says nothing. */
export function addColumn(doc: Y.Doc, me: UserId, title: string, id: ColumnId = newId()): ColumnId | null {
  const cleaned = cleanTitle(title, TITLE);
  if (cleaned === '') return null;
  doc.transact(() => {
    const { columns } = stateOf(doc);
    put(doc, `col/${id}/title`, cleaned);
    put(doc, `col/${id}/by`, me);
    placeColumn(doc, id, columns, columns.length);
  });
  return id;
}

/** False when there is no such column, or the title says nothing or nothing new. */
export function renameColumn(doc: Y.Doc, id: ColumnId, title: string): boolean {
  return hasColumn(doc, id) && writeTitle(doc, `col/${id}/title`, title, TITLE);
}

/** Moves a column behind another one, or to the front for null. False when one of them is not there. */
export function moveColumn(doc: Y.Doc, id: ColumnId, after: ColumnId | null): boolean {
  return doc.transact(() => {
    const { columns } = stateOf(doc);
    if (id === after || !columns.some((column) => column.id === id)) return false;
    const others = columns.filter((column) => column.id !== id);
    const index = after === null ? 0 : others.findIndex((column) => column.id === after) + 1;
    if (after !== null && index === 0) return false;
    placeColumn(doc, id, others, index);
    return true;
  });
}

/** Puts a column, and with it its cards, into the archive. */
export function archiveColumn(doc: Y.Doc, id: ColumnId, now: number = Date.now()): boolean {
  if (!hasColumn(doc, id)) return false;
  put(doc, `col/${id}/arc`, now);
  return true;
}

/** Brings a column and its cards back. */
export function restoreColumn(doc: Y.Doc, id: ColumnId): boolean {
  return takeBack(doc, `col/${id}/arc`);
}

/** Adds a card at the end of a column and returns its id; null when the column is not there or the title says nothing. */
export function addCard(
  doc: Y.Doc,
  me: UserId,
  columnId: ColumnId,
  title: string,
  id: TaskId = newId(),
): TaskId | null {
  const cleaned = cleanTitle(title, CARD_TITLE);
  if (cleaned === '') return null;
  return doc.transact(() => {
    const column = stateOf(doc).columns.find((one) => one.id === columnId);
    if (column === undefined) return null;
    put(doc, `card/${id}/title`, cleaned);
    put(doc, `card/${id}/by`, me);
    placeCard(doc, id, column, column.cards, column.cards.length);
    return id;
  });
}

/** False when there is no such card, or the title says nothing or nothing new. */
export function renameCard(doc: Y.Doc, id: TaskId, title: string): boolean {
  return hasCard(doc, id) && writeTitle(doc, `card/${id}/title`, title, CARD_TITLE);
}

/**
 * Moves a card into a column before another card, or to its end for null (or when that card is no
 * longer there). False when card or column is not there.
 */
export function moveCard(doc: Y.Doc, id: TaskId, columnId: ColumnId, before: TaskId | null): boolean {
  if (before === id || !hasCard(doc, id)) return false;
  return doc.transact(() => {
    const column = stateOf(doc).columns.find((one) => one.id === columnId);
    if (column === undefined) return false;
    const others = column.cards.filter((card) => card.id !== id);
    const found = before === null ? -1 : others.findIndex((card) => card.id === before);
    placeCard(doc, id, column, others, found === -1 ? others.length : found);
    return true;
  });
}

/** Puts a card into the archive. False when there is none. */
export function archiveCard(doc: Y.Doc, id: TaskId, now: number = Date.now()): boolean {
  if (!hasCard(doc, id)) return false;
  put(doc, `card/${id}/arc`, now);
  return true;
}

/**
 * Brings a card back: into its column, or to the end of the first one when that is gone. False when
 * it is not in the archive, or the board has no column.
 */
export function restoreCard(doc: Y.Doc, id: TaskId): boolean {
  return doc.transact(() => {
    const { archivedCards, columns } = stateOf(doc);
    const [first] = columns;
    if (first === undefined || !archivedCards.some((card) => card.id === id)) return false;
    takeBack(doc, `card/${id}/arc`);
    if (stateOf(doc).archivedCards.some((card) => card.id === id)) {
      placeCard(doc, id, first, first.cards, first.cards.length);
    }
    return true;
  });
}

/** False when there is no such card, or the person has it already. */
export function assign(doc: Y.Doc, id: TaskId, who: UserId): boolean {
  const key = `card/${id}/as/${who}`;
  if (!hasCard(doc, id) || doc.getMap(BOARD_ROOT).get(key) === 1) return false;
  put(doc, key, 1);
  return true;
}

/** False when the person has not got the card. */
export function unassign(doc: Y.Doc, id: TaskId, who: UserId): boolean {
  return takeBack(doc, `card/${id}/as/${who}`);
}

function hasColumn(doc: Y.Doc, id: ColumnId): boolean {
  return has(doc, `col/${id}/title`) || has(doc, `col/${id}/pos`);
}

function hasCard(doc: Y.Doc, id: TaskId): boolean {
  return has(doc, `card/${id}/title`) || has(doc, `card/${id}/pos`);
}

function has(doc: Y.Doc, key: string): boolean {
  const value = doc.getMap(BOARD_ROOT).get(key);
  return value !== undefined && parseBoardWrite(key, value) !== null;
}

function placeColumn(doc: Y.Doc, id: ColumnId, others: readonly Column[], index: number): void {
  const { rank, moved } = place(
    others.map((column) => column.rank),
    index,
  );
  put(doc, `col/${id}/pos`, rank);
  for (const [i, fresh] of moved) put(doc, `col/${others[i]?.id}/pos`, fresh);
}

function placeCard(doc: Y.Doc, id: TaskId, column: Column, others: readonly Card[], index: number): void {
  const { rank, moved } = place(
    others.map((card) => card.rank),
    index,
  );
  put(doc, `card/${id}/pos`, [column.id, rank]);
  for (const [i, fresh] of moved) put(doc, `card/${others[i]?.id}/pos`, [column.id, fresh]);
}

function writeTitle(doc: Y.Doc, key: string, title: string, limit: number): boolean {
  const cleaned = cleanTitle(title, limit);
  if (cleaned === '' || doc.getMap(BOARD_ROOT).get(key) === cleaned) return false;
  put(doc, key, cleaned);
  return true;
}

function takeBack(doc: Y.Doc, key: string): boolean {
  const map = doc.getMap(BOARD_ROOT);
  if (!map.has(key)) return false;
  map.delete(key);
  return true;
}

/** The one way into `b`: what the gate would refuse is not written. */
function put(doc: Y.Doc, key: string, value: string | number | [ColumnId, string]): void {
  if (parseBoardWrite(key, value) === null) throw new RangeError('not a field of a board');
  doc.getMap(BOARD_ROOT).set(key, value);
}
