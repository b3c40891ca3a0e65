import type * as Y from 'yjs';
import type { MessageId, UserId } from './ids.ts';
import {
  LOG_ROOT,
  MESSAGES_ROOT,
  META_ROOT,
  MODERATION_ROOT,
  messageKey,
  parseBody,
  parseKey,
  parseLogEntry,
  parseModeration,
  parseReactions,
  parseSlot,
  slotOf,
  type Body,
  type Slot,
} from './message-slots.ts';
import { isVolume } from './names.ts';
import { compareText, isCount, remembered } from './plain.ts';

/** A message as it is shown. Never changed once read: a change makes a new one. */
export type Message = {
  slot: Slot;
  author: UserId;
  mid: MessageId;
  /** A tombstone also when a moderator removed it: the words are not handed on. */
  body: Body;
  /** Its number in the conversation; null while the server has not accepted it. */
  seq: number | null;
  /** When the server accepted it, milliseconds; null as long as it has not. */
  time: number | null;
  removedBy: UserId | null;
  reactions: { emoji: string; by: UserId[] }[];
};

export type Volume = {
  /** Accepted ones by number, then the pending ones by their writer's clock. */
  messages: Message[];
  /** The number that the volume begins with. */
  first: number | null;
  /** The volume that the conversation goes on in. */
  next: number | null;
};

/** What a message was made from: while all of it is the same, the message is. */
type Source = { value: unknown; seq: number | null; removedBy: UserId | null; reactions: readonly Reaction[] };
type Reaction = { by: UserId; value: unknown };
type Place = { seq: number; time: number };
type Parsers = { key: typeof parseMessageKey; entry: typeof parseLogEntry };
const NO_REACTIONS: readonly Reaction[] = [];

/** Everything in a volume, in order. O(n log n). */
export function readVolume(doc: Y.Doc): Volume {
  return volumeReader()(doc);
}

/**
 * A reader for a view that stays open: messages that did not change are the same objects as at its
 * last reading, and so is the whole when nothing did. Appending to a long view then makes one object.
 * Keep one reader per document.
 */
export function volumeReader(): (doc: Y.Doc) => Volume {
  const parse: Parsers = { key: remembered(parseMessageKey), entry: remembered(parseLogEntry) };
  let known = new Map<Slot, { source: Source; message: Message }>();
  let last: Volume = { messages: [], first: null, next: null };
  return (doc) => {
    const { bodies, reactions } = readSlots(doc, parse.key);
    const places = readPlaces(doc, parse.entry);
    const removed = readModeration(doc);
    // Asking for every slot costs more than all the rest, and most volumes have none.
    const anyMoved = [...doc.getMap(META_ROOT).keys()].some((key) => key.startsWith('moved/'));
    const seen: typeof known = new Map();
    const logged: Message[] = [];
    const pending: Message[] = [];
    for (const [slot, value] of bodies) {
      if (anyMoved && movedTo(doc, slot) !== null) continue;
      const place = places.get(slot);
      const source: Source = {
        value,
        seq: place?.seq ?? null,
        removedBy: removed.get(slot) ?? null,
        reactions: reactions.get(slot) ?? NO_REACTIONS,
      };
      const old = known.get(slot);
      const same = old !== undefined && sameSource(old.source, source) ? old : null;
      const message = same?.message ?? build(slot, source, place);
      if (message === null) continue;
      seen.set(slot, same ?? { source, message });
      if (place !== undefined) logged.push(message);
      else if (message.body.kind === 'message') pending.push(message);
    }
    logged.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
    pending.sort(comparePending);
    known = seen;
    const volume = { messages: [...logged, ...pending], ...readMeta(doc) };
    if (!sameVolume(last, volume)) last = volume;
    return last;
  };
}

/** One message of a volume; null when it is not there, was moved away, or is not readable. O(n). */
export function readMessage(doc: Y.Doc, slot: Slot): Message | null {
  const value = doc.getMap(MESSAGES_ROOT).get(messageKey(slot));
  if (value === undefined || movedTo(doc, slot) !== null) return null;
  const place = readPlaces(doc).get(slot);
  const message = build(
    slot,
    {
      value,
      seq: place?.seq ?? null,
      removedBy: readModeration(doc).get(slot) ?? null,
      reactions: readSlots(doc).reactions.get(slot) ?? NO_REACTIONS,
    },
    place,
  );
  return message !== null && place === undefined && message.body.kind === 'tombstone' ? null : message;
}

