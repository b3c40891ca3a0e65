import { setImmediate } from 'node:timers/promises';
import { ApiError, notFound } from '../../src/lib/api/errors.ts';
import { readPeople, type Person } from '../../src/lib/model/board.ts';
import {
  editMessage,
  readMessage,
  readVolume,
  removerOf,
  sendMessage,
  takeRemovalBack,
  type Message,
} from '../../src/lib/model/conversation.ts';
import type { BoardId, MessageId, UserId } from '../../src/lib/model/ids.ts';
import { MESSAGE_TEXT } from '../../src/lib/model/limits.ts';
import { decodeMentions, encodeMentions } from '../../src/lib/model/mentions.ts';
import { parseSlot, slotOf, type Slot } from '../../src/lib/model/message-slots.ts';
import { boardDoc, FIRST_VOLUME, volumeDoc, type ConversationRef } from '../../src/lib/model/names.ts';
import type { MessageRow } from '../store/messages.ts';
import type { AuthedUser } from '../sync/types.ts';
import { accepted } from './access.ts';
import type { Page, PageQuery } from './page.ts';
import type { Services } from './route.ts';

/** A conversation with the board that its people and their names come from. */
export interface Place {
  ref: ConversationRef;
  board: BoardId;
}

type People = Map<UserId, Person>;
type WireMessage = ReturnType<typeof toWire>;

/** How the API tells a message. Mentions are as their author typed them. */
function toWire(ref: ConversationRef, volume: number, message: Message, people: People) {
  const { body, mid, author, seq, time, removedBy, reactions } = message;
  const written = body.kind === 'message' ? body : null;
  return {
    id: mid,
    conversation: ref,
    volume,
    seq: seq ?? 0,
    author,
    at: new Date(time ?? 0).toISOString(),
    text: written ? decodeMentions(written.text, people) : '',
    edited: written?.edited ?? false,
    removed: written === null,
    removedBy,
    replyTo: (written?.replyTo && parseSlot(written.replyTo)?.mid) ?? null,
    reactions,
  };
}

/** Shorter ones, as many as a page may have, are done at once. */
const LONG = 1_000;

export function peopleOf(s: Services, board: BoardId): Promise<People> {
  return s.sync.read(boardDoc(board), readPeople);
}

/** Newest first. The cursor is volume and number of the last message shown, so that each page reads one volume or two. */
export async function listMessages(s: Services, { ref, board }: Place, query: PageQuery): Promise<Page<WireMessage>> {
  const head = (await s.store.conversations.get(ref))?.head ?? FIRST_VOLUME;
  const after = query.cursor === undefined ? { volume: head, seq: Infinity } : parseCursor(query.cursor);
  const people = await peopleOf(s, board);
  const found: { volume: number; message: Message }[] = [];
  for (let volume = Math.min(head, after.volume); volume >= FIRST_VOLUME && found.length <= query.limit; volume--) {
    const { messages } = await s.sync.read(volumeDoc(ref, volume), readVolume);
    for (const message of messages.toReversed()) {
      if (message.seq !== null && message.seq < after.seq) found.push({ volume, message });
    }
  }
  const shown = found.slice(0, query.limit);
  const items: WireMessage[] = [];
  for (const { volume, message } of shown) {
    items.push(toWire(ref, volume, message, people));
    // The longest messages take milliseconds each to put names into, and nobody else should wait for a page of them.
    if (message.body.kind === 'message' && message.body.text.length > LONG) await setImmediate();
  }
  const last = found.length > query.limit ? shown.at(-1) : undefined;
  return { items, next: last ? `${last.volume}.${last.message.seq}` : null };
}

function parseCursor(cursor: string): { volume: number; seq: number } {
  const [, volume, seq] = /^(\d{1,6})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (volume === undefined) throw new ApiError('invalid', 'The parameter cursor must be the next of an earlier page.');
  return { volume: Number(volume), seq: Number(seq) };
}

