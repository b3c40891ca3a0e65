import { isId, type BoardId, type RoomId, type UserId } from './ids.ts';
import { EXCERPT, MESSAGE_TEXT, PREF_TEXT, TITLE, LAST_MOMENT } from './limits.ts';
import { isSlot, type Slot } from './message-slots.ts';
import { isConversation, isVolume, type ConversationRef } from './names.ts';
import { hasOnly, isCount, isPlainArray, isPlainObject, isText, isTitle, own } from './plain.ts';
import { parsePersonWish, parsePersonWishKey, type PersonWish } from './people-wishes.ts';
import { parseRoomWish, parseRoomWishKey, type RoomWish } from './room-wishes.ts';

/** Roots of a person's home document that only the server writes. */
export const NOTIFICATIONS_ROOT = 'n';
export const BOARDS_ROOT = 'boards';
export const ASKED_ROOT = 'asked';
/** Roots that only their owner writes. */
export const READ_ROOT = 'read';
export const DRAFTS_ROOT = 'drafts';
export const PREFS_ROOT = 'prefs';
export const ASK_ROOT = 'ask';

/**
 * Why someone is told of a message, the strongest reason first: their name stands in it, it answers theirs, it calls a
 * group that they are in, or they want to hear of everything there.
 */
export const NOTIFICATION_KINDS = ['mention', 'reply', 'group', 'message'] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export type Notification = {
  id: number;
  kind: NotificationKind;
  conversation: ConversationRef;
  board: BoardId;
  volume: number;
  seq: number;
  slot: Slot;
  by: UserId;
  /** Milliseconds. */
  at: number;
  excerpt: string;
  /** An edit told them: the message may have been read before it said so. */
  late?: 1;
};

/** What stands in `n` for the author of a message: the groups that it calls were not told, because they called too many. */
export type Quiet = Omit<Notification, 'kind'> & { kind: 'quiet' };

/** A change of a room that is there, or of who is in it. */
export type Wish = RoomWish | PersonWish;

/** Something wished for, perhaps offline: the client chose the id, the server creates it or says why not. */
export type Ask =
  | Wish
  | { kind: 'board'; key: AskKey; id: BoardId; title: string }
  | { kind: 'room'; key: AskKey; id: RoomId; board: BoardId; name: string; private: boolean };
export type AskKey = `board/${string}` | `room/${string}`;
/** `n`: the wish that it answers, where there may be several under one key. */
export type Answer = { ok: 1 } | { no: string; n?: string };

/** One write of the owner; `value: null` takes it back. */
export type InboxWrite =
  | { root: 'read'; key: string; value: number | Record<string, Mark> | null }
  | { root: 'drafts'; conversation: ConversationRef; value: string | null }
  | { root: 'prefs'; key: string; value: string | number | boolean | null }
  | { root: 'ask'; key: AskKey; ask: Ask | null };

const PREF = /^[a-z][a-zA-Z0-9.-]{0,31}$/;
export const SINGLE = /^n\/[1-9][0-9]{0,15}$/;
const REASON = /^[a-z-]{1,40}$/;
export const ALL = 'all';

/**
 * What an owner's mark is of. A conversation, or all notifications: read up to there. One notification: `n/…` it is read,
 * `r/…` whether it is, `p/…` where it is kept.
 */
export type Marked = ConversationRef | typeof ALL | `${'n' | 'r' | 'p'}/${number}`;
/** One of several that may differ between devices: of two acts the later holds, which is the one with the larger `nth`. */
export type Act = readonly [nth: number, value: number];
/** How far, or what was done last. */
export type Mark = number | Act;
/** The place of what is done with: snoozed for ever. */
export const DONE = Number.MAX_SAFE_INTEGER;
/**
 * Marks under one key. Each new one writes the others of that key again; but every key ever used stays in the document, so
 * one for each opening has to do.
 */
export const MARKS = 100;
const WRITER = /^w\/([1-9a-z][0-9a-z]{0,10})\/(?:0|[1-9][0-9]{0,3})$/;
/** A mark of one notification. */
export const OF_ONE = /^[nrp]\/[1-9][0-9]{0,15}$/;

/** The key of a clientID's nth entry of marks. */
export function writerKey(clientId: number, n: number): string {
  return `w/${clientId.toString(36)}/${n}`;
}

/** The clientID whose key of marks this is; null for any other key. */
export function writerOf(key: string): number | null {
  const digits = WRITER.exec(key)?.[1];
  if (digits === undefined) return null;
  const id = parseInt(digits, 36);
  return Number.isSafeInteger(id) ? id : null;
}

/** Whether such a mark may be. */
export function isMark(what: string, mark: unknown): mark is Mark {
  if (what === ALL || isConversation(what)) return isCount(mark);
  if (!OF_ONE.test(what)) return false;
  if (what.startsWith('n/')) return mark === 1;
  if (!isPlainArray(mark) || mark.length !== 2) return false;
  const [nth, value] = mark;
  if (!isCount(nth) || nth === 0 || !isCount(value)) return false;
  return what.startsWith('r/') ? value <= 1 : value <= LAST_MOMENT || value === DONE;
}

