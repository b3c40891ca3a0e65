import { onDestroy } from 'svelte';
import { readHeads, readRooms, type Head, type Room } from '$lib/model/board.ts';
import type { BoardId, RoomId } from '$lib/model/ids.ts';
import { readMarks } from '$lib/model/inbox.ts';
import { levelOf, type Level } from '$lib/model/levels.ts';
import { boardDoc, type ConversationRef } from '$lib/model/names.ts';
import { can } from '$lib/model/roles.ts';
import { byActivity } from '$lib/model/room-order.ts';
import { asWished } from '$lib/model/room-wishes.ts';
import { openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import type { Home } from './home.svelte.ts';

export type RoomEntry = {
  id: RoomId;
  name: string;
  private: boolean;
  /** Something is there that its reader wants to hear of. */
  unread: boolean;
  /** Unread messages that mean this person. */
  mentions: number;
  pending: boolean;
};

/** What the sidebar says of one board: its rooms, with what is unread in them. Make it while a component starts. */
export class RoomList {
  readonly #board: BoardId;
  readonly #home: Home;
  readonly open: OpenDocument;
  readonly #rooms: Live<Room[]>;
  readonly #heads: Live<Map<ConversationRef, Head>>;
  readonly #marks: Live<(conversation: ConversationRef) => number>;
  readonly #levels: Live<(room: RoomId) => Level>;
  /** The order as it was when somebody reached for the list: nothing moves under their finger. */
  #held = $state.raw<readonly RoomId[] | null>(null);

  constructor(board: BoardId, home: Home) {
    this.#board = board;
    this.#home = home;
    this.open = openDocument(boardDoc(board));
    this.#rooms = new Live(this.open, readRooms, ['rooms']);
    this.#heads = new Live(this.open, readHeads, ['heads']);
    this.#marks = new Live(home.open, readMarks, ['read']);
    this.#levels = new Live(home.open, (doc) => (room) => levelOf(doc, room), ['prefs']);
    onDestroy(() => this.open.release());
  }

  #heard = $derived.by(() => new Map([...this.#heads.current, ...this.#home.privateHeads]));
  /** As their people wish them, changes on their way included. */
  #all = $derived.by(() => {
    const open = this.#rooms.current.map((room) => ({ ...room, private: false }));
    const hidden = this.#home.privateRooms(this.#board).map((room) => ({ ...room, private: true }));
    return [...open, ...hidden].map((room) => asWished(room, this.#home.wishes));
  });
  #ordered = $derived.by(() => {
    const used = byActivity(
      this.#all.filter((room) => room.archived === null),
      this.#heard,
    );
    const held = this.#held;
    if (held === null) return used;
    const nth = (id: RoomId): number => (held.includes(id) ? held.indexOf(id) : held.length);
    return used.toSorted((a, b) => nth(a.id) - nth(b.id));
  });

  /** Those in use: where something was said last first, those asked for and not yet made at the end. */
  readonly rooms: readonly RoomEntry[] = $derived.by(() => {
    const asked = this.#home.pendingRooms(this.#board).filter((ask) => this.#all.every((room) => room.id !== ask.id));
    return [
      ...this.#ordered.map((room) => this.#entry(room)),
      ...asked
        .map((ask) => asWished({ ...ask, description: '', archived: null }, this.#home.wishes))
        .map(({ id, name, private: hidden }) => ({
          id,
          name,
          private: hidden,
          unread: false,
          mentions: 0,
          pending: true,
        })),
    ];
  });

  /** Those put away, the last one first. */
  readonly archived: readonly { id: RoomId; name: string; private: boolean }[] = $derived.by(() =>
    this.#all.filter((room) => room.archived !== null).sort((a, b) => (b.archived ?? 0) - (a.archived ?? 0)),
  );

  /** Somebody points into the list, or has the focus there: its order stays until `release`. */
  hold(): void {
    this.#held ??= this.#ordered.map(({ id }) => id);
  }

  release(): void {
    this.#held = null;
  }

  #entry({ id, name, private: hidden }: { id: RoomId; name: string; private: boolean }): RoomEntry {
    const ref: ConversationRef = `room/${id}`;
    const news = (this.#heard.get(ref)?.seq ?? 0) > this.#marks.current(ref);
    const { notifications } = this.#home.state;
    const mentions = notifications.filter((one) => one.conversation === ref && one.unread && one.kind !== 'message');
    // A muted room stays plain, unless somebody means its reader all the same.
    const muted = this.#levels.current(id) === 'none';
    return {
      id,
      name,
      private: hidden,
      unread: (news && !muted) || mentions.length > 0,
      mentions: mentions.length,
      pending: false,
    };
  }

  get mayCreateRoom(): boolean {
    const role = this.#home.state.boards.find((board) => board.id === this.#board)?.role ?? null;
    return can(role, 'createRoom');
  }
}
