import { onDestroy } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { readPeople, type Person } from '$lib/model/board.ts';
import type { BoardId, UserId } from '$lib/model/ids.ts';
import { boardDoc, type ConversationRef } from '$lib/model/names.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import { home } from '../shell/home.svelte.ts';
import { NOBODY, readPlaces, type Places } from './places.ts';

type Entry = {
  open: OpenDocument;
  people: Live<Map<UserId, Person>>;
  places: Live<Places>;
};

/** Names of people, boards, rooms and tasks, read from the boards on this device. Make it while a component starts. */
export class Directory {
  readonly #entries = new SvelteMap<BoardId, Entry>();
  readonly #home = home();

  constructor() {
    onDestroy(() => {
      for (const { open } of this.#entries.values()) open.release();
    });
  }

  /** Opens these boards, each once. Call it from an effect. */
  need(boards: Iterable<BoardId>): void {
    for (const board of boards) {
      if (this.#entries.has(board)) continue;
      const open = openDocument(boardDoc(board));
      this.#entries.set(board, {
        open,
        people: new Live(open, readPeople, ['people']),
        places: new Live(open, readPlaces, ['b', 'rooms']),
      });
    }
  }

  /** Its names are still on their way, from the device or from the server. */
  isOpening(board: BoardId): boolean {
    const open = this.#entries.get(board)?.open;
    if (!open || open.local.kind === 'opening') return true;
    return !open.onDevice && open.remote.kind === 'connecting' && connection.state.kind === 'online';
  }

  people(board: BoardId): Map<UserId, Person> {
    return this.#entries.get(board)?.people.current ?? NOBODY;
  }

  boardTitle(board: BoardId): string {
    return this.#entries.get(board)?.places.current.title ?? '';
  }

  /** The name of a room or task; '' while unknown. */
  placeName(board: BoardId, conversation: ConversationRef): string {
    const name = this.#entries.get(board)?.places.current.names.get(conversation);
    return name ?? this.#home.privateRooms(board).find((room) => conversation === `room/${room.id}`)?.name ?? '';
  }
}