/** Reads an entry of marks; null for what is none. */
export function parseMarks(key: string, value: unknown): [Marked, Mark][] | null {
  if (writerOf(key) === null || !isPlainObject(value)) return null;
  const marks: [Marked, Mark][] = [];
  for (const what of Object.keys(value)) {
    const mark = own(value, what);
    if (!isMark(what, mark)) return null;
    marks.push([what as Marked, mark]);
  }
  return marks.length > 0 && marks.length <= MARKS ? marks : null;
}

/** Reads a write of the owner: null unless root, key and value are exactly right. `undefined` deletes the key. */
export function parseInboxWrite(root: string, key: string, value: unknown): InboxWrite | null {
  switch (root) {
    case READ_ROOT:
      return parseRead(key, value);
    case DRAFTS_ROOT:
      if (!isConversation(key)) return null;
      if (value === undefined) return { root, conversation: key, value: null };
      return isText(value, MESSAGE_TEXT) && value !== '' ? { root, conversation: key, value } : null;
    case PREFS_ROOT:
      if (!PREF.test(key)) return null;
      if (value === undefined) return { root, key, value: null };
      return isPref(value) ? { root, key, value } : null;
    case ASK_ROOT: {
      const at = parseAskKey(key);
      if (at === null) return null;
      if (value === undefined) return { root, key: at.key, ask: null };
      const ask = parseAsk(key, value);
      return ask === null ? null : { root, key: ask.key, ask };
    }
    default:
      return null;
  }
}

function parseRead(key: string, value: unknown): InboxWrite | null {
  const single = SINGLE.test(key);
  const writer = writerOf(key) !== null;
  if (!single && !writer && key !== ALL && !isConversation(key)) return null;
  if (value === undefined) return { root: READ_ROOT, key, value: null };
  if (writer) {
    const marks = parseMarks(key, value);
    return marks === null ? null : { root: READ_ROOT, key, value: Object.fromEntries(marks) };
  }
  if (!isCount(value) || (single && value !== 1)) return null;
  return { root: READ_ROOT, key, value };
}

export function isPref(value: unknown): value is string | number | boolean {
  return (
    typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) || isText(value, PREF_TEXT)
  );
}

/** Reads the key of an ask; null for anything else. */
export function parseAskKey(key: string): { key: AskKey; kind: Ask['kind']; id: string } | null {
  const parts = key.split('/');
  const [kind, id] = parts;
  if (parts.length === 3) return parseRoomWishKey(key);
  if (parts.length === 4) return parsePersonWishKey(key);
  if (parts.length !== 2 || !isId(id)) return null;
  return kind === 'board' || kind === 'room' ? { key: `${kind}/${id}`, kind, id } : null;
}

export function parseAsk(key: string, value: unknown): Ask | null {
  const at = parseAskKey(key);
  if (at === null || !isPlainObject(value)) return null;
  if (at.kind === 'wish') return parseRoomWish(key, value);
  if (at.kind === 'person') return parsePersonWish(key, value);
  if (at.kind === 'board') {
    const title = own(value, 'title');
    return hasOnly(value, ['title']) && isTitle(title, TITLE) ? { kind: 'board', key: at.key, id: at.id, title } : null;
  }
  const board = own(value, 'board');
  const name = own(value, 'name');
  const hidden = own(value, 'private');
  if (!hasOnly(value, ['board', 'name', 'private']) || !isId(board) || !isTitle(name, TITLE)) return null;
  if (hidden !== undefined && hidden !== 1) return null;
  return { kind: 'room', key: at.key, id: at.id, board, name, private: hidden === 1 };
}

export function parseAnswer(value: unknown): Answer | null {
  if (!isPlainObject(value)) return null;
  if (own(value, 'ok') === 1) return { ok: 1 };
  const no = own(value, 'no');
  if (typeof no !== 'string' || !REASON.test(no)) return null;
  const n = own(value, 'n');
  return isId(n) ? { no, n } : { no };
}

/** Reads a notification in `n`; null for what is none, or of a kind that this version does not know. */
export function parseNotification(value: unknown): Notification | null {
  const entry = parseEntry(value);
  return entry === null || entry.kind === 'quiet' ? null : { ...entry, kind: entry.kind };
}

/** Reads any entry of `n`. */
export function parseEntry(value: unknown): Notification | Quiet | null {
  if (!isPlainObject(value)) return null;
  const given = own(value, 'kind');
  const kind = given === 'quiet' ? given : NOTIFICATION_KINDS.find((one) => one === given);
  if (kind === undefined) return null;
  const { id, conversation, board, volume, seq, slot, by, at, excerpt } = Object.fromEntries(
    NOTIFICATION_FIELDS.map((field) => [field, own(value, field)]),
  ) as Record<(typeof NOTIFICATION_FIELDS)[number], unknown>;
  if (!isCount(id) || !isConversation(conversation) || !isId(board) || !isVolume(volume) || !isCount(seq)) return null;
  if (!isSlot(slot) || !isId(by) || !isCount(at) || !isText(excerpt, EXCERPT)) return null;
  const late = own(value, 'late') === 1;
  return { id, kind, conversation, board, volume, seq, slot, by, at, excerpt, ...(late && { late: 1 }) };
}

const NOTIFICATION_FIELDS = ['id', 'conversation', 'board', 'volume', 'seq', 'slot', 'by', 'at', 'excerpt'] as const;
