import type { BoardId, TaskId, UserId } from '../../src/lib/model/ids.ts';
import { bodyAt, removerOf, type Body, type Slot } from '../../src/lib/model/conversation.ts';
import { BOARD_ROOT, parseBoardWrite } from '../../src/lib/model/board.ts';
import { ASK_ROOT, PREFS_ROOT, parseAskKey, type AskKey } from '../../src/lib/model/inbox.ts';
import { parseLevel } from '../../src/lib/model/levels.ts';
import {
  MESSAGES_ROOT,
  MODERATION_ROOT,
  messageKey,
  parseBody,
  parseKey,
  parseModeration,
  parseSlot,
  slotOf,
} from '../../src/lib/model/message-slots.ts';
import { conversationOf, type ConversationRef, type DocName } from '../../src/lib/model/names.ts';
import type { ChosenLevel } from '../store/levels.ts';
import type { Entry } from './entry.ts';
import type { DecodedUpdate } from './gate/overlay.ts';
import { originOf } from './gate/view.ts';
import type { Lane } from './lanes.ts';

/** Someone wrote a message, edited or deleted it: which of them, the log will tell. */
export type Said = {
  lane: Lane;
  ref: ConversationRef;
  volume: number;
  slot: Slot;
  author: UserId;
  mid: string;
  /** As it stands in the document, already checked by the gate. */
  value: unknown;
  body: Body | null;
  /** What stood there before. */
  before: Body | null;
  /** A moderator has removed the message. */
  removed: boolean;
};

/** A moderator took a message away. */
export type Removed = Pick<Said, 'ref' | 'volume' | 'slot' | 'author' | 'mid' | 'body'>;

/** A moderator took a removal back: `body` is what is to be read again, and may be gone already. */
export type Restored = Said & { remover: UserId | null };

/** Someone reacted to a message, where they found it. */
export type Reacted = Pick<Said, 'ref' | 'volume' | 'slot' | 'author' | 'mid'>;

/** What a batch of updates means beyond the documents they are in, in the order of the updates. */
export type Acts = {
  said: Said[];
  removed: Removed[];
  restored: Restored[];
  reacted: Reacted[];
  cards: { id: TaskId; board: BoardId }[];
  titles: { board: BoardId; title: string }[];
  asks: { user: UserId; key: AskKey }[];
  levels: ChosenLevel[];
};

/** Reads a batch. Nothing is looked up but the documents in memory. */
export function readActs(batch: readonly Entry[]): Acts {
  const acts: Acts = { said: [], removed: [], restored: [], reacted: [], cards: [], titles: [], asks: [], levels: [] };
  const fresh: Fresh = { bodies: new Map(), removers: new Map() };
  for (const { lane, writes, structs, carried } of batch) {
    for (const one of carried) note(fresh.bodies, lane, one.slot, one.body);
    acts.said.push(...carried);
    const before = acts.said.length;
    for (const { root, key, value } of writes) {
      const { at } = lane;
      switch (at.kind) {
        case 'room':
        case 'thread':
          if (root === MESSAGES_ROOT) readSaid(lane, at, key, value, fresh, acts);
          else if (root === MODERATION_ROOT) readModeration(lane, at, key, value, fresh, acts);
          break;
        case 'board':
          if (root === BOARD_ROOT) readBoardWrite(lane, at.id, key, value, acts);
          break;
        case 'inbox': {
          const ask = root === ASK_ROOT && value !== undefined ? parseAskKey(key) : null;
          if (ask !== null) acts.asks.push({ user: at.id, key: ask.key });
          const level = root === PREFS_ROOT ? parseLevel(key, value) : null;
          if (level !== null) acts.levels.push({ user: at.id, ...level });
          break;
        }
        case 'task':
          break;
      }
    }
    const said = acts.said.splice(before);
    acts.said.push(...(structs === null ? said : asWritten(said, structs)));
  }
  return acts;
}

/**
 * In the order in which their author wrote them: those of one clientID as they came, because clocks may jump; between
 * clientIDs (a reload offline makes a new one) by the writer's clock. What counts is under which clientID a message was
 * begun: an edit after a reload stands under another one. What changes messages that were known before comes first and
 * holds nothing up: those have their numbers, and their hints are of other devices' clocks.
 */
