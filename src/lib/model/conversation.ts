import type * as Y from 'yjs';
import { HINTS } from './hints.ts';
import { newId, type MessageId, type UserId } from './ids.ts';
import {
  LOG_ROOT,
  MESSAGES_ROOT,
  META_ROOT,
  MODERATION_ROOT,
  isSlot,
  messageKey,
  parseBody,
  parseLogEntry,
  parseModeration,
  parseReactions,
  reactionKey,
  slotOf,
  type Body,
  type Slot,
} from './message-slots.ts';
import { cleanText } from './plain.ts';

export {
  CONVERSATION_ROOTS,
  MESSAGES_ROOT,
  MODERATION_ROOT,
  isEmoji,
  parseBody,
  parseKey,
  parseLogEntry,
  parseModeration,
  parseReactions,
  parseSlot,
  type Body,
  type Slot,
} from './message-slots.ts';
export { movedTo, readMessage, readVolume, volumeReader, type Message, type Volume } from './volume-reader.ts';

/** The words of a message, as a composer hands them over. */
export type Draft = { text: string; replyTo?: Slot | null; attachments?: readonly string[] };

/**
 * Writes a new message and returns its slot. With a `mid` that is taken, the words there are replaced.
 * Throws a RangeError for what no composer lets through: nothing said, too long, too many attachments.
 */
export function sendMessage(
  doc: Y.Doc,
  me: UserId,
  draft: Draft,
  options: { mid?: MessageId; now?: number } = {},
): Slot {
  const slot = slotOf(me, options.mid ?? newId());
  const hint = options.now ?? hintAfter(doc, me, Math.max(Date.now(), (HINTS.get(doc) ?? -1) + 1));
  doc.transact(({ meta }) => {
    meta.set(HINTS, hint);
    writeBody(doc, slot, {
      kind: 'message',
      text: draft.text,
      edited: false,
      replyTo: draft.replyTo ?? null,
      attachments: [...(draft.attachments ?? [])],
      hint,
    });
  });
  return slot;
}

/**
 * Replaces the words of one's own message. False, and nothing written, when it is not there, is
 * deleted, or says that already. Throws a RangeError like `sendMessage`.
 */
export function editMessage(doc: Y.Doc, me: UserId, mid: MessageId, text: string): boolean {
  const slot = slotOf(me, mid);
  const body = bodyAt(doc, slot);
  if (body?.kind !== 'message' || body.text === cleanText(text)) return false;
  writeBody(doc, slot, { ...body, text, edited: true });
  return true;
}

/** Deletes one's own message, for good. False when it is not there or deleted already. */
export function deleteMessage(doc: Y.Doc, me: UserId, mid: MessageId): boolean {
  return eraseMessage(doc, slotOf(me, mid));
}

/**
 * Makes these one's reactions to a message, instead of the earlier ones; none takes them back.
 * Throws a RangeError for more than eight or for what is no emoji.
 */
export function setReactions(doc: Y.Doc, me: UserId, slot: Slot, emojis: readonly string[]): void {
  const map = doc.getMap(MESSAGES_ROOT);
  const key = reactionKey(me, slot);
  if (emojis.length === 0) {
    if (map.has(key)) map.delete(key);
    return;
  }
  const value = [...new Set(emojis)];
  if (parseReactions(value) === null) throw new RangeError('not a set of at most eight emoji');
  map.set(key, value);
}

/** One's own reactions to a message. */
export function reactionsOf(doc: Y.Doc, by: UserId, slot: Slot): string[] {
  return parseReactions(doc.getMap(MESSAGES_ROOT).get(reactionKey(by, slot))) ?? [];
}

/** Removes someone's message, visibly: it stays hidden whatever its author writes. For moderators. */
export function moderate(doc: Y.Doc, slot: Slot, by: UserId): void {
  doc.getMap(MODERATION_ROOT).set(slot, by);
}

