import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { onDestroy } from 'svelte';
import { rooms } from '$lib/api/later.ts';
import type { Result } from '$lib/api/client.ts';
import { inOrder } from '$lib/features/people/members.ts';
import type { Home } from '$lib/features/shell/home.svelte.ts';
import { readPeople, type Person } from '$lib/model/board.ts';
import { fold } from '$lib/model/fold.ts';
import type { BoardId, RoomId, UserId } from '$lib/model/ids.ts';
import type { PrivateRoom } from '$lib/model/inbox-rooms.ts';
import { boardDoc } from '$lib/model/names.ts';
import { can, mayChangeRoom } from '$lib/model/roles.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { openDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import { announce } from '$lib/ui/announcer.svelte.ts';

/** Members of the board that are offered at a time; who is looked for by name is among them. */
const OFFERED = 8;

/** Who is in a private room, and who may be let in. Make it while a component starts. */
export class RoomPeople {
  readonly #home: Home;
  readonly #board: BoardId;
  readonly #id: RoomId;
  readonly #members: Live<Map<UserId, Person>>;
  /** What is typed to find somebody. */
  wanted = $state('');
  error = $state<string>();
  /** Whom a request is under way about. */
  busy = $state<UserId | null>(null);

  constructor(home: Home, board: BoardId, id: RoomId) {
    this.#home = home;
    this.#board = board;
    this.#id = id;
    const open = openDocument(boardDoc(board));
    this.#members = new Live(open, readPeople, ['people']);
    onDestroy(() => open.release());
  }

  /** Null while the server has not made it, and once one is not in it any more. */
  get room(): PrivateRoom | null {
    return this.#home.privateRooms(this.#board).find(({ id }) => id === this.#id) ?? null;
  }

  get me(): UserId {
    return this.#home.me.id;
  }

  get online(): boolean {
    return connection.state.kind !== 'offline';
  }

  readonly inside: Person[] = $derived.by(() => {
    const ids = new Set(this.room?.people ?? [this.me]);
    return inOrder([...this.#members.current.values()].filter(({ id }) => ids.has(id)));
  });

  readonly outside: Person[] = $derived.by(() => {
    const ids = new Set(this.room?.people ?? [this.me]);
    return inOrder([...this.#members.current.values()].filter(({ id }) => !ids.has(id)));
  });

  /** Those outside whose name or username holds what is typed. */
  readonly offered: Person[] = $derived.by(() => {
    const wanted = fold(this.wanted.trim().replace(/^@/, ''));
    const holds = ({ name, username }: Person): boolean => fold(name).includes(wanted) || username.includes(wanted);
    return this.outside.filter(holds).slice(0, OFFERED);
  });

  get mayLetIn(): boolean {
    return this.room !== null && can(this.#role, 'createRoom');
  }

  get mayTakeOut(): boolean {
    return this.room !== null && mayChangeRoom(this.#role, this.me, this.room);
  }

  async letIn(person: Person): Promise<void> {
    const done = await this.#ask(person, () => rooms.letIn(this.#id, person.id));
    if (!done) return;
    this.wanted = '';
    announce(`${person.name} is in this room now.`);
  }

  /** Also leaves, which leads to the board. True when it is done. */
  async takeOut(person: Person): Promise<boolean> {
    const done = await this.#ask(person, () => rooms.takeOut(this.#id, person.id));
    if (!done) return false;
    if (person.id === this.me) await goto(resolve('/(app)/b/[board]', { board: this.#board }));
    else announce(`${person.name} is no longer in this room.`);
    return true;
  }

  async #ask(person: Person, act: () => Promise<Result<unknown>>): Promise<boolean> {
    if (this.busy !== null) return false;
    this.busy = person.id;
    this.error = undefined;
    const answer = await act();
    this.busy = null;
    if (!answer.ok) this.error = answer.error.message;
    return answer.ok;
  }

  get #role() {
    return this.#members.current.get(this.me)?.role ?? null;
  }
}
