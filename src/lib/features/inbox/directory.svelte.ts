import { onDestroy } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { readBoard, readPeople, readRooms, type Person } from '$lib/model/board.ts';
import type { BoardId, UserId } from '$lib/model/ids.ts';
import { boardDoc, parseConversation, type ConversationRef } from '$lib/model/names.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';

type Entry = {
  open: OpenDocument;
  people: Live<Map<UserId, Person>>;
  places: Live<{ title: string; names: Map<ConversationRef, string> }>;
};

/** Names of people, boards, rooms and tasks, read from the boards on this device. Make it while a component starts. */
export class Directory {
  readonly #entries = new SvelteMap<BoardId, Entry>();

  constructor() {
    onDestroy(() => {
      for (const { open } of this.#entries.values()) open.release();
    });
  }

  /** Opens these boards, each once. Call it from an effect. */
  need(boards: Iterable<BoardId>): void {
    for (const board of new Set(boards)) {
      if (this.#entries.has(board)) continue;
      const open = openDocument(boardDoc(board));
      this.#entries.set(board, {
        open,
        people: new Live(open, readPeople, ['people']),
        places: new Live(open, places, ['b', 'rooms']),
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
    return this.#entries.get(board)?.people.current ?? new Map<UserId, Person>();
  }

  boardTitle(board: BoardId): string {
    return this.#entries.get(board)?.places.current.title ?? '';
  }

  /** The name of a room or task; '' while unknown. */
  placeName(board: BoardId, conversation: ConversationRef): string {
    return this.#entries.get(board)?.places.current.names.get(conversation) ?? '';
  }
}

function places(doc: Parameters<typeof readBoard>[0]): { title: string; names: Map<ConversationRef, string> } {
  const board = readBoard(doc);
  const names = new Map<ConversationRef, string>();
  for (const room of readRooms(doc)) names.set(`room/${room.id}`, room.name);
  for (const column of board.columns) for (const card of column.cards) names.set(`task/${card.id}`, card.title);
  for (const card of board.archivedCards) names.set(`task/${card.id}`, card.title);
  return { title: board.title, names };
}

/** True for a conversation of a task. */
export function isTask(conversation: ConversationRef): boolean {
  return parseConversation(conversation)?.kind === 'task';
}
