import { onDestroy } from 'svelte';
import {
  boardReader,
  readHeads,
  readPeople,
  readRooms,
  type BoardState,
  type Head,
  type Person,
  type Room,
} from '$lib/model/board.ts';
import type { BoardId, RoomId, UserId } from '$lib/model/ids.ts';
import { readPrivateRooms, type PrivateRoom } from '$lib/model/inbox-rooms.ts';
import { boardDoc, inboxDoc, type ConversationRef } from '$lib/model/names.ts';
import { readInbox, readMarks, type InboxState } from '$lib/model/inbox.ts';
import { can, type Act, type Role } from '$lib/model/roles.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { change, openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import type { Me } from '$lib/sync/session.svelte.ts';
import type * as Y from 'yjs';
import { availabilityOf, unlistedIn, type Availability } from './availability.ts';

export type RoomAsked = { id: RoomId; name: string; private: boolean; refused: boolean };

/** A board and the reader's own marks in it, open as long as the component that made it lives. Make one while a component starts. */
export class Board {
  readonly id: BoardId;
  readonly me: Me;
  readonly open: OpenDocument;
  readonly inbox: OpenDocument;
  readonly #state: Live<BoardState>;
  readonly #people: Live<Map<UserId, Person>>;
  readonly #rooms: Live<Room[]>;
  readonly #private: Live<PrivateRoom[]>;
  readonly #heads: Live<Map<ConversationRef, Head>>;
  readonly #privateHeads: Live<Map<ConversationRef, Head>>;
  readonly #marks: Live<(conversation: ConversationRef) => number>;
  readonly #listed: Live<InboxState['boards'][number] | undefined>;
  readonly #asked: Live<RoomAsked[]>;

  /** The board could be read while this was open. */
  #known = $state(false);

  constructor(id: BoardId, me: Me) {
    this.id = id;
    this.me = me;
    this.open = openDocument(boardDoc(id));
    this.inbox = openDocument(inboxDoc(me.id));
    this.#state = new Live(this.open, boardReader(), ['b']);
    this.#people = new Live(this.open, readPeople, ['people']);
    this.#rooms = new Live(this.open, readRooms, ['rooms']);
    this.#heads = new Live(this.open, readHeads, ['heads']);
    this.#private = new Live(this.inbox, (doc) => readPrivateRooms(doc, id), ['rooms']);
    this.#privateHeads = new Live(this.inbox, readHeads, ['heads']);
    this.#marks = new Live(this.inbox, readMarks, ['read']);
    this.#listed = new Live(this.inbox, (doc) => readInbox(doc).boards.find((board) => board.id === id), [
      'boards',
      'ask',
      'asked',
    ]);
    this.#asked = new Live(this.inbox, (doc) => roomsAsked(doc, id), ['boards', 'ask', 'asked']);
    $effect(() => {
      if (this.role !== null && this.availability.kind === 'ready') this.#known = true;
    });
    onDestroy(() => {
      this.open.release();
      this.inbox.release();
    });
  }

  get state(): BoardState {
    return this.#state.current;
  }

  get people(): Map<UserId, Person> {
    return this.#people.current;
  }

  /** The public ones, and the private ones that the reader is in. */
  get rooms(): readonly (Room | PrivateRoom)[] {
    return [...this.#rooms.current, ...this.#private.current];
  }

  /** Rooms made on this device that the server does not know yet, or does not want. */
  get asked(): readonly RoomAsked[] {
    return this.#asked.current;
  }

  /** Made on this device, and not yet known to the server. */
  get pending(): boolean {
    return this.#listed.current?.pending ?? false;
  }

  get title(): string {
    return this.state.title || (this.#listed.current?.title ?? '');
  }

  get role(): Role | null {
    return this.people.get(this.me.id)?.role ?? this.#listed.current?.role ?? null;
  }

  /** Why a card or a room that is not among this board's cannot be shown. */
  get unlisted(): Exclude<Availability, { kind: 'ready' }> {
    return unlistedIn(this.open, connection.state.kind !== 'offline');
  }

  get availability(): Availability {
    const found = availabilityOf(this.open, connection.state.kind !== 'offline');
    if (this.pending && found.kind !== 'failed') return { kind: 'ready' };
    return found.kind === 'absent' && this.#known ? { kind: 'removed' } : found;
  }

  may(act: Act): boolean {
    return can(this.role, act);
  }

  /** The newest place known of a conversation. */
  head(conversation: ConversationRef): Head | null {
    return this.#heads.current.get(conversation) ?? this.#privateHeads.current.get(conversation) ?? null;
  }

  /** Whether something in a conversation has not been in the reader's view. */
  unread(conversation: ConversationRef): boolean {
    return (this.head(conversation)?.seq ?? 0) > this.#marks.current(conversation);
  }

  /** Writes into the board's document. */
  change<T>(write: (doc: Y.Doc) => T): T {
    return change(this.open, write);
  }
}

/** What was asked for and answered with yes is in neither list of the inbox: then the board lists it, or is about to. */
function roomsAsked(doc: Y.Doc, board: BoardId): RoomAsked[] {
  const { asks, refusedAsks } = readInbox(doc);
  const rooms: RoomAsked[] = [];
  for (const ask of [...asks, ...refusedAsks]) {
    if (ask.kind === 'room' && ask.board === board) {
      rooms.push({ id: ask.id, name: ask.name, private: ask.private, refused: 'reason' in ask });
    }
  }
  return rooms;
}
