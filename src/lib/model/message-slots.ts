import { isId, type MessageId, type UserId } from './ids.ts';
import { ATTACHMENTS, EMOJI, MESSAGE_TEXT, REACTIONS_PER_PERSON, LAST_MOMENT } from './limits.ts';
import { hasOnly, isBlank, isCount, isPlainArray, isPlainObject, isText, own } from './plain.ts';

/** Roots of a volume. `log` and `meta` are the server's alone; `mod` is the moderators'. */
export const MESSAGES_ROOT = 'm';
export const MODERATION_ROOT = 'mod';
export const LOG_ROOT = 'log';
export const META_ROOT = 'meta';
export const CONVERSATION_ROOTS = [MESSAGES_ROOT, MODERATION_ROOT, LOG_ROOT, META_ROOT] as const;

/** A message within its conversation: `<author>/<mid>`. */
export type Slot = `${string}/${string}`;

export type Body =
  | {
      kind: 'message';
      text: string;
      edited: boolean;
      replyTo: Slot | null;
      attachments: string[];
      /** The writer's own clock, milliseconds: a hint for the order of what has no place yet. */
      hint: number | null;
    }
  | { kind: 'tombstone' };

export type MessageKey =
  | { kind: 'message'; author: UserId; mid: MessageId }
  | { kind: 'reaction'; by: UserId; author: UserId; mid: MessageId };

export function slotOf(author: UserId, mid: MessageId): Slot {
  return `${author}/${mid}`;
}

/** Reads a slot; null for anything else. */
export function parseSlot(value: unknown): { author: UserId; mid: MessageId } | null {
  if (typeof value !== 'string') return null;
  const parts = value.split('/');
  const [author, mid] = parts;
  return parts.length === 2 && isId(author) && isId(mid) ? { author, mid } : null;
}

export function isSlot(value: unknown): value is Slot {
  return parseSlot(value) !== null;
}

/** The key in `m` that holds a message's words. */
export function messageKey(slot: Slot): string {
  return `m/${slot}`;
}

/** The key in `m` that holds one person's reactions to a message. */
export function reactionKey(by: UserId, slot: Slot): string {
  return `r/${by}/${slot}`;
}

/** Reads a key of `m`; the key alone decides whose it is. Null for anything else. */
export function parseKey(key: string): MessageKey | null {
  const parts = key.split('/');
  if (!parts.slice(1).every(isId)) return null;
  const [kind, first, second, third] = parts;
  if (first === undefined || second === undefined) return null;
  if (kind === 'm' && parts.length === 3) return { kind: 'message', author: first, mid: second };
  if (kind === 'r' && parts.length === 4 && third !== undefined) {
    return { kind: 'reaction', by: first, author: second, mid: third };
  }
  return null;
}

const BODY_FIELDS = ['x', 'e', 're', 'att', 'w'] as const;

/** Reads what stands under a message's key. Strict: null unless fields, types and lengths are exactly right. */
export function parseBody(value: unknown): Body | null {
  if (!isPlainObject(value)) return null;
  if (Object.hasOwn(value, 'd')) return value.d === 1 && hasOnly(value, ['d']) ? { kind: 'tombstone' } : null;
  if (!hasOnly(value, BODY_FIELDS)) return null;
  const text = own(value, 'x');
  const attachments = parseAttachments(value);
  if (!isText(text, MESSAGE_TEXT) || attachments === null) return null;
  if (isBlank(text) && attachments.length === 0) return null;
  if (Object.hasOwn(value, 'e') && value.e !== 1) return null;
  if (Object.hasOwn(value, 're') && !isSlot(value.re)) return null;
  if (Object.hasOwn(value, 'w') && !(isCount(value.w) && value.w <= LAST_MOMENT)) return null;
  const replyTo = own(value, 're');
  const hint = own(value, 'w');
  return {
    kind: 'message',
    text,
    edited: Object.hasOwn(value, 'e'),
    replyTo: isSlot(replyTo) ? replyTo : null,
    attachments,
    hint: isCount(hint) ? hint : null,
  };
}

function parseAttachments(value: Record<string, unknown>): string[] | null {
  if (!Object.hasOwn(value, 'att')) return [];
  const files = value.att;
  if (!isPlainArray(files) || files.length === 0 || files.length > ATTACHMENTS) return null;
  return files.every(isId) && new Set(files).size === files.length ? [...files] : null;
}

const EMOJI_TEXT =
  /^(?=.*[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3])[\p{Extended_Pictographic}\p{Emoji_Component}]+$/u;

/** True for what may be a reaction: emoji only. Later emoji pass too, because Unicode has reserved their places. */
export function isEmoji(value: unknown): value is string {
  return isText(value, EMOJI) && EMOJI_TEXT.test(value);
}

/** Reads what stands under a reaction's key: one to eight different emoji. Null for anything else. */
export function parseReactions(value: unknown): string[] | null {
  if (!isPlainArray(value) || value.length === 0 || value.length > REACTIONS_PER_PERSON) return null;
  return value.every(isEmoji) && new Set(value).size === value.length ? [...value] : null;
}

/** Reads an entry of `log`: the message's number, its slot and its time. Null for anything else. */
export function parseLogEntry(key: string, value: unknown): { seq: number; slot: Slot; time: number } | null {
  if (!LOG_KEY.test(key) || !isPlainArray(value) || value.length !== 2) return null;
  const seq = Number(key);
  const [slot, time] = value;
  return isCount(seq) && isSlot(slot) && isCount(time) ? { seq, slot, time } : null;
}

const LOG_KEY = /^[1-9][0-9]{0,15}$/;

/** What became of a message by a moderator's hand: `by` removed it, or (`back`) took a removal back. */
export type Moderation = { slot: Slot; by: UserId; back: boolean };

/** Reads an entry of `mod`: who removed the message under the key, or `{back: who}`. Null for anything else. */
export function parseModeration(key: string, value: unknown): Moderation | null {
  if (!isSlot(key)) return null;
  if (isId(value)) return { slot: key, by: value, back: false };
  if (!isPlainObject(value) || !hasOnly(value, ['back'])) return null;
  const by = own(value, 'back');
  return isId(by) ? { slot: key, by, back: true } : null;
}
