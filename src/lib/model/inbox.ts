import type * as Y from 'yjs';
import { isId, type BoardId, type RoomId } from './ids.ts';
import {
  ASKED_ROOT,
  ASK_ROOT,
  BOARDS_ROOT,
  DRAFTS_ROOT,
  NOTIFICATIONS_ROOT,
  PREFS_ROOT,
  isPref,
  parseAnswer,
  parseAsk,
  parseAskKey,
  parseEntry,
  parseInboxWrite,
  type Answer,
  type Ask,
  type AskKey,
  type Notification,
  type Quiet,
  type Wish,
} from './inbox-fields.ts';
import { readItems, type Item } from './inbox-items.ts';
import { EXCERPT, INBOX_ENTRIES, MESSAGE_TEXT, TITLE } from './limits.ts';
import { isConversation, type ConversationRef } from './names.ts';
import { cleanText, compareText, cut, isPlainObject, isText, isTitle, own } from './plain.ts';
import { isRole, type Role } from './roles.ts';

export {
  ASKED_ROOT,
  ASK_ROOT,
  BOARDS_ROOT,
  DRAFTS_ROOT,
  NOTIFICATIONS_ROOT,
  PREFS_ROOT,
  READ_ROOT,
  parseAskKey,
  parseInboxWrite,
  parseNotification,
  writerOf,
  type Answer,
  type Ask,
  type AskKey,
  type Notification,
  type Wish,
} from './inbox-fields.ts';
export type { Item, Place } from './inbox-items.ts';
export { readMarks } from './read-marks.ts';

export type InboxState = {
  /** Those one is a member of, and those asked for. */
  boards: { id: BoardId; title: string; role: Role; pending: boolean }[];
  /** Newest first. */
  notifications: Item[];
  unread: number;
  /** When the next snoozed one comes back; null for none. */
  wakesAt: number | null;
  /** Asks without an answer. */
  asks: Ask[];
  refusedAsks: (Ask & { reason: string })[];
};

/** Everything the person's home shows at this moment. */
export function readInbox(doc: Y.Doc, now: number = Date.now()): InboxState {
  const notifications = readItems(doc, now);
  const { asks, refusedAsks } = readAsks(doc);
  const wakes = notifications.flatMap(({ place }) => (place.kind === 'snoozed' ? [place.until] : []));
  return {
    boards: readBoards(doc, asks),
    notifications,
    unread: notifications.filter((one) => one.unread).length,
    wakesAt: wakes.length === 0 ? null : Math.min(...wakes),
    asks,
    refusedAsks,
  };
}

function readBoards(doc: Y.Doc, asks: readonly Ask[]): InboxState['boards'] {
  const boards: InboxState['boards'] = [];
  const mine = new Set<BoardId>();
  doc.getMap(BOARDS_ROOT).forEach((value, id) => {
    if (!isId(id) || !isPlainObject(value)) return;
    const title = own(value, 'title');
    const role = own(value, 'role');
    if (!isTitle(title, TITLE) || !isRole(role)) return;
    mine.add(id);
    boards.push({ id, title, role, pending: false });
  });
  for (const ask of asks) {
    if (ask.kind === 'board' && !mine.has(ask.id)) {
      boards.push({ id: ask.id, title: ask.title, role: 'owner', pending: true });
    }
  }
  return boards.sort((a, b) => compareText(a.title, b.title) || compareText(a.id, b.id));
}

function readAsks(doc: Y.Doc): Pick<InboxState, 'asks' | 'refusedAsks'> {
  const asks: Ask[] = [];
  const refusedAsks: InboxState['refusedAsks'] = [];
  const answers = doc.getMap(ASKED_ROOT);
  const boards = doc.getMap(BOARDS_ROOT);
  doc.getMap(ASK_ROOT).forEach((value, key) => {
    const ask = parseAsk(key, value);
    if (ask === null) return;
    const answer = answerTo(ask, answers.get(key));
    if (answer !== null && 'no' in answer) refusedAsks.push({ ...ask, reason: answer.no });
    else if (answer === null && !(ask.kind === 'board' && boards.has(ask.id))) asks.push(ask);
  });
  const byKey = (a: Ask, b: Ask): number => compareText(a.key, b.key);
  return { asks: asks.sort(byKey), refusedAsks: refusedAsks.sort(byKey) };
}

export function isWish(ask: Ask): ask is Wish {
  return ask.kind === 'wish' || ask.kind === 'person';
}

/** Of several wishes under one key, an earlier one may have been answered. */
function answerTo(ask: Ask, value: unknown): Answer | null {
  const answer = parseAnswer(value);
  if (!isWish(ask) || answer === null) return answer;
  return 'no' in answer && answer.n === ask.n ? answer : null;
}

/** Keeps what is typed but not sent; nothing but white space forgets it. Cut at a message's length. */
export function saveDraft(doc: Y.Doc, conversation: ConversationRef, text: string): void {
  if (!isConversation(conversation)) throw new RangeError('not a conversation');
  const drafts = doc.getMap(DRAFTS_ROOT);
  const kept = cut(cleanText(text), MESSAGE_TEXT);
  if (kept.trim() !== '') {
    if (drafts.get(conversation) !== kept) drafts.set(conversation, kept);
  } else if (drafts.has(conversation)) drafts.delete(conversation);
}

