import { boardHref, roomHref, taskHref } from '$lib/features/board/links.ts';
import type { Home } from '$lib/features/shell/home.svelte.ts';
import { boardReader, readHeads, readPeople, readRooms, type BoardState } from '$lib/model/board.ts';
import type { BoardId } from '$lib/model/ids.ts';
import { readMarks } from '$lib/model/inbox.ts';
import { boardDoc } from '$lib/model/names.ts';
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
  readonly #home: Home;

  /** `first`: the board whose things come first. */
  constructor(home: Home, first: BoardId | undefined) {
    this.#home = home;
    this.#marks = new Live(home.open, readMarks, ['read']);
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
    ...this.rooms,
    ...this.#readings.flatMap((reading) => this.#tasksOf(reading)),
    ...this.#home.state.boards.map((board): Place => {
      const { id, title } = board;
      return { key: `b/${id}`, kind: 'board', name: title, where: '', board: id, href: boardHref(id), unread: false };
    }),
    ...this.#people(),
  ]);

  /** Every room, in the order in which the sidebar has them. */
  readonly rooms: readonly Place[] = $derived.by(() => this.#readings.flatMap((reading) => this.#roomsOf(reading)));

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
    return [...rooms.current, ...hidden]
      .toSorted((a, b) => a.at - b.at)
      .map((room) => {
        const seq = far.get(`room/${room.id}`)?.seq ?? 0;
        const unread = seq > this.#marks.current(`room/${room.id}`);
        const href = roomHref(id, room.id);
        return {
          key: `r/${room.id}`,
          kind: 'room',
          name: room.name,
          where,
          board: id,
          href,
          unread,
          private: 'people' in room,
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
