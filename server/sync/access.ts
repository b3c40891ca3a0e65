import type { BoardId, RoomId, UserId } from '../../src/lib/model/ids.ts';
import { FIRST_VOLUME, type DocName } from '../../src/lib/model/names.ts';
import { can, type Role } from '../../src/lib/model/roles.ts';
import type { Member } from '../store/boards.ts';
import type { Store, Tx } from '../store/store.ts';
import { Lru } from './lru.ts';

/** What someone may do with a document: everything of their own inbox, otherwise by their role in its board. */
export type Grant =
  /** `archived`: of a room that is put away, which its people read and nobody writes into. */
  { board: BoardId; role: Role; archived: boolean } | { board: null; role: null; archived: false };

const OWN: Grant = { board: null, role: null, archived: false };
const BOARDS_KEPT = 1_000;
const ROOMS_KEPT = 5_000;

type Members = ReadonlyMap<UserId, Member>;

/** Who is in a private room; null for a public one, which everybody in its board is in. */
export type RoomMembers = ReadonlySet<UserId> | null;

/** An archived room is read only; a removed one is not there. */
export type RoomUse = 'in use' | 'archived' | 'removed';

/**
 * Who may open which document: by their role in its board, and a private room only who is in it, whatever their role.
 * Memberships are kept in memory and must be forgotten on every change: whoever
 * was let in before a change is told apart by `changedSince`.
 */
export class Access {
  #store: Store;
  #members = new Lru<BoardId, Members>(BOARDS_KEPT);
  #rooms = new Lru<RoomId, { board: BoardId; asOf: number; people: RoomMembers }>(ROOMS_KEPT);
  #uses = new Lru<RoomId, { board: BoardId; asOf: number; use: RoomUse }>(ROOMS_KEPT);
  #changes = 0;
  #changedBoards = new Map<BoardId, number>();
  #changedUsers = new Map<UserId, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Null for a document that is not there and for one that is not theirs alike. */
  async grant(name: DocName, user: UserId): Promise<Grant | null> {
    if (name.kind === 'inbox') return name.id === user ? OWN : null;
    const board = name.kind === 'board' ? name.id : await this.#boardOf(name);
    if (board === null) return null;
    const role = (await this.members(board)).get(user)?.role ?? null;
    if (role === null || !can(role, 'read')) return null;
    if (name.kind === 'room') {
      const people = await this.roomMembers(name.id, board);
      if (people !== null && !people.has(user)) return null;
      const use = await this.roomUse(name.id, board);
      return use === 'removed' ? null : { board, role, archived: use === 'archived' };
    }
    return { board, role, archived: false };
  }

  /** The board that a conversation's document belongs to; null also for a volume that was not opened yet. */
  async #boardOf(name: Extract<DocName, { kind: 'room' | 'task' | 'thread' }>): Promise<BoardId | null> {
    const ref = name.kind === 'room' ? (`room/${name.id}` as const) : (`task/${name.id}` as const);
    const conversation = await this.#store.conversations.get(ref);
    if (conversation === null) return null;
    if (name.kind !== 'task' && (name.volume < FIRST_VOLUME || name.volume > conversation.head)) return null;
    return conversation.board;
  }

  /** The members of a board, by id: none of a board that is not there. Give `tx` inside a transaction. */
  async members(board: BoardId, tx?: Tx): Promise<Members> {
    const known = this.#members.get(board);
    if (known !== undefined) return known;
    const asOf = this.#changes;
    const list = await this.#store.boards.members(board, tx);
    const members = new Map(list.map((member) => [member.id, member]));
    if (this.#isCurrent(board, asOf)) this.#members.set(board, members);
    return members;
  }

  /** Who is in a room of this board; null for everybody in it. Give `tx` inside a transaction. */
  async roomMembers(room: RoomId, board: BoardId, tx?: Tx): Promise<RoomMembers> {
    const known = this.#rooms.get(room);
    if (known?.board === board && this.#isCurrent(board, known.asOf)) return known.people;
    const asOf = this.#changes;
    const list = await this.#store.roomMembers.of(room, tx);
    const people = list === null ? null : new Set(list);
    if (this.#isCurrent(board, asOf)) this.#rooms.set(room, { board, asOf, people });
    return people;
  }

  /** Whether a room of this board is in use. */
  async roomUse(room: RoomId, board: BoardId): Promise<RoomUse> {
    const known = this.#uses.get(room);
    if (known?.board === board && this.#isCurrent(board, known.asOf)) return known.use;
    const asOf = this.#changes;
    const row = await this.#store.rooms.get(room);
    const use = row?.board !== board ? 'removed' : row.archivedAt === null ? 'in use' : 'archived';
    if (this.#isCurrent(board, asOf)) this.#uses.set(room, { board, asOf, use });
    return use;
  }

  #isCurrent(board: BoardId, asOf: number): boolean {
    return (this.#changedBoards.get(board) ?? 0) <= asOf;
  }

  /** A number to ask `changedSince` with later. */
  get now(): number {
    return this.#changes;
  }

  /** Call after every change of a board's members, roles or existence, and of who is in one of its private rooms. */
  boardChanged(board: BoardId): void {
    this.#members.delete(board);
    this.#changes += 1;
    this.#changedBoards.set(board, this.#changes);
  }

  /** Call after a session or an account ended. */
  userChanged(user: UserId): void {
    this.#changes += 1;
    this.#changedUsers.set(user, this.#changes);
  }

  /** True when what was granted as of then may not hold any more. */
  changedSince(asOf: number, user: UserId, board: BoardId | null): boolean {
    const ofBoard = board === null ? 0 : (this.#changedBoards.get(board) ?? 0);
    return Math.max(ofBoard, this.#changedUsers.get(user) ?? 0) > asOf;
  }
}

/** True when nothing that this role writes into such a document can be accepted. */
export function readOnly(name: DocName, { role, archived }: Grant): boolean {
  switch (name.kind) {
    case 'inbox':
      return false;
    case 'board':
    case 'task':
      return !can(role, 'editCards');
    case 'room':
    case 'thread':
      return archived || !can(role, 'chat');
  }
}
