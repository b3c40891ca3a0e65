import { createContext, onDestroy } from 'svelte';
import type { BoardId, RoomId } from '$lib/model/ids.ts';
import { forgetAsk, isWish, readInbox, type Ask, type AskKey, type InboxState, type Wish } from '$lib/model/inbox.ts';
import { readHeads, type Head } from '$lib/model/board-directory.ts';
import { readPrivateRooms, type PrivateRoom } from '$lib/model/inbox-rooms.ts';
import { inboxDoc, type ConversationRef } from '$lib/model/names.ts';
import type { RoomWish } from '$lib/model/room-wishes.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { change, openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import type { Me } from '$lib/sync/session.svelte.ts';

/** Timers hold 31 bits. A snooze of more than that is looked at again each time. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The signed-in person's own document: their boards, what they asked for, their notifications. Open as long as the
 * frame stands. Make it while the frame's component starts; what is below takes it with `home()`.
 */
export class Home {
  readonly #current: () => Me;
  readonly open: OpenDocument;
  readonly #state: Live<InboxState>;
  readonly #rooms: Live<PrivateRoom[]>;
  readonly #heads: Live<Map<ConversationRef, Head>>;

  /** `current` is read anew each time: people change their names. Who they are stays. */
  constructor(current: () => Me) {
    this.#current = current;
    this.open = openDocument(inboxDoc(current().id));
    this.#state = new Live(this.open, readInbox, ['n', 'boards', 'asked', 'read', 'ask']);
    this.#rooms = new Live(this.open, (doc) => readPrivateRooms(doc), ['rooms']);
    this.#heads = new Live(this.open, readHeads, ['heads']);
    $effect(() => this.#wake(this.state.wakesAt));
    onDestroy(() => this.open.release());
  }

  get me(): Me {
    return this.#current();
  }

  get state(): InboxState {
    return this.#state.current;
  }

  /** What is not there may still come: neither this device nor the server has been heard. Say nothing of it yet. */
  get isUnknown(): boolean {
    const { local, onDevice, remote } = this.open;
    return local.kind === 'opening' || (!onDevice && remote.kind !== 'synced' && connection.state.kind !== 'offline');
  }

  /** What was snoozed comes back by the clock, not by a change. */
  #wake(at: number | null): (() => void) | undefined {
    if (at === null) return undefined;
    const timer = setTimeout(() => this.#state.refresh(), Math.min(Math.max(at - Date.now(), 0), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  }

  /** A board asked for that the server has not made yet: its document does not exist, so it must not be opened. */
  isPendingBoard(id: BoardId): boolean {
    return this.state.boards.some((board) => board.id === id && board.pending);
  }

  pendingRooms(board: BoardId): Extract<Ask, { kind: 'room' }>[] {
    return this.state.asks.filter((ask) => ask.kind === 'room').filter((ask) => ask.board === board);
  }

  /** The private rooms of a board that this person is in. */
  privateRooms(board: BoardId): PrivateRoom[] {
    return this.#rooms.current.filter((room) => room.board === board);
  }

  /** How far the private rooms have come. */
  get privateHeads(): Map<ConversationRef, Head> {
    return this.#heads.current;
  }

  /** Changes of rooms that the server has not made yet. */
  get wishes(): RoomWish[] {
    return this.state.asks.filter((ask) => ask.kind === 'wish');
  }

  /** The wish to leave this room, while it waits for the server. */
  leaving(room: RoomId): Ask | undefined {
    return this.state.asks.find((ask) => ask.key === `room/${room}/people/${this.me.id}`);
  }

  /** Changes of a room that the server refused, with its reason. */
  refusedWishes(room: RoomId): (Wish & { reason: string })[] {
    return this.state.refusedAsks.filter((ask) => isWish(ask)).filter((ask) => ask.id === room);
  }

  forget(key: AskKey): void {
    change(this.open, (doc) => forgetAsk(doc, key));
  }
}

export const [home, provideHome] = createContext<Home>();