function asWritten(said: readonly Said[], { inOrder }: DecodedUpdate): Said[] {
  if (said.length < 2) return [...said];
  const begunBy = new Map<string, number>();
  for (const placed of inOrder) {
    const { place, client } = placed;
    if (place?.root !== MESSAGES_ROOT || place.key === null || originOf(placed) !== null) continue;
    if (!begunBy.has(place.key)) begunBy.set(place.key, client);
  }
  const merged: Said[] = [];
  const byClient = new Map<number, Said[]>();
  for (const one of said) {
    const client = begunBy.get(messageKey(one.slot));
    const list = client === undefined ? merged : byClient.get(client);
    if (client !== undefined && list === undefined) byClient.set(client, [one]);
    else list?.push(one);
  }
  const lists = [...byClient.values()].map((list) => list.reverse());
  while (merged.length < said.length) {
    let first: Said[] | null = null;
    for (const list of lists) {
      const [next, best] = [list.at(-1), first?.at(-1)];
      if (next !== undefined && (best === undefined || hintOf(next) < hintOf(best))) first = list;
    }
    const next = first?.pop();
    if (next === undefined) break;
    merged.push(next);
  }
  return merged;
}

function hintOf({ body }: Said): number {
  return (body?.kind === 'message' ? body.hint : null) ?? 0;
}

/** Written earlier in the batch, by lane and slot: the documents do not have it yet. */
type Fresh = { bodies: ByLane<Body | null>; removers: ByLane<UserId | null> };
type ByLane<T> = Map<Lane, Map<Slot, T>>;

type VolumeName = Extract<DocName, { kind: 'room' | 'thread' }>;

/** What stands in a slot once the updates read so far are applied. */
function bodyNow(lane: Lane, slot: Slot, { bodies }: Fresh): Body | null {
  const written = bodies.get(lane)?.get(slot);
  return written !== undefined || lane.live === null ? (written ?? null) : bodyAt(lane.live, slot);
}

/** Who has removed a message once the updates read so far are applied. */
function removerNow(lane: Lane, slot: Slot, { removers }: Fresh): UserId | null {
  const written = removers.get(lane)?.get(slot);
  return written !== undefined || lane.live === null ? (written ?? null) : removerOf(lane.live, slot);
}

function note<T>(byLane: ByLane<T>, lane: Lane, slot: Slot, value: T): void {
  const known = byLane.get(lane);
  if (known === undefined) byLane.set(lane, new Map([[slot, value]]));
  else known.set(slot, value);
}

function readSaid(lane: Lane, at: VolumeName, key: string, value: unknown, fresh: Fresh, acts: Acts): void {
  const parsed = parseKey(key);
  const ref = conversationOf(at);
  if (parsed === null || ref === null) return;
  const { author, mid } = parsed;
  const slot = slotOf(author, mid);
  if (parsed.kind === 'reaction') {
    if (value !== undefined) acts.reacted.push({ ref, volume: at.volume, slot, author, mid });
    return;
  }
  const body = parseBody(value);
  const before = bodyNow(lane, slot, fresh);
  const removed = removerNow(lane, slot, fresh) !== null;
  acts.said.push({ lane, ref, volume: at.volume, slot, author, mid, value, body, before, removed });
  note(fresh.bodies, lane, slot, body);
}

function readModeration(lane: Lane, at: VolumeName, key: string, value: unknown, fresh: Fresh, acts: Acts): void {
  const ref = conversationOf(at);
  const parsed = parseSlot(key);
  const entry = parseModeration(key, value);
  if (ref === null || parsed === null || entry === null) return;
  const { slot, by, back } = entry;
  const body = bodyNow(lane, slot, fresh);
  const remover = removerNow(lane, slot, fresh);
  const said = { lane, ref, volume: at.volume, slot, ...parsed, body, before: null };
  // What was done about a message earlier in this batch does not count any more.
  const other = (one: Removed): boolean => one.ref !== ref || one.volume !== at.volume || one.slot !== slot;
  acts.removed = acts.removed.filter(other);
  acts.restored = acts.restored.filter(other);
  if (back) acts.restored.push({ ...said, value: undefined, removed: false, remover });
  else acts.removed.push({ ref, volume: at.volume, slot, ...parsed, body });
  note(fresh.removers, lane, slot, back ? null : by);
}

function readBoardWrite(lane: Lane, board: BoardId, key: string, value: unknown, acts: Acts): void {
  const write = parseBoardWrite(key, value);
  if (write?.kind === 'title' && write.value !== null) acts.titles.push({ board, title: write.value });
  if (write?.kind !== 'card' || write.field === 'as' || write.value === null) return;
  const known = lane.live?.getMap(BOARD_ROOT).has(`card/${write.id}/by`) === true;
  if (!known && !acts.cards.some((card) => card.id === write.id)) acts.cards.push({ id: write.id, board });
}
