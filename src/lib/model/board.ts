import type * as Y from 'yjs';
import { newId, type BoardId, type ColumnId, type RoomId, type TaskId, type UserId } from './ids.ts';
import {
  BOARD_ROOT,
  HEADS_ROOT,
  PEOPLE_ROOT,
  ROOMS_ROOT,
  parseBoardWrite,
  parseHead,
  parsePerson,
  parseRoom,
  type BoardWrite,
  type Head,
  type Person,
  type Room,
} from './board-fields.ts';
import { CARD_TITLE, TITLE } from './limits.ts';
import type { ConversationRef } from './names.ts';
import { cleanTitle, compareText } from './plain.ts';
import { compareRanked, place, type Random } from './rank.ts';
import type { Role } from './roles.ts';

export {
  BOARD_ROOT,
  HEADS_ROOT,
  PEOPLE_ROOT,
  ROOMS_ROOT,
  isUsername,
  parseBoardKey,
  parseBoardWrite,
  type BoardKey,
  type BoardWrite,
  type Head,
  type Person,
  type Room,
} from './board-fields.ts';

export type Card = {
  id: TaskId;
  title: string;
  /** The column that shows it, also where its own is gone. */
  column: ColumnId;
  rank: string;
  by: UserId | null;
  assignees: UserId[];
};

export type ArchivedCard = Omit<Card, 'column'> & {
  /** Milliseconds by the clock of who archived it; null where its column was archived, not the card. */
  archivedAt: number | null;
};

export type Column = { id: ColumnId; title: string; rank: string; by: UserId | null; cards: Card[] };
export type ArchivedColumn = { id: ColumnId; title: string; archivedAt: number };

export type BoardState = {
  title: string;
  /** In order, each with its cards in order. */
  columns: Column[];
  /** Latest first. A card is in exactly one column or here. */
  archivedCards: ArchivedCard[];
  archivedColumns: ArchivedColumn[];
};

type RawColumn = { title: string | null; rank: string | null; by: UserId | null; archivedAt: number | null };
type RawCard = {
  title: string | null;
  place: readonly [ColumnId, string] | null;
  by: UserId | null;
  archivedAt: number | null;
  assignees: UserId[];
};

/** The whole board in order. Entries that are not readable are passed over; a card is never lost. */
export function readBoard(doc: Y.Doc): BoardState {
  return boardReader()(doc);
}

/**
 * A reader for a view that stays open: cards, columns and the whole are the same objects as at its
 * last reading as long as they say the same. Keep one reader per document.
 */
export function boardReader(): (doc: Y.Doc) => BoardState {
  let last: BoardState | null = null;
  let known = new Map<string, { value: unknown; write: BoardWrite | null }>();
  return (doc) => {
    const fields: typeof known = new Map();
    doc.getMap(BOARD_ROOT).forEach((value, key) => {
      const old = known.get(key);
      // Yjs hands out the same value until the key is written again.
      fields.set(key, old !== undefined && old.value === value ? old : { value, write: parseBoardWrite(key, value) });
    });
    known = fields;
    last = shareBoard(last, assemble([...fields.values()].map((field) => field.write)));
    return last;
  };
}

function assemble(writes: readonly (BoardWrite | null)[]): BoardState {
  let title = '';
  const rawColumns = new Map<ColumnId, RawColumn>();
  const rawCards = new Map<TaskId, RawCard>();
  for (const write of writes) {
    if (write === null) continue;
    if (write.kind === 'title') title = write.value ?? '';
    else if (write.kind === 'column') fillColumn(entry(rawColumns, write.id, emptyColumn), write);
    else fillCard(entry(rawCards, write.id, emptyCard), write);
  }

  const columns: Column[] = [];
  const archivedColumns: ArchivedColumn[] = [];
  for (const [id, raw] of rawColumns) {
    if (raw.title === null && raw.rank === null) continue;
    if (raw.archivedAt !== null) archivedColumns.push({ id, title: raw.title ?? '', archivedAt: raw.archivedAt });
    else columns.push({ id, title: raw.title ?? '', rank: raw.rank ?? '', by: raw.by, cards: [] });
  }
  columns.sort(compareRanked);
  archivedColumns.sort((a, b) => b.archivedAt - a.archivedAt || compareText(a.id, b.id));

  const byId = new Map(columns.map((column) => [column.id, column]));
  const gone = new Set(archivedColumns.map((column) => column.id));
  const archivedCards: ArchivedCard[] = [];
  for (const [id, raw] of rawCards) {
    if (raw.title === null && raw.place === null) continue;
    const [columnId, rank] = raw.place ?? ['', ''];
    const card = { id, title: raw.title ?? '', rank, by: raw.by, assignees: raw.assignees.sort(compareText) };
    const column = byId.get(columnId) ?? (gone.has(columnId) ? undefined : columns[0]);
    if (raw.archivedAt !== null || column === undefined) archivedCards.push({ ...card, archivedAt: raw.archivedAt });
    else column.cards.push({ ...card, column: column.id });
  }
  for (const column of columns) column.cards.sort(compareRanked);
  archivedCards.sort((a, b) => (b.archivedAt ?? 0) - (a.archivedAt ?? 0) || compareText(a.id, b.id));
  return { title, columns, archivedCards, archivedColumns };
}

