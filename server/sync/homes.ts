import type * as Y from 'yjs';
import { readHeads, type Head } from '../../src/lib/model/board-directory.ts';
import type { BoardId, RoomId, UserId } from '../../src/lib/model/ids.ts';
import {
  readPrivateRooms,
  removePrivateRoom,
  setPrivateHead,
  setPrivateRoom,
} from '../../src/lib/model/inbox-rooms.ts';
import { BOARDS_ROOT, removeBoard, setBoard } from '../../src/lib/model/inbox.ts';
import { inboxDoc, parseConversation, type ConversationRef } from '../../src/lib/model/names.ts';
import type { Conversation } from '../store/conversations.ts';
import type { PrivateRoom } from '../store/room-members.ts';
import type { Store } from '../store/store.ts';
import type { Copier } from './copier.ts';

/** Inboxes that are written at the same time when a private room changes. */
const AT_ONCE = 16;

/**
 * What a person's own document copies of the database: their boards, and the private rooms that they are in, with how far
 * these have come. Only the people of a private room read this of it; the board's document, which all its members read,
 * says nothing.
 */
export class Homes {
  readonly #store: Store;
  readonly #copier: Copier;

  constructor(o: { store: Store; copier: Copier }) {
    this.#store = o.store;
    this.#copier = o.copier;
  }

  /** Everything. */
  async all(user: UserId): Promise<void> {
    const { boards, conversations, roomMembers } = this.#store;
    const facts = () =>
      Promise.all([boards.forUser(user), roomMembers.roomsFor(user, null, true), conversations.privateFor(user)]);
    await this.#copier.copy(inboxDoc(user), facts, (doc, [mine, rooms, talks]) => {
      const ids = new Set(mine.map(({ id }) => id));
      for (const id of [...doc.getMap(BOARDS_ROOT).keys()]) if (!ids.has(id)) removeBoard(doc, id);
      for (const board of mine) setBoard(doc, board);
      writeRooms(doc, null, rooms, talks);
    });
  }

  /** One board, with its private rooms that this person is in. Those that they are not in any more change for others too. */
  async board(user: UserId, id: BoardId): Promise<void> {
    const { boards, conversations, roomMembers } = this.#store;
    const facts = () =>
      Promise.all([
        boards.get(id),
        boards.role(id, user),
        roomMembers.roomsFor(user, id, true),
        conversations.privateFor(user),
      ]);
    let left: RoomId[] = [];
    let isGone = false;
    await this.#copier.copy(inboxDoc(user), facts, (doc, [board, role, rooms, talks]) => {
      isGone = board === null;
      if (board === null || role === null) removeBoard(doc, id);
      else setBoard(doc, { id, title: board.title, role });
      const inside = new Set(rooms.map((room) => room.id));
      left = readPrivateRooms(doc, id).flatMap((room) => (inside.has(room.id) ? [] : [room.id]));
      writeRooms(doc, id, rooms, talks);
    });
    // A removed board takes its rooms out of every inbox.
    if (isGone) return;
    for (const room of left) await this.room(room);
  }

  /**
   * A private room, for everyone in it. Many inboxes at a time, so that what they copy is read once and they go into the
   * log together: for 300 people, 20 transactions instead of 300.
   */
  async room(id: RoomId): Promise<void> {
    const { boards, conversations, roomMembers, rooms } = this.#store;
    const facts = async () => {
      const [room, inside, talk] = await Promise.all([
        rooms.get(id),
        roomMembers.of(id),
        conversations.get(`room/${id}`),
      ]);
      // Asked last: a board that is removed in between takes its rooms along.
      const isThere = room !== null && (await boards.get(room.board)) !== null;
      return [isThere ? room : null, inside, talk] as const;
    };
    const people = (await roomMembers.of(id)) ?? [];
    for (let from = 0; from < people.length; from += AT_ONCE) {
      const users = new Map(people.slice(from, from + AT_ONCE).map((user) => [inboxDoc(user), user]));
      await this.#copier.copyAll([...users.keys()], facts, (doc, [room, inside, talk], name) => {
        // They may have been taken out since it was said.
        if (room === null || inside?.includes(users.get(name) ?? '') !== true) removePrivateRoom(doc, id);
        else writeRoom(doc, { ...room, people: inside }, talk === null ? [] : [talk]);
      });
    }
  }

  /** How far a private room has come, for someone who is in it. */
  async head(user: UserId, ref: ConversationRef, head: Head): Promise<void> {
    const room = parseConversation(ref)?.id ?? '';
    // They may have been taken out since it was said.
    const people = () => this.#store.roomMembers.of(room);
    await this.#copier.copy(inboxDoc(user), people, (doc, inside) => {
      if (inside?.includes(user) === true) writeHead(doc, ref, head);
    });
  }
}

function writeRooms(
  doc: Y.Doc,
  board: BoardId | null,
  rooms: readonly PrivateRoom[],
  talks: readonly Conversation[],
): void {
  const inside = new Set(rooms.map(({ id }) => id));
  for (const { id } of readPrivateRooms(doc, board)) if (!inside.has(id)) removePrivateRoom(doc, id);
  for (const room of rooms) writeRoom(doc, room, []);
  writeTalks(doc, talks);
}

function writeRoom(doc: Y.Doc, { createdAt, archivedAt, ...room }: PrivateRoom, talks: readonly Conversation[]): void {
  setPrivateRoom(doc, { ...room, at: createdAt, archived: archivedAt });
  writeTalks(doc, talks);
}

function writeTalks(doc: Y.Doc, talks: readonly Conversation[]): void {
  for (const { ref, head, nextSeq, lastAt } of talks) {
    if (nextSeq > 1 || head > 1) writeHead(doc, ref, { volume: head, seq: nextSeq - 1, at: lastAt });
  }
}

/** An entry of before there was a time in it gets one, too. */
export function isFurther(a: Head, b: Head): boolean {
  if (a.volume !== b.volume) return a.volume > b.volume;
  return a.seq > b.seq || (a.seq === b.seq && a.at !== null && b.at === null);
}

function writeHead(doc: Y.Doc, ref: ConversationRef, head: Head): void {
  const old = readHeads(doc).get(ref);
  if (old === undefined || isFurther(head, old)) setPrivateHead(doc, ref, head);
}