/** The volume that a message was moved to, or null. */
export function movedTo(doc: Y.Doc, slot: Slot): number | null {
  const volume = doc.getMap(META_ROOT).get(`moved/${slot}`);
  return isVolume(volume) ? volume : null;
}

/** The slot that a key of `m` is about, and for reactions whose they are. */
function parseMessageKey(key: string): { slot: Slot; by: UserId | null } | null {
  const parsed = parseKey(key);
  if (parsed === null) return null;
  return { slot: slotOf(parsed.author, parsed.mid), by: parsed.kind === 'reaction' ? parsed.by : null };
}

function readSlots(
  doc: Y.Doc,
  parse = parseMessageKey,
): { bodies: Map<Slot, unknown>; reactions: Map<Slot, Reaction[]> } {
  const bodies = new Map<Slot, unknown>();
  const reactions = new Map<Slot, Reaction[]>();
  doc.getMap(MESSAGES_ROOT).forEach((value, key) => {
    const parsed = parse(key);
    if (parsed === null) return;
    const { slot, by } = parsed;
    const others = reactions.get(slot);
    if (by === null) bodies.set(slot, value);
    else if (others === undefined) reactions.set(slot, [{ by, value }]);
    else others.push({ by, value });
  });
  // Maps are read in the order in which their keys arrived, which differs between replicas.
  for (const list of reactions.values()) list.sort((a, b) => compareText(a.by, b.by));
  return { bodies, reactions };
}

/** The place of every slot in the log. A slot that is there twice keeps its first place. */
function readPlaces(doc: Y.Doc, parse = parseLogEntry): Map<Slot, Place> {
  const places = new Map<Slot, Place>();
  doc.getMap(LOG_ROOT).forEach((value, key) => {
    const entry = parse(key, value);
    if (entry === null) return;
    const earlier = places.get(entry.slot);
    if (earlier === undefined || entry.seq < earlier.seq) places.set(entry.slot, entry);
  });
  return places;
}

function readModeration(doc: Y.Doc): Map<Slot, UserId> {
  const removed = new Map<Slot, UserId>();
  doc.getMap(MODERATION_ROOT).forEach((value, key) => {
    const entry = parseModeration(key, value);
    if (entry?.back === false) removed.set(entry.slot, entry.by);
  });
  return removed;
}

function readMeta(doc: Y.Doc): { first: number | null; next: number | null } {
  const meta = doc.getMap(META_ROOT);
  const first = meta.get('first');
  const next = meta.get('next');
  return { first: isCount(first) ? first : null, next: isVolume(next) ? next : null };
}

function build(slot: Slot, source: Source, place: Place | undefined): Message | null {
  const id = parseSlot(slot);
  const body = parseBody(source.value);
  if (id === null || body === null) return null;
  const gone = source.removedBy !== null || body.kind === 'tombstone';
  return {
    slot,
    author: id.author,
    mid: id.mid,
    body: gone ? { kind: 'tombstone' } : body,
    seq: place?.seq ?? null,
    time: place?.time ?? null,
    removedBy: source.removedBy,
    reactions: gone ? [] : gather(source.reactions),
  };
}

/** Reactions by emoji, in an order that does not jump as people join in. */
function gather(reactions: readonly Reaction[]): Message['reactions'] {
  const byEmoji = new Map<string, UserId[]>();
  for (const { by, value } of reactions) {
    for (const emoji of parseReactions(value) ?? []) {
      const people = byEmoji.get(emoji);
      if (people === undefined) byEmoji.set(emoji, [by]);
      else people.push(by);
    }
  }
  return [...byEmoji].sort(([a], [b]) => compareText(a, b)).map(([emoji, by]) => ({ emoji, by }));
}

function comparePending(a: Message, b: Message): number {
  return hintOf(a) - hintOf(b) || compareText(a.mid, b.mid) || compareText(a.author, b.author);
}

function hintOf(message: Message): number {
  return (message.body.kind === 'message' ? message.body.hint : null) ?? 0;
}

/** Yjs hands out the same value until the key is written again, so identity tells. */
function sameSource(a: Source, b: Source): boolean {
  return (
    a.value === b.value &&
    a.seq === b.seq &&
    a.removedBy === b.removedBy &&
    a.reactions.length === b.reactions.length &&
    a.reactions.every((reaction, i) => reaction.by === b.reactions[i]?.by && reaction.value === b.reactions[i].value)
  );
}

function sameVolume(a: Volume, b: Volume): boolean {
  return (
    a.first === b.first &&
    a.next === b.next &&
    a.messages.length === b.messages.length &&
    a.messages.every((message, i) => message === b.messages[i])
  );
}