function entry<T>(map: Map<string, T>, id: string, make: () => T): T {
  let found = map.get(id);
  if (found === undefined) map.set(id, (found = make()));
  return found;
}

function emptyColumn(): RawColumn {
  return { title: null, rank: null, by: null, archivedAt: null };
}

function emptyCard(): RawCard {
  return { title: null, place: null, by: null, archivedAt: null, assignees: [] };
}

function fillColumn(column: RawColumn, write: Extract<BoardWrite, { kind: 'column' }>): void {
  switch (write.field) {
    case 'title':
    case 'by':
      column[write.field] = write.value;
      break;
    case 'pos':
      column.rank = write.value;
      break;
    case 'arc':
      column.archivedAt = write.value;
      break;
  }
}

function fillCard(card: RawCard, write: Extract<BoardWrite, { kind: 'card' }>): void {
  switch (write.field) {
    case 'title':
    case 'by':
      card[write.field] = write.value;
      break;
    case 'pos':
      card.place = write.value;
      break;
    case 'arc':
      card.archivedAt = write.value;
      break;
    case 'as':
      card.assignees.push(write.who);
      break;
  }
}

function shareBoard(last: BoardState | null, fresh: BoardState): BoardState {
  if (last === null) return fresh;
  const cards = new Map(last.columns.flatMap((column) => column.cards).map((card) => [card.id, card]));
  const columns = new Map(last.columns.map((column) => [column.id, column]));
  const archived = new Map(last.archivedCards.map((card) => [card.id, card]));
  const shared: BoardState = {
    title: fresh.title,
    columns: shareList(
      last.columns,
      fresh.columns.map((column) => {
        const old = columns.get(column.id);
        const own = column.cards.map((card) => shareOne(cards.get(card.id), card));
        return shareOne(old, { ...column, cards: shareList(old?.cards, own) });
      }),
    ),
    archivedCards: shareList(
      last.archivedCards,
      fresh.archivedCards.map((card) => shareOne(archived.get(card.id), card)),
    ),
    archivedColumns: shareList(
      last.archivedColumns,
      fresh.archivedColumns.map((column, i) => shareOne(last.archivedColumns[i], column)),
    ),
  };
  return shareOne(last, shared);
}

/** The old object where every field is the same or, for lists of ids, says the same. */
function shareOne<T extends object>(old: T | undefined, fresh: T): T {
  if (old === undefined) return fresh;
  const before = Object.entries(old);
  const after = new Map<string, unknown>(Object.entries(fresh));
  const same = before.length === after.size && before.every(([key, value]) => sameValue(value, after.get(key)));
  return same ? old : fresh;
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, i) => value === b[i]);
}

function shareList<T>(old: T[] | undefined, fresh: T[]): T[] {
  return old !== undefined && sameValue(old, fresh) ? old : fresh;
}

/** The members, by id. */
export function readPeople(doc: Y.Doc): Map<UserId, Person> {
  const people = new Map<UserId, Person>();
  doc.getMap(PEOPLE_ROOT).forEach((value, key) => {
    const person = parsePerson(key, value);
    if (person !== null) people.set(key, person);
  });
  return people;
}

