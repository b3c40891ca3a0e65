import { boardHref, roomHref, taskHref } from '$lib/features/board/links.ts';
import type { Home } from '$lib/features/shell/home.svelte.ts';
import { boardReader, readHeads, readPeople, readRooms, type BoardState } from '$lib/model/board.ts';
import type { BoardId, RoomId } from '$lib/model/ids.ts';
import { levelOf, type Level } from '$lib/model/levels.ts';
import { readMarks } from '$lib/model/inbox.ts';
import { boardDoc } from '$lib/model/names.ts';
import { byActivity } from '$lib/model/room-order.ts';
import { asWished } from '$lib/model/room-wishes.ts';
import { openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';

export type Place = {
  key: string;
  kind: 'board' | 'room' | 'task' | 'person';
  name: string;
  /** The board that it is on; '' for a board itself. */
  where: string;
  board: BoardId;
  /** Null for people, who have no page of their own. */
  href: string | null;
  unread: boolean;
  /** Of a room. */
  private?: boolean;
  archived?: boolean;
};

/** Boards that are searched at once, those of the sidebar's top first: each is a document to hold open. */
const MOST_BOARDS = 25;

type Reading = {
  id: BoardId;
  open: OpenDocument;
  board: Live<BoardState>;
  rooms: Live<ReturnType<typeof readRooms>>;
  people: Live<ReturnType<typeof readPeople>>;
  heads: Live<ReturnType<typeof readHeads>>;
};

/**
 * Everything a person can go to, read from the boards on this device, for as long as it is looked for. To be ended by
 * `release`.
 */
export class Places {
  readonly #readings: Reading[];
  readonly #marks: Live<ReturnType<typeof readMarks>>;
  readonly #levels: Live<(room: RoomId) => Level>;
  readonly #home: Home;

  /** `first`: the board whose things come first. */
  constructor(home: Home, first: BoardId | undefined) {
    this.#home = home;
    this.#marks = new Live(home.open, readMarks, ['read']);
    this.#levels = new Live(home.open, (doc) => (room) => levelOf(doc, room), ['prefs']);
    const boards = home.state.boards.filter(({ pending }) => !pending);
    const ordered = [...boards.filter(({ id }) => id === first), ...boards.filter(({ id }) => id !== first)];
    this.#readings = ordered.slice(0, MOST_BOARDS).map(({ id }) => {
      const open = openDocument(boardDoc(id));
      return {
        id,
        open,
        board: new Live(open, boardReader(), ['b']),
        rooms: new Live(open, readRooms, ['rooms']),
        people: new Live(open, readPeople, ['people']),
        heads: new Live(open, readHeads, ['heads']),
      };
    });
  }

  /** All of them have been read from this device. */
  get ready(): boolean {
    return this.#readings.every(({ open }) => open.local.kind !== 'opening');
  }

  /** Rooms before tasks before boards before people, board by board. */
  readonly all: readonly Place[] = $derived.by(() => [
    ...this.#everyRoom,
    ...this.#readings.flatMap((reading) => this.#tasksOf(reading)),
    ...this.#home.state.boards.map((board): Place => {
      const { id, title } = board;
      return { key: `b/${id}`, kind: 'board', name: title, where: '', board: id, href: boardHref(id), unread: false };
    }),
    ...this.#people(),
  ]);

  readonly #everyRoom: readonly Place[] = $derived.by(() =>
    this.#readings.flatMap((reading) => this.#roomsOf(reading)),
  );

  /** Every room in use, in the order in which the sidebar has them. */
  readonly rooms: readonly Place[] = $derived.by(() => this.#everyRoom.filter((room) => room.archived !== true));

  release(): void {
    for (const { open } of this.#readings) open.release();
  }

  #titleOf(id: BoardId): string {
    return this.#home.state.boards.find((board) => board.id === id)?.title ?? '';
  }

  #roomsOf({ id, rooms, heads }: Reading): Place[] {
    const where = this.#titleOf(id);
    const hidden = this.#home.privateRooms(id);
    const far = new Map([...heads.current, ...this.#home.privateHeads]);
    const wished = [...rooms.current, ...hidden].map((room) => asWished(room, this.#home.wishes));
    return byActivity(wished, far).map((room) => {
      const seq = far.get(`room/${room.id}`)?.seq ?? 0;
      const archived = room.archived !== null;
      // What is muted is nowhere to go to, unless somebody looks for it.
      const muted = archived || this.#levels.current(room.id) === 'none';
      const unread = !muted && seq > this.#marks.current(`room/${room.id}`);
      const href = roomHref(id, room.id);
      return {
        key: `r/${room.id}`,
        kind: 'room',
        name: room.name,
        where: archived ? `${where} · archived` : where,
        board: id,
        href,
        unread,
        private: 'people' in room,
        archived,
      };
    });
  }

  #tasksOf({ id, board }: Reading): Place[] {
    const where = this.#titleOf(id);
    const cards = [...board.current.columns.flatMap((column) => column.cards), ...board.current.archivedCards];
    return cards.map((card) => ({
      key: `t/${card.id}`,
      kind: 'task',
      name: card.title,
      where,
      board: id,
      href: taskHref(id, card.id),
      unread: false,
    }));
  }

  /** Each person once, by the first board that has them. */
  #people(): Place[] {
    const found = new Map<string, Place>();
    for (const { id, people } of this.#readings) {
      for (const person of people.current.values()) {
        if (found.has(person.id)) continue;
        found.set(person.id, {
          key: `p/${person.id}`,
          kind: 'person',
          name: person.name,
          where: `@${person.username}`,
          board: id,
          href: null,
          unread: false,
        });
      }
    }
    return [...found.values()];
  }
}