/**
 * Takes a removal back: the message is as its author last wrote it. False, and nothing written, when it is not removed
 * or its words are gone. For moderators.
 */
export function takeRemovalBack(doc: Y.Doc, slot: Slot, by: UserId): boolean {
  if (removerOf(doc, slot) === null || bodyAt(doc, slot)?.kind !== 'message') return false;
  doc.getMap(MODERATION_ROOT).set(slot, { back: by });
  return true;
}

/** Who removed a message, as long as that stands; null for nobody. */
export function removerOf(doc: Y.Doc, slot: Slot): UserId | null {
  const entry = parseModeration(slot, doc.getMap(MODERATION_ROOT).get(slot));
  return entry === null || entry.back ? null : entry.by;
}

/** Takes the words of someone's message away, as if its author had. False when none are there. Server only. */
export function eraseMessage(doc: Y.Doc, slot: Slot): boolean {
  if (bodyAt(doc, slot)?.kind !== 'message') return false;
  doc.getMap(MESSAGES_ROOT).set(messageKey(slot), { d: 1 });
  return true;
}

/** Gives a message its place and time in the conversation. Server only. */
export function appendLog(doc: Y.Doc, seq: number, slot: Slot, time: number): void {
  doc.getMap(LOG_ROOT).set(String(seq), [slot, time]);
}

/** Says which number the volume begins with. Server only. */
export function setFirst(doc: Y.Doc, seq: number): void {
  doc.getMap(META_ROOT).set('first', seq);
}

/** Says that the conversation goes on in volume `next`. Server only. */
export function closeVolume(doc: Y.Doc, next: number): void {
  doc.getMap(META_ROOT).set('next', next);
}

/** Says that a message which came late now stands in `volume`: here it is shown no more. Server only. */
export function markMoved(doc: Y.Doc, slot: Slot, volume: number): void {
  doc.getMap(META_ROOT).set(`moved/${slot}`, volume);
}

/** What stands in a slot of this volume, or null. */
export function bodyAt(doc: Y.Doc, slot: Slot): Body | null {
  return parseBody(doc.getMap(MESSAGES_ROOT).get(messageKey(slot)));
}

/**
 * This moment, or later than all of one's own messages here that have no place yet: two of one millisecond, or a clock
 * that was set back meanwhile, must not turn their order round. O(n), and a look at each place only when it was.
 */
function hintAfter(doc: Y.Doc, me: UserId, now: number): number {
  const messages = doc.getMap(MESSAGES_ROOT);
  const mine = messageKey(slotOf(me, ''));
  const late: { key: string; hint: number }[] = [];
  for (const key of messages.keys()) {
    const body = key.startsWith(mine) ? parseBody(messages.get(key)) : null;
    if (body?.kind === 'message' && body.hint !== null && body.hint >= now) late.push({ key, hint: body.hint });
  }
  if (late.length === 0) return now;
  const placed = new Set<string>();
  doc.getMap(LOG_ROOT).forEach((value, key) => {
    const entry = parseLogEntry(key, value);
    if (entry !== null) placed.add(messageKey(entry.slot));
  });
  return late.reduce((hint, one) => (placed.has(one.key) ? hint : Math.max(hint, one.hint + 1)), now);
}

/** Writes a body, cleaned. The object is new each time: Yjs keeps what it is handed. */
function writeBody(doc: Y.Doc, slot: Slot, body: Extract<Body, { kind: 'message' }>): void {
  const value = {
    x: cleanText(body.text),
    ...(body.edited && { e: 1 }),
    ...(body.replyTo !== null && { re: body.replyTo }),
    ...(body.attachments.length > 0 && { att: body.attachments }),
    ...(body.hint !== null && { w: body.hint }),
  };
  if (parseBody(value) === null || !isSlot(slot)) throw new RangeError('not a message');
  doc.getMap(MESSAGES_ROOT).set(messageKey(slot), value);
}
