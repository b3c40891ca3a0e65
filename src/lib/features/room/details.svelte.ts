import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { onDestroy } from 'svelte';
import { rooms } from '$lib/api/later.ts';
import type { Home } from '$lib/features/shell/home.svelte.ts';
import { FULL } from '$lib/features/shell/refusals.ts';
import { readPeople, readRooms, type Person, type Room } from '$lib/model/board.ts';
import type { BoardId, RoomId, UserId } from '$lib/model/ids.ts';
import { boardDoc } from '$lib/model/names.ts';
import { mayAsk } from '$lib/model/open-asks.ts';
import { can, mayChangeRoom, type Role } from '$lib/model/roles.ts';
import { asWished, type RoomField, type RoomWish } from '$lib/model/room-wishes.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { openDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import { announce } from '$lib/ui/announcer.svelte.ts';
import { changeRoom } from './change-room.ts';

/** One room as its details show it, and what may be done with it. Make it while a component starts. */
export class RoomDetails {
  readonly #home: Home;
  readonly #board: BoardId;
  readonly #id: RoomId;
  readonly #rooms: Live<Room[]>;
  readonly #people: Live<Map<UserId, Person>>;
  /** Why the last thing that needs the server did not happen. */
  error = $state<string>();
  busy = $state(false);

  constructor(home: Home, board: BoardId, id: RoomId) {
    this.#home = home;
    this.#board = board;
    this.#id = id;
    const open = openDocument(boardDoc(board));
    this.#rooms = new Live(open, readRooms, ['rooms']);
    this.#people = new Live(open, readPeople, ['people']);
    onDestroy(() => open.release());
  }

  /** As its people wish it; null where it is not there (any more). */
  readonly room: Room | null = $derived.by(() => {
    const { me, wishes } = this.#home;
    const asked = this.#home.pendingRooms(this.#board).find((one) => one.id === this.#id);
    const made = [...this.#rooms.current, ...this.#home.privateRooms(this.#board)].find((one) => one.id === this.#id);
    const pending = asked && { ...asked, by: me.id, at: 0, description: '', archived: null };
    const room = made ?? pending;
    return room === undefined ? null : asWished(room, wishes);
  });

  get maker(): string | null {
    const by = this.room?.by;
    if (by === undefined) return null;
    return by === this.#home.me.id ? 'you' : (this.#people.current.get(by)?.name ?? 'somebody who has left');
  }

  get #role(): Role | null {
    return this.#home.state.boards.find((board) => board.id === this.#board)?.role ?? null;
  }

  get mayChange(): boolean {
    return this.room !== null && mayChangeRoom(this.#role, this.#home.me.id, this.room);
  }

  get mayDelete(): boolean {
    return can(this.#role, 'deleteRoom');
  }

  get online(): boolean {
    return connection.state.kind === 'online';
  }

  /** Fields that the server has not heard of yet. */
  get pending(): readonly RoomField[] {
    return this.#home.wishes.filter((wish) => wish.id === this.#id).map(({ field }) => field);
  }

  refused(field: RoomField): (RoomWish & { reason: string }) | undefined {
    const refused = this.#home.refusedWishes(this.#id).filter((wish) => wish.kind === 'wish');
    return refused.find((wish) => wish.field === field);
  }

  /** True when another room that this person sees has that name. */
  isTaken(name: string): boolean {
    const same = name.toLocaleLowerCase();
    return [...this.#rooms.current, ...this.#home.privateRooms(this.#board)].some(
      (one) => one.id !== this.#id && one.archived === null && one.name.toLocaleLowerCase() === same,
    );
  }

  get isFull(): boolean {
    return !mayAsk(this.#home.open.doc);
  }

  /** Wishes for what differs. False when the name says nothing, or when nothing more may be asked for. */
  save(name: string, description: string): boolean {
    const { room } = this;
    if (room === null) return false;
    if (name !== room.name && !changeRoom(this.#home, this.#id, { field: 'name', value: name })) return false;
    if (description === room.description) return true;
    return changeRoom(this.#home, this.#id, { field: 'description', value: description });
  }

  archive(archived: boolean): void {
    if (!changeRoom(this.#home, this.#id, { field: 'archived', value: archived })) {
      this.error = FULL;
      return;
    }
    this.error = undefined;
    announce(archived ? `${this.room?.name ?? 'The room'} is archived.` : `${this.room?.name ?? 'The room'} is back.`);
  }

  /** Deletes it for good. False when it could not be, which `error` says. */
  async delete(): Promise<boolean> {
    const name = this.room?.name ?? 'The room';
    this.busy = true;
    this.error = undefined;
    const answer = await rooms.remove(this.#id);
    this.busy = false;
    if (!answer.ok && answer.error.code !== 'not-found') {
      this.error =
        answer.error.code === 'offline'
          ? 'The server does not answer, so the room is still there. Try again when you are online.'
          : answer.error.message;
      return false;
    }
    announce(`${name} is deleted.`);
    await goto(resolve('/(app)/b/[board]', { board: this.#board }));
    return true;
  }
}
