import type { Connection } from '@hocuspocus/server';
import type { BoardId, RoomId, UserId } from '../../src/lib/model/ids.ts';
import { parseDocName } from '../../src/lib/model/names.ts';
import { readOnly, type Access, type RoomMembers, type RoomUse } from './access.ts';
import { endSocket, type Context } from './context.ts';
import type { Corridor } from './corridor.ts';
import { CLOSE, REASON } from './outcome.ts';
import type { Socket } from './socket.ts';

const REVOKED = { code: CLOSE.normal, reason: REASON.revoked };

export type Revocation = { user: UserId; board?: BoardId; room?: RoomId; session?: string };

/** Ends what is no longer allowed, in the turn in which it is called. What is queued on it is refused with it. */
export class Revoker {
  #corridor: Corridor;
  #access: Access;
  #sockets: ReadonlySet<Socket>;

  constructor(corridor: Corridor, access: Access, sockets: ReadonlySet<Socket>) {
    this.#corridor = corridor;
    this.#access = access;
    this.#sockets = sockets;
  }

  /** Of a person everything, what rests on a session, what belongs to a board, or one of its rooms. */
  revoke({ user, board, room, session }: Revocation): void {
    this.#access.userChanged(user);
    for (const socket of this.#sockets) socket.forgetPeople();
    if (board !== undefined) {
      this.#access.boardChanged(board);
      for (const connection of this.#connections()) {
        const { who, grant } = connection.context;
        if (who.id !== user || grant.board !== board) continue;
        if (room === undefined || roomOf(connection) === room) connection.close(REVOKED);
      }
      return;
    }
    for (const socket of this.#sockets) {
      if (session === undefined ? socket.isOf(user) : socket.speaksFor(session)) {
        socket.end(CLOSE.signedOut, REASON.signedOut);
      }
    }
  }

  /**
   * For when it is not known whether something that ends was ended: the sockets of all who have something of the board open
   * are closed with 'try later', and what they open next is judged by what the database says then.
   */
  judgeAnew(board: BoardId): void {
    this.#access.boardChanged(board);
    const concerned = [...this.#connections()].filter(({ context }) => context.grant.board === board);
    for (const connection of concerned) {
      this.#access.userChanged(connection.context.who.id);
      endSocket(connection);
    }
  }

  /** Brings every connection of the board in line with the roles, and the people of its rooms, as they are now. */
  async enforce(board: BoardId): Promise<void> {
    this.#access.boardChanged(board);
    const members = await this.#access.members(board);
    const rooms = await this.#openRooms(board);
    for (const connection of this.#connections()) {
      const { context, document } = connection;
      if (context.grant.board !== board) continue;
      const role = members.get(context.who.id)?.role;
      const at = parseDocName(document.name);
      const room = at?.kind === 'room' ? rooms.get(at.id) : undefined;
      const outside = room?.people?.has(context.who.id) === false || room?.use === 'removed';
      if (role === undefined || at === null || outside) {
        connection.close(REVOKED);
        continue;
      }
      context.grant = { board, role, archived: room?.use === 'archived' };
      context.readOnly = readOnly(at, context.grant);
      connection.readOnly = context.readOnly;
    }
  }

  /** Of the rooms that someone has open. One that is opened meanwhile is opened by who may, as it is now. */
  async #openRooms(board: BoardId): Promise<Map<RoomId, { people: RoomMembers; use: RoomUse }>> {
    const open = new Set<RoomId>();
    for (const connection of this.#connections()) {
      const room = roomOf(connection);
      if (room !== null && connection.context.grant.board === board) open.add(room);
    }
    const rooms = [...open].map(async (room) => {
      const [people, use] = await Promise.all([
        this.#access.roomMembers(room, board),
        this.#access.roomUse(room, board),
      ]);
      return [room, { people, use }] as const;
    });
    return new Map(await Promise.all(rooms));
  }

  *#connections(): Iterable<Connection<Context>> {
    for (const document of this.#corridor.hocuspocus.documents.values()) {
      for (const connection of document.getConnections()) yield connection as Connection<Context>;
    }
  }
}

function roomOf({ document }: Connection<Context>): RoomId | null {
  const at = parseDocName(document.name);
  return at?.kind === 'room' ? at.id : null;
}
