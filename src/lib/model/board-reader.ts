import type * as Y from 'yjs';
import { BOARD_ROOT, parseBoardKey, parseBoardWrite, type BoardKey, type BoardWrite } from './board-fields.ts';
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

/** What the readable fields of one column say. */
type RawColumn = { title: string | null; rank: string | null; by: UserId | null; archivedAt: number | null };
/** What the readable fields of one card say, and the object that was last made of them. */
type RawCard = {
  title: string | null;
  place: readonly [ColumnId, string] | null;
  by: UserId | null;
  archivedAt: number | null;
  assignees: Set<UserId>;
  shown: Card | ArchivedCard | null;
};
type Raw = { title: string; columns: Map<ColumnId, RawColumn>; cards: Map<TaskId, RawCard> };

/** The whole board in order. Entries that are not readable are passed over; a card is never lost. */
export function readBoard(doc: Y.Doc): BoardState {
  return boardReader()(doc);
}

/**
 * A reader for a view that stays open: cards, columns and the whole are the same objects as at its
 * last reading as long as they say the same, and only what changed is read. Keep one reader per
 * document, and change nothing of what it hands out.
 */
export function boardReader(): (doc: Y.Doc) => BoardState {
  const fields = new Map<string, { at: BoardKey | null; value: unknown; sweep: number }>();
  const raw: Raw = { title: '', columns: new Map(), cards: new Map() };
  let sweep = 0;
  let last: BoardState | null = null;
  return (doc) => {
    sweep++;
    let count = 0;
    let changed = last === null;
    doc.getMap(BOARD_ROOT).forEach((value, key) => {
      count++;
      const known = fields.get(key);
      // Yjs hands out the same value until the key is written again.
      if (known !== undefined && known.value === value) {
        known.sweep = sweep;
        return;
      }
      const at = known === undefined ? parseBoardKey(key) : known.at;
      fields.set(key, { at, value, sweep });
      if (at !== null) fill(raw, at, parseBoardWrite(key, value));
      changed = true;
    });
    if (count < fields.size) {
      for (const [key, field] of fields) {
        if (field.sweep === sweep) continue;
        fields.delete(key);
        if (field.at !== null) fill(raw, field.at, null);
        changed = true;
      }
    }
    if (changed || last === null) last = share(last, assemble(raw));
    return last;
  };
}

/** Takes in what a field says now; null where it says nothing, or nothing readable. */
function fill(raw: Raw, at: BoardKey, write: BoardWrite | null): void {
  if (at.kind === 'title') {
    raw.title = write?.kind === 'title' ? write.value : '';
  } else if (at.kind === 'column') {
    fillColumn(entry(raw.columns, at.id, emptyColumn), at.field, write?.kind === 'column' ? write : null);
  } else {
    const card = entry(raw.cards, at.id, emptyCard);
    fillCard(card, at, write?.kind === 'card' ? write : null);
    card.shown = null;
  }
}

function fillColumn(
  column: RawColumn,
  field: Extract<BoardKey, { kind: 'column' }>['field'],
  write: Extract<BoardWrite, { kind: 'column' }> | null,
): void {
  if (field === 'title') column.title = write?.field === 'title' ? write.value : null;
  else if (field === 'by') column.by = write?.field === 'by' ? write.value : null;
  else if (field === 'pos') column.rank = write?.field === 'pos' ? write.value : null;
  else column.archivedAt = write?.field === 'arc' ? write.value : null;
}

function fillCard(
  card: RawCard,
  at: Extract<BoardKey, { kind: 'card' }>,
  write: Extract<BoardWrite, { kind: 'card' }> | null,
): void {
  if (at.field === 'as') {
    if (write?.field === 'as' && write.value === 1) card.assignees.add(at.who);
    else card.assignees.delete(at.who);
  } else if (at.field === 'title') card.title = write?.field === 'title' ? write.value : null;
  else if (at.field === 'by') card.by = write?.field === 'by' ? write.value : null;
  else if (at.field === 'pos') card.place = write?.field === 'pos' ? write.value : null;
  else card.archivedAt = write?.field === 'arc' ? write.value : null;
}