/** What was typed but not sent; '' for nothing. */
export function readDraft(doc: Y.Doc, conversation: ConversationRef): string {
  const text = doc.getMap(DRAFTS_ROOT).get(conversation);
  return isText(text, MESSAGE_TEXT) ? text : '';
}

/** A preference, or undefined. */
export function readPref(doc: Y.Doc, key: string): string | number | boolean | undefined {
  const value = doc.getMap(PREFS_ROOT).get(key);
  return isPref(value) ? value : undefined;
}

/** Sets a preference. Throws a RangeError for a key or a value that none has. */
export function setPref(doc: Y.Doc, key: string, value: string | number | boolean): void {
  if (parseInboxWrite(PREFS_ROOT, key, value) === null) throw new RangeError('not a preference');
  const prefs = doc.getMap(PREFS_ROOT);
  if (prefs.get(key) !== value) prefs.set(key, value);
}

/** Gives up an ask, answered or not. */
export function forgetAsk(doc: Y.Doc, key: AskKey): void {
  const asks = doc.getMap(ASK_ROOT);
  if (asks.has(key)) asks.delete(key);
}

/**
 * Adds a notification, once by id, and lets the oldest go; one that is there takes the new kind and excerpt. Server only.
 */
export function pushNotification(doc: Y.Doc, notification: Notification | Quiet): void {
  const { id, kind, conversation, board, volume, seq, slot, by, at } = notification;
  const excerpt = cut(cleanText(notification.excerpt), EXCERPT);
  const late = notification.late === 1;
  const value = { id, kind, conversation, board, volume, seq, slot, by, at, excerpt, ...(late && { late: 1 }) };
  if (parseEntry(value) === null) throw new RangeError('not a notification');
  doc.transact(() => {
    const list = doc.getArray(NOTIFICATIONS_ROOT);
    const found = findNotification(doc, id);
    if (found !== null) {
      if (found.notification.excerpt === excerpt && found.notification.kind === kind) return;
      list.delete(found.index, 1);
      list.insert(found.index, [value]);
      return;
    }
    // Not push: on a document just loaded it walks the whole list.
    list.insert(list.length, [value]);
    if (list.length > INBOX_ENTRIES) list.delete(0, list.length - INBOX_ENTRIES);
  });
}

/** Takes a notification out. False when it is not there. Server only. */
export function withdrawNotification(doc: Y.Doc, id: number): boolean {
  const found = findNotification(doc, id);
  if (found === null) return false;
  doc.getArray(NOTIFICATIONS_ROOT).delete(found.index, 1);
  return true;
}

/** Lists a board in the person's home. Server only. */
export function setBoard(doc: Y.Doc, board: { id: BoardId; title: string; role: Role }): void {
  const { id, title, role } = board;
  const map = doc.getMap(BOARDS_ROOT);
  const old = map.get(id);
  if (isPlainObject(old) && own(old, 'title') === title && own(old, 'role') === role) return;
  map.set(id, { title, role });
}

/** Strikes a board off. Server only. */
export function removeBoard(doc: Y.Doc, id: BoardId): void {
  const map = doc.getMap(BOARDS_ROOT);
  if (map.has(id)) map.delete(id);
}

/**
 * Takes out a wish that came true, with what was answered to earlier ones; otherwise says why not. Only while it still
 * stands: another device may have wished for something else meanwhile, or given it up. Server only.
 */
export function settleWish(doc: Y.Doc, { key, n }: Wish, answer: Answer): void {
  const asks = doc.getMap(ASK_ROOT);
  const wish = parseAsk(key, asks.get(key));
  if (wish === null || !isWish(wish) || wish.n !== n) return;
  if ('no' in answer) {
    answerAsk(doc, key, { ...answer, n });
    return;
  }
  asks.delete(key);
  const asked = doc.getMap(ASKED_ROOT);
  if (asked.has(key)) asked.delete(key);
}

/** Takes out what the owner wrote for a room that is gone: drafts, wishes, the ask that made it. Server only. */
export function forgetRoom(doc: Y.Doc, room: RoomId): void {
  const ref: ConversationRef = `room/${room}`;
  for (const root of [DRAFTS_ROOT, ASK_ROOT, ASKED_ROOT]) {
    const map = doc.getMap(root);
    for (const key of [...map.keys()]) if (key === ref || key.startsWith(`${ref}/`)) map.delete(key);
  }
}

/** Answers an ask. The first answer stands, of a wish the one to its last `n`. Server only. */
export function answerAsk(doc: Y.Doc, key: AskKey, answer: Answer): void {
  if (parseAskKey(key) === null || parseAnswer(answer) === null) throw new RangeError('not an answer');
  const asked = doc.getMap(ASKED_ROOT);
  const known = parseAnswer(asked.get(key));
  const n = 'n' in answer ? answer.n : undefined;
  if (known === null || (n !== undefined && (!('n' in known) || known.n !== n))) asked.set(key, answer);
}

/** Also what `n` holds for an author alone. */
function findNotification(doc: Y.Doc, id: number): { index: number; notification: Notification | Quiet } | null {
  const list = doc.getArray(NOTIFICATIONS_ROOT).toArray();
  for (let index = list.length - 1; index >= 0; index--) {
    const entry = list[index];
    // A full inbox is searched once for each of hundreds of notifications: only the one with this id is read whole.
    if (!isPlainObject(entry) || own(entry, 'id') !== id) continue;
    const notification = parseEntry(entry);
    if (notification !== null) return { index, notification };
  }
  return null;
}