/** One message as it is now. */
export async function getMessage(s: Services, row: MessageRow, board: BoardId) {
  const slot = slotOf(row.author, row.mid);
  const message = await s.sync.read(volumeDoc(row.ref, row.volume), (doc) => readMessage(doc, slot));
  if (!message) throw notFound();
  return toWire(row.ref, row.volume, message, await peopleOf(s, board));
}

/** What a message said before it was edited, the oldest first; nothing of one that is deleted or removed. */
export async function listEdits(s: Services, row: MessageRow, board: BoardId) {
  const slot = slotOf(row.author, row.mid);
  const message = await s.sync.read(volumeDoc(row.ref, row.volume), (doc) => readMessage(doc, slot));
  if (message?.body.kind !== 'message') return { items: [], next: null };
  const people = await peopleOf(s, board);
  const items: { text: string; until: string }[] = [];
  for (const { text, until } of await s.store.messageEdits.of(row)) {
    items.push({ text: decodeMentions(text, people), until: new Date(until).toISOString() });
    if (text.length > LONG) await setImmediate();
  }
  return { items, next: null };
}

/** Brings a message back that an owner removed, while its words are there. */
export async function restoreMessage(s: Services, who: AuthedUser, row: MessageRow, board: BoardId) {
  const slot = slotOf(row.author, row.mid);
  const found = accepted(
    await s.sync.writeAs(who, volumeDoc(row.ref, row.volume), (doc) => {
      if (removerOf(doc, slot) === null) return 'not-removed';
      return takeRemovalBack(doc, slot, who.id) ? 'back' : 'gone';
    }),
  );
  if (found === 'not-removed') throw new ApiError('refused', 'This message is not removed.');
  if (found === 'gone') {
    throw new ApiError('refused', 'Its words are gone: a removal can be taken back for ten seconds.');
  }
  return getMessage(s, row, board);
}

/** Writes a message as this person; the answer comes when it is in the log. */
export async function postMessage(
  s: Services,
  who: AuthedUser,
  { ref, board }: Place,
  draft: { text: string; replyTo?: MessageId | undefined },
) {
  const replyTo = draft.replyTo === undefined ? null : await slotToReplyTo(s, ref, draft.replyTo);
  const text = storable(draft.text, await peopleOf(s, board));
  const conversation = await s.store.conversations.get(ref);
  if (!conversation) throw notFound();
  // Should the volume be closed by then, the log gives the message its place in the new one all the same.
  const slot = accepted(
    await s.sync.writeAs(who, volumeDoc(ref, conversation.head), (doc) =>
      sendMessage(doc, who.id, { text, replyTo }, { now: s.now() }),
    ),
  );
  const key = parseSlot(slot);
  const row = key && (await s.store.messages.get(ref, key.author, key.mid));
  if (!row) throw new Error('an accepted message has no place');
  return getMessage(s, row, board);
}

/** Replaces the words of one's own message. */
export async function changeMessage(s: Services, who: AuthedUser, row: MessageRow, board: BoardId, typed: string) {
  if (row.author !== who.id) throw new ApiError('forbidden', 'Only its author may edit a message.');
  const text = storable(typed, await peopleOf(s, board));
  const slot = slotOf(row.author, row.mid);
  const there = accepted(
    await s.sync.writeAs(who, volumeDoc(row.ref, row.volume), (doc) => {
      if (readMessage(doc, slot)?.body.kind !== 'message') return false;
      editMessage(doc, who.id, row.mid, text);
      return true;
    }),
  );
  if (!there) throw new ApiError('refused', 'This message was removed, so it cannot be edited.');
  return getMessage(s, row, board);
}

function storable(typed: string, people: People): string {
  const text = encodeMentions(typed, [...people.values()]);
  if (text.length > MESSAGE_TEXT) {
    throw new ApiError('invalid', `The field text has more than ${MESSAGE_TEXT} characters with its mentions.`);
  }
  return text;
}

async function slotToReplyTo(s: Services, ref: ConversationRef, id: MessageId): Promise<Slot> {
  const row = await s.store.messages.byMid(id);
  if (row?.ref !== ref) throw new ApiError('invalid', 'The field replyTo names no message of this conversation.');
  return slotOf(row.author, row.mid);
}
