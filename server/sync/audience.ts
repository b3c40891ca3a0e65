import { CALLS_PER_MINUTE } from '../../src/lib/model/group-calls.ts';
import type { BoardId, RoomId, UserId } from '../../src/lib/model/ids.ts';
import { DEFAULT_LEVEL, type Level } from '../../src/lib/model/levels.ts';
import { parseConversation, type ConversationRef } from '../../src/lib/model/names.ts';
import type { Member } from '../store/boards.ts';
import type { Store, Tx } from '../store/store.ts';
import type { Access } from './access.ts';
import type { Said } from './acts.ts';

const MINUTE = 60_000;

/** Whom a message in one conversation may reach. */
export type Audience = {
  board: BoardId;
  members: ReadonlyMap<UserId, Member>;
  /** Those of them who may read it. */
  readers: ReadonlyMap<UserId, Member>;
  /** Who has written in a task's thread; null in a room. */
  writers: ReadonlySet<UserId> | null;
  /** Who is connected. */
  here: ReadonlySet<UserId>;
  levelOf(user: UserId): Level;
  /** Who wants to hear of everything in it. */
  wantAll: readonly UserId[];
  /** Counts a call of groups; false when its author has called too many. */
  call(author: UserId): boolean;
};

export type Looking = {
  store: Store;
  access: Access;
  tx: Tx;
  /** Milliseconds. */
  now: number;
  /** What was said in the transaction. */
  said: readonly Said[];
  /** Who is connected, when it is asked. */
  here: () => ReadonlySet<UserId>;
};

/**
 * What one transaction has to know about those whom its messages may reach. Each fact is looked up once, and only when a
 * message needs it: most messages name nobody.
 */
export class Audiences {
  #store: Store;
  #access: Access;
  #tx: Tx;
  #now: number;
  #said: readonly Said[];
  #here: () => ReadonlySet<UserId>;
  #levels: ReadonlyMap<RoomId, ReadonlyMap<UserId, Level>> = new Map();
  #calls = new Map<UserId, number>();
  #made: { user: UserId; at: number }[] = [];
  #known = new Map<ConversationRef, Promise<Audience>>();

  constructor(o: Looking) {
    this.#store = o.store;
    this.#access = o.access;
    this.#tx = o.tx;
    this.#now = o.now;
    this.#said = o.said;
    this.#here = o.here;
  }

  static async open(looking: Looking): Promise<Audiences> {
    const audiences = new Audiences(looking);
    await audiences.#open();
    return audiences;
  }

  async #open(): Promise<void> {
    const rooms = new Set(this.#said.map(({ ref }) => roomOf(ref)).filter((room) => room !== null));
    const callers = new Set(this.#said.filter(({ body }) => callsGroups(body)).map(({ author }) => author));
    const [levels, calls] = await Promise.all([
      this.#store.levels.inRooms([...rooms], this.#tx),
      // What lies further ahead was counted by a clock that has been set back since.
      this.#store.groupCalls.between([...callers], this.#now - MINUTE, this.#now + MINUTE, this.#tx),
    ]);
    this.#levels = levels;
    this.#calls = calls;
  }

  /** Whether somebody may have to be told of this. Of an edit, whoever was told of the message. */
  concerns({ ref, body, before }: Said): boolean {
    if (body?.kind !== 'message') return false;
    const names = before !== null || body.replyTo !== null || body.text.includes('<@');
    return names || [...this.#levelsIn(ref).values()].includes('all');
  }

  of(ref: ConversationRef, board: BoardId): Promise<Audience> {
    let audience = this.#known.get(ref);
    if (audience === undefined) this.#known.set(ref, (audience = this.#look(ref, board)));
    return audience;
  }

  /** Keeps count of the calls of groups that were let through. */
  async save(): Promise<void> {
    await this.#store.groupCalls.add(this.#made, this.#now - MINUTE, this.#tx);
  }

  async #look(ref: ConversationRef, board: BoardId): Promise<Audience> {
    const members = await this.#access.members(board, this.#tx);
    const room = roomOf(ref);
    const people = room === null ? null : await this.#access.roomMembers(room, board, this.#tx);
    const readers = people === null ? members : new Map([...members].filter(([id]) => people.has(id)));
    const levels = this.#levelsIn(ref);
    const levelOf = (user: UserId): Level => levels.get(user) ?? DEFAULT_LEVEL;
    return {
      board,
      members,
      readers,
      writers: room === null ? await this.#writersOf(ref) : null,
      here: this.#here(),
      levelOf,
      wantAll: [...levels.keys()].filter((user) => levelOf(user) === 'all' && readers.has(user)),
      call: (author) => this.#call(author),
    };
  }

  /** Also those of this transaction: who they are must not depend on what it happened to take in at once. */
  async #writersOf(ref: ConversationRef): Promise<Set<UserId>> {
    const writers = new Set(await this.#store.messages.authors(ref, this.#tx));
    for (const said of this.#said) if (said.ref === ref && said.body?.kind === 'message') writers.add(said.author);
    return writers;
  }

  #levelsIn(ref: ConversationRef): ReadonlyMap<UserId, Level> {
    return this.#levels.get(roomOf(ref) ?? '') ?? new Map<UserId, Level>();
  }

  #call(author: UserId): boolean {
    const calls = this.#calls.get(author) ?? 0;
    if (calls >= CALLS_PER_MINUTE) return false;
    this.#calls.set(author, calls + 1);
    this.#made.push({ user: author, at: this.#now });
    return true;
  }
}

function callsGroups(body: Said['body']): boolean {
  return body?.kind === 'message' && body.text.includes('<@!');
}

function roomOf(ref: ConversationRef): RoomId | null {
  const at = parseConversation(ref);
  return at?.kind === 'room' ? at.id : null;
}
