import { onDestroy } from 'svelte';
import { readHeads, readRooms, type Head, type Room } from '$lib/model/board.ts';
import type { BoardId } from '$lib/model/ids.ts';
import { readMarks } from '$lib/model/inbox.ts';
import { boardDoc, type ConversationRef } from '$lib/model/names.ts';
import { can } from '$lib/model/roles.ts';
import { openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import type { Home } from './home.svelte.ts';

export type RoomEntry = { id: string; name: string; private: boolean; unread: number; pending: boolean };

/** What the sidebar says of one board: its rooms, with what is unread in them. Make it while a component starts. */
export class RoomList {
  readonly #board: BoardId;
  readonly #home: Home;
  readonly open: OpenDocument;
  readonly #rooms: Live<Room[]>;
  readonly #heads: Live<Map<ConversationRef, Head>>;
  readonly #marks: Live<(conversation: ConversationRef) => number>;

  constructor(board: BoardId, home: Home) {
    this.#board = board;
    this.#home = home;
    this.open = openDocument(boardDoc(board));
    this.#rooms = new Live(this.open, readRooms, ['rooms']);
    this.#heads = new Live(this.open, readHeads, ['heads']);
    this.#marks = new Live(home.open, readMarks, ['read']);
    onDestroy(() => this.open.release());
  }

  /** In the order of their making, those asked for and not yet made at the end. */
  get rooms(): RoomEntry[] {
    const heads = new Map([...this.#heads.current, ...this.#home.privateHeads]);
    const mark = this.#marks.current;
    const open = this.#rooms.current.map((room) => ({ ...room, private: false }));
    const hidden = this.#home.privateRooms(this.#board).map((room) => ({ ...room, private: true }));
    const made = [...open, ...hidden].sort((a, b) => a.at - b.at);
    const asked = this.#home.pendingRooms(this.#board).filter((ask) => made.every((room) => room.id !== ask.id));
    return [
      ...made.map(({ id, name, private: hidden }) => {
        const seq = heads.get(`room/${id}`)?.seq ?? 0;
        return { id, name, private: hidden, unread: Math.max(0, seq - mark(`room/${id}`)), pending: false };
      }),
      ...asked.map(({ id, name, private: hidden }) => ({ id, name, private: hidden, unread: 0, pending: true })),
    ];
  }

  get mayCreateRoom(): boolean {
    const role = this.#home.state.boards.find((board) => board.id === this.#board)?.role ?? null;
    return can(role, 'createRoom');
  }
}
