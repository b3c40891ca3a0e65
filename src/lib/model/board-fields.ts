import { isId, type ColumnId, type TaskId, type UserId } from './ids.ts';
import { CARD_TITLE, PERSON_NAME, TITLE } from './limits.ts';
import { isConversation, isVolume, type ConversationRef } from './names.ts';
import { isCount, isPlainArray, isPlainObject, isTitle, own } from './plain.ts';
import { isRank, type Rank } from './rank.ts';
import { isRole, type Role } from './roles.ts';

/** Roots of a board. All but `b` are the server's alone. */
export const BOARD_ROOT = 'b';
export const PEOPLE_ROOT = 'people';
export const ROOMS_ROOT = 'rooms';
export const HEADS_ROOT = 'heads';

/** A place of a card is one value, so that a card is never in two columns or in none. */
export type CardPlace = readonly [column: ColumnId, rank: Rank];

/** One field of a board with its value; `value: null` takes the field back. */
export type BoardWrite =
  | { kind: 'title'; value: string | null }
  | { kind: 'column'; id: ColumnId; field: 'title' | 'by'; value: string | null }
  | { kind: 'column'; id: ColumnId; field: 'pos'; value: Rank | null }
  | { kind: 'column'; id: ColumnId; field: 'arc'; value: number | null }
  | { kind: 'card'; id: TaskId; field: 'title' | 'by'; value: string | null }
  | { kind: 'card'; id: TaskId; field: 'pos'; value: CardPlace | null }
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

/** Fields that may be taken back: what they say is a choice, not the thing itself. */
function mayBeTakenBack(key: BoardKey): boolean {
  return key.kind !== 'title' && (key.field === 'arc' || key.field === 'as');
}

/**
 * Reads a write into `b`: null unless key and value are exactly right. `undefined` is the deletion of
 * the key, which only `arc` and `as/…` take.
 */
export function parseBoardWrite(key: string, value: unknown): BoardWrite | null {
  const at = parseBoardKey(key);
  if (at === null) return null;
  if (value === undefined) return mayBeTakenBack(at) ? ({ ...at, value: null } as BoardWrite) : null;
  if (at.kind === 'title') return isTitle(value, TITLE) ? { kind: 'title', value } : null;
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

/** A member, as the board's document names them: enough to complete and show mentions offline. */
export type Person = { id: UserId; username: string; name: string; role: Role };

const USERNAME = /^[a-z0-9._-]{2,32}$/;

/** True for `[a-z0-9._-]{2,32}`. Which names are reserved is for `mentions.ts` to say. */
export function isUsername(value: unknown): value is string {
  return typeof value === 'string' && USERNAME.test(value);
}

export function parsePerson(id: string, value: unknown): Person | null {
  if (!isId(id) || !isPlainObject(value)) return null;
  const username = own(value, 'username');
  const name = own(value, 'name');
  const role = own(value, 'role');
  return isUsername(username) && isTitle(name, PERSON_NAME) && isRole(role) ? { id, username, name, role } : null;
}

/** A room, as the board's document lists it. */
export type Room = { id: string; name: string; by: UserId; at: number };

export function parseRoom(id: string, value: unknown): Room | null {
  if (!isId(id) || !isPlainObject(value)) return null;
  const name = own(value, 'name');
  const by = own(value, 'by');
  const at = own(value, 'at');
  return isTitle(name, TITLE) && isId(by) && isCount(at) ? { id, name, by, at } : null;
}

/** How far a conversation has come: its last volume, and the number of its last message. */
export type Head = { volume: number; seq: number };

export function parseHead(key: string, value: unknown): { conversation: ConversationRef; head: Head } | null {
  if (!isConversation(key) || !isPlainArray(value) || value.length !== 2) return null;
  const [volume, seq] = value;
  return isVolume(volume) && isCount(seq) ? { conversation: key, head: { volume, seq } } : null;
}
