import { isId, type ColumnId, type TaskId, type UserId } from './ids.ts';
import { CARD_TITLE, TITLE } from './limits.ts';
import { isCount, isPlainArray, isTitle } from './plain.ts';
import { isRank, type Rank } from './rank.ts';

/** The root of a board that its members write. */
export const BOARD_ROOT = 'b';

/** A place of a card is one value, so that a card is never in two columns or in none. */
export type CardPlace = readonly [column: ColumnId, rank: Rank];

/** One field of a board with its value; null takes back what may be taken back. */
export type BoardWrite =
  | { kind: 'title'; value: string }
  | { kind: 'column'; id: ColumnId; field: 'title' | 'by'; value: string }
  | { kind: 'column'; id: ColumnId; field: 'pos'; value: Rank }
  | { kind: 'column'; id: ColumnId; field: 'arc'; value: number | null }
  | { kind: 'card'; id: TaskId; field: 'title' | 'by'; value: string }
  | { kind: 'card'; id: TaskId; field: 'pos'; value: CardPlace }
  | { kind: 'card'; id: TaskId; field: 'arc'; value: number | null }
  | { kind: 'card'; id: TaskId; field: 'as'; who: UserId; value: 1 | null };

export type BoardKey =
  | { kind: 'title' }
  | { kind: 'column'; id: ColumnId; field: 'title' | 'pos' | 'by' | 'arc' }
  | { kind: 'card'; id: TaskId; field: 'title' | 'pos' | 'by' | 'arc' }
  | { kind: 'card'; id: TaskId; field: 'as'; who: UserId };

/** Reads a key of `b`; null for anything else. */
export function parseBoardKey(key: string): BoardKey | null {
  if (key === 'title') return { kind: 'title' };
  const parts = key.split('/');
  const [root, id, field, who] = parts;
  if (!isId(id)) return null;
  if (root === 'card' && field === 'as') {
    return parts.length === 4 && isId(who) ? { kind: 'card', id, field, who } : null;
  }
  if (parts.length !== 3 || (field !== 'title' && field !== 'pos' && field !== 'by' && field !== 'arc')) return null;
  if (root === 'col') return { kind: 'column', id, field };
  if (root === 'card') return { kind: 'card', id, field };
  return null;
}

/**
 * Reads a write into `b`: null unless key and value are exactly right. `undefined` is the deletion of
 * the key, which only `arc` and `as/…` take.
 */
export function parseBoardWrite(key: string, value: unknown): BoardWrite | null {
  const at = parseBoardKey(key);
  if (at === null) return null;
  if (at.kind === 'title') return isTitle(value, TITLE) ? { kind: 'title', value } : null;
  if (value === undefined) {
    if (at.field === 'as') return { ...at, value: null };
    return at.field === 'arc' ? { ...at, field: 'arc', value: null } : null;
  }
  switch (at.field) {
    case 'title':
      return isTitle(value, at.kind === 'card' ? CARD_TITLE : TITLE) ? { ...at, field: 'title', value } : null;
    case 'by':
      return isId(value) ? { ...at, field: 'by', value } : null;
    case 'arc':
      return isCount(value) && value > 0 ? { ...at, field: 'arc', value } : null;
    case 'as':
      return value === 1 ? { ...at, value } : null;
    case 'pos': {
      if (at.kind === 'column') return isRank(value) ? { ...at, field: 'pos', value } : null;
      const place = parsePlace(value);
      return place === null ? null : { ...at, field: 'pos', value: place };
    }
  }
}

function parsePlace(value: unknown): CardPlace | null {
  if (!isPlainArray(value) || value.length !== 2) return null;
  const [column, rank] = value;
  return isId(column) && isRank(rank) ? [column, rank] : null;
}
