import type * as Y from 'yjs';
import { BOARD_ROOT, parseBoardWrite, type BoardWrite } from './board-fields.ts';
import type { ColumnId, TaskId, UserId } from './ids.ts';
import { compareText } from './plain.ts';
import { compareRanked } from './rank.ts';

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
    if (write.kind === 'title') title = write.value;
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
      if (write.value !== null) card.assignees.push(write.who);
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