/** The rooms, oldest first. */
export function readRooms(doc: Y.Doc): Room[] {
  const rooms: Room[] = [];
  doc.getMap(ROOMS_ROOT).forEach((value, key) => {
    const room = parseRoom(key, value);
    if (room !== null) rooms.push(room);
  });
  return rooms.sort((a, b) => a.at - b.at || compareText(a.id, b.id));
}

/** How far each conversation of the board has come. */
export function readHeads(doc: Y.Doc): Map<ConversationRef, Head> {
  const heads = new Map<ConversationRef, Head>();
  doc.getMap(HEADS_ROOT).forEach((value, key) => {
    const parsed = parseHead(key, value);
    if (parsed !== null) heads.set(parsed.conversation, parsed.head);
  });
  return heads;
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
    const { columns } = readBoard(doc);
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
export function moveColumn(doc: Y.Doc, id: ColumnId, after: ColumnId | null, random?: Random): boolean {
  return doc.transact(() => {
    const { columns } = readBoard(doc);
    if (id === after || !columns.some((column) => column.id === id)) return false;
    const others = columns.filter((column) => column.id !== id);
    const index = after === null ? 0 : others.findIndex((column) => column.id === after) + 1;
    if (after !== null && index === 0) return false;
    placeColumn(doc, id, others, index, random);
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
    const column = readBoard(doc).columns.find((one) => one.id === columnId);
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
export function moveCard(doc: Y.Doc, id: TaskId, columnId: ColumnId, before: TaskId | null, random?: Random): boolean {
  if (before === id || !hasCard(doc, id)) return false;
  return doc.transact(() => {
    const column = readBoard(doc).columns.find((one) => one.id === columnId);
    if (column === undefined) return false;
    const others = column.cards.filter((card) => card.id !== id);
    const found = before === null ? -1 : others.findIndex((card) => card.id === before);
    placeCard(doc, id, column, others, found === -1 ? others.length : found, random);
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
    const { archivedCards, columns } = readBoard(doc);
    const [first] = columns;
    if (first === undefined || !archivedCards.some((card) => card.id === id)) return false;
    takeBack(doc, `card/${id}/arc`);
    if (readBoard(doc).archivedCards.some((card) => card.id === id)) {
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

/** Lists someone as a member. Server only. */
export function setPerson(doc: Y.Doc, person: Person): void {
  const { id, username, name, role } = person;
  const map = doc.getMap(PEOPLE_ROOT);
  const old = parsePerson(id, map.get(id));
  if (old?.username === username && old.name === name && old.role === role) return;
  map.set(id, { username, name, role } satisfies { username: string; name: string; role: Role });
}

/** Strikes a member off. Server only. */
export function removePerson(doc: Y.Doc, id: UserId): void {
  const map = doc.getMap(PEOPLE_ROOT);
  if (map.has(id)) map.delete(id);
}

/** Lists a room. Server only. */
export function setRoom(doc: Y.Doc, room: Room): void {
  const { id, name, by, at } = room;
  const map = doc.getMap(ROOMS_ROOT);
  const old = parseRoom(id, map.get(id));
  if (old?.name === name && old.by === by && old.at === at) return;
  map.set(id, { name, by, at });
}

/** Strikes a room off. Server only. */
export function removeRoom(doc: Y.Doc, id: RoomId): void {
  const map = doc.getMap(ROOMS_ROOT);
  if (map.has(id)) map.delete(id);
}

/** Says how far a conversation has come. Nothing is written that says nothing new. Server only. */
export function setHead(doc: Y.Doc, conversation: ConversationRef, head: Head): void {
  const map = doc.getMap(HEADS_ROOT);
  const old = parseHead(conversation, map.get(conversation))?.head;
  if (old?.volume !== head.volume || old.seq !== head.seq) map.set(conversation, [head.volume, head.seq]);
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

function placeColumn(doc: Y.Doc, id: ColumnId, others: readonly Column[], index: number, random?: Random): void {
  const { rank, moved } = place(
    others.map((column) => column.rank),
    index,
    random,
  );
  put(doc, `col/${id}/pos`, rank);
  for (const [i, fresh] of moved) put(doc, `col/${others[i]?.id}/pos`, fresh);
}

function placeCard(
  doc: Y.Doc,
  id: TaskId,
  column: Column,
  others: readonly Card[],
  index: number,
  random?: Random,
): void {
  const { rank, moved } = place(
    others.map((card) => card.rank),
    index,
    random,
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
