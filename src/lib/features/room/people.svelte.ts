import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import { onDestroy } from 'svelte';
import { inOrder } from '$lib/features/people/members.ts';
import type { Home } from '$lib/features/shell/home.svelte.ts';
import { FULL } from '$lib/features/shell/refusals.ts';
import { readPeople, type Person } from '$lib/model/board.ts';
import { fold } from '$lib/model/fold.ts';
import type { BoardId, RoomId, UserId } from '$lib/model/ids.ts';
import type { PrivateRoom } from '$lib/model/inbox-rooms.ts';
import { boardDoc } from '$lib/model/names.ts';
import type { PersonWish } from '$lib/model/people-wishes.ts';
import { can, mayChangeRoom } from '$lib/model/roles.ts';
import { peopleAsWished, wishForPerson } from '$lib/model/wish-for-person.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { change, openDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import { announce } from '$lib/ui/announcer.svelte.ts';

/** Members of the board that are offered at a time; who is looked for by name is among them. */
const OFFERED = 8;

/** Who is in a private room, who may be let in, and what of that waits for the server. Make it while a component starts. */
export class RoomPeople {
  readonly #home: Home;
  readonly #board: BoardId;
  readonly #id: RoomId;
  readonly #members: Live<Map<UserId, Person>>;
  /** What is typed to find somebody. */
  wanted = $state('');
  error = $state<string>();

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

  get names(): ReadonlyMap<UserId, Person> {
    return this.#members.current;
  }

  readonly #wishes: PersonWish[] = $derived.by(() =>
    this.#home.state.asks.filter((ask) => ask.kind === 'person').filter((ask) => ask.id === this.#id),
  );

  /** Those in it as the server knows it, and those who are on their way in. Who is on their way out is still among them. */
  readonly inside: Person[] = $derived.by(() => {
    const coming = this.#wishes.filter(({ inside }) => inside).map(({ user }) => user);
    const ids = new Set([...this.#people, ...coming]);
    return inOrder([...this.#members.current.values()].filter(({ id }) => ids.has(id)));
  });

  /** How many are in it once the server has heard of everything. */
  get count(): number {
    const ids = new Set(peopleAsWished({ id: this.#id, people: this.#people }, this.#wishes));
    return this.inside.filter(({ id }) => ids.has(id)).length;
  }

  readonly outside: Person[] = $derived.by(() => {
    const ids = new Set(this.inside.map(({ id }) => id));
    return inOrder([...this.#members.current.values()].filter(({ id }) => !ids.has(id)));
  });

  /** Those outside whose name or username holds what is typed. */
  readonly offered: Person[] = $derived.by(() => {
    const wanted = fold(this.wanted.trim().replace(/^@/, ''));
    const holds = ({ name, username }: Person): boolean => fold(name).includes(wanted) || username.includes(wanted);
    return this.outside.filter(holds).slice(0, OFFERED);
  });

  /** What is on its way about somebody. */
  pending({ id }: Person): 'in' | 'out' | null {
    const wish = this.#wishes.find(({ user }) => user === id);
    const isIn = this.#people.includes(id);
    if (wish === undefined || wish.inside === isIn) return null;
    return wish.inside ? 'in' : 'out';
  }

  get mayLetIn(): boolean {
    return can(this.#role, 'createRoom');
  }

  get mayTakeOut(): boolean {
    return this.room !== null && mayChangeRoom(this.#role, this.me, this.room);
  }

  letIn(person: Person): void {
    if (!this.#wish(person, true)) return;
    this.wanted = '';
    announce(this.online ? `${person.name} is let in.` : `${person.name} will be let in when you are back online.`);
  }

  /** Also leaves, which leads to the board. */
  async takeOut(person: Person): Promise<boolean> {
    if (!this.#wish(person, false)) return false;
    if (person.id === this.me) await goto(resolve('/(app)/b/[board]', { board: this.#board }));
    else
      announce(
        this.online ? `${person.name} is taken out.` : `${person.name} will be taken out when you are back online.`,
      );
    return true;
  }

  /** Takes back what the server has not heard of. */
  takeBack(person: Person): void {
    const wish = this.#wishes.find(({ user }) => user === person.id);
    if (wish !== undefined) this.#home.forget(wish.key);
  }

  #wish(person: Person, inside: boolean): boolean {
    const done = change(this.#home.open, (doc) => wishForPerson(doc, this.#id, person.id, inside)) !== null;
    this.error = done ? undefined : FULL;
    return done;
  }

  /** As the server knows it: who made it, while it is not made. */
  get #people(): readonly UserId[] {
    return this.room?.people ?? [this.me];
  }

  get #role() {
    return this.#members.current.get(this.me)?.role ?? null;
  }
}