function assemble(raw: Raw): BoardState {
  const columns: Column[] = [];
  const archivedColumns: ArchivedColumn[] = [];
  for (const [id, { title, rank, by, archivedAt }] of raw.columns) {
    if (title === null && rank === null) continue;
    if (archivedAt !== null) archivedColumns.push({ id, title: title ?? '', archivedAt });
    else columns.push({ id, title: title ?? '', rank: rank ?? '', by, cards: [] });
  }
  columns.sort(compareRanked);
  archivedColumns.sort((a, b) => b.archivedAt - a.archivedAt || compareText(a.id, b.id));

  const live = new Map(columns.map((column) => [column.id, column]));
  const gone = new Set(archivedColumns.map((column) => column.id));
  const archivedCards: ArchivedCard[] = [];
  for (const [id, card] of raw.cards) {
    if (card.title === null && card.place === null) continue;
    const columnId = card.place?.[0] ?? '';
    const column = live.get(columnId) ?? (gone.has(columnId) ? undefined : columns[0]);
    if (card.archivedAt !== null || column === undefined) archivedCards.push(showArchived(id, card));
    else column.cards.push(showIn(column.id, id, card));
  }
  for (const column of columns) column.cards.sort(compareRanked);
  archivedCards.sort((a, b) => (b.archivedAt ?? 0) - (a.archivedAt ?? 0) || compareText(a.id, b.id));
  return { title: raw.title, columns, archivedCards, archivedColumns };
}

function showIn(column: ColumnId, id: TaskId, card: RawCard): Card {
  if (card.shown !== null && 'column' in card.shown && card.shown.column === column) return card.shown;
  const shown = { ...faceOf(id, card), column };
  card.shown = shown;
  return shown;
}

function showArchived(id: TaskId, card: RawCard): ArchivedCard {
  if (card.shown !== null && 'archivedAt' in card.shown) return card.shown;
  const shown = { ...faceOf(id, card), archivedAt: card.archivedAt };
  card.shown = shown;
  return shown;
}

function faceOf(id: TaskId, { title, place, by, assignees }: RawCard): Omit<Card, 'column'> {
  return { id, title: title ?? '', rank: place?.[1] ?? '', by, assignees: [...assignees].sort(compareText) };
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
  return { title: null, place: null, by: null, archivedAt: null, assignees: new Set(), shown: null };
}

/** The fresh state with the last one's lists and columns wherever they say the same. */
function share(last: BoardState | null, fresh: BoardState): BoardState {
  if (last === null) return fresh;
  const before = new Map(last.columns.map((column) => [column.id, column]));
  const columns = fresh.columns.map((column) => {
    const old = before.get(column.id);
    return shareColumn(old, { ...column, cards: shareList(old?.cards, column.cards) });
  });
  const state: BoardState = {
    title: fresh.title,
    columns: shareList(last.columns, columns),
    archivedCards: shareList(last.archivedCards, fresh.archivedCards),
    archivedColumns: sameArchive(last.archivedColumns, fresh.archivedColumns)
      ? last.archivedColumns
      : fresh.archivedColumns,
  };
  const same =
    state.title === last.title &&
    state.columns === last.columns &&
    state.archivedCards === last.archivedCards &&
    state.archivedColumns === last.archivedColumns;
  return same ? last : state;
}

function shareColumn(old: Column | undefined, fresh: Column): Column {
  const same =
    old?.cards === fresh.cards && old.title === fresh.title && old.rank === fresh.rank && old.by === fresh.by;
  return same && old !== undefined ? old : fresh;
}

function shareList<T>(old: T[] | undefined, fresh: T[]): T[] {
  return old?.length === fresh.length && old.every((value, i) => value === fresh[i]) ? old : fresh;
}

function sameArchive(a: readonly ArchivedColumn[], b: readonly ArchivedColumn[]): boolean {
  const says = ({ id, title, archivedAt }: ArchivedColumn): string => `${id} ${archivedAt} ${title}`;
  return (
    a.length === b.length && a.every((column, i) => says(column) === says(b[i] ?? { id: '', title: '', archivedAt: 0 }))
  );
}
