import type { Connection } from '@hocuspocus/server';
import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import { parseDocName } from '../../src/lib/model/names.ts';
import { readOnly, type Access } from './access.ts';
import type { Context } from './context.ts';
import type { Corridor } from './corridor.ts';
import { CLOSE, REASON } from './outcome.ts';
import type { Socket } from './socket.ts';

const REVOKED = { code: CLOSE.normal, reason: REASON.revoked };

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

  revoke({ user, board, session }: { user: UserId; board?: BoardId; session?: string }): void {
    this.#access.userChanged(user);
    for (const socket of this.#sockets) socket.forgetPeople();
    if (board !== undefined) {
      this.#access.boardChanged(board);
      for (const connection of this.#connections()) {
        const { who, grant } = connection.context;
        if (who.id === user && grant.board === board) connection.close(REVOKED);
      }
      return;
    }
    for (const socket of this.#sockets) {
      if (session === undefined ? socket.isOf(user) : socket.speaksFor(session)) {
        socket.end(CLOSE.signedOut, REASON.signedOut);
      }
    }
  }

  /** Brings every connection of the board in line with the roles as they are now. */
  async enforce(board: BoardId): Promise<void> {
    this.#access.boardChanged(board);
    const members = await this.#access.members(board);
    for (const connection of this.#connections()) {
      const { context, document } = connection;
      if (context.grant.board !== board) continue;
      const role = members.get(context.who.id)?.role;
      const at = parseDocName(document.name);
      if (role === undefined || at === null) {
        connection.close(REVOKED);
        continue;
      }
      context.grant = { board, role };
      context.readOnly = readOnly(at, context.grant);
      connection.readOnly = context.readOnly;
    }
  }

  *#connections(): Iterable<Connection<Context>> {
    for (const document of this.#corridor.hocuspocus.documents.values()) {
      for (const connection of document.getConnections()) yield connection as Connection<Context>;
    }
  }
}
