import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type * as Y from 'yjs';
import type { BoardId, RoomId, UserId } from '../../src/lib/model/ids.ts';
import type { Tx } from '../store/store.ts';
import type { RefusalCode } from './gate/verdict.ts';

/** Who a socket or a request speaks for. `seq` is what is written into clientIDs. */
export type AuthedUser = {
  id: UserId;
  seq: number;
  username: string;
  name: string;
  admin: boolean;
  /** The session's id hash; what `revoke({session})` names. */
  session: string;
};

/** Turns a program's token into a person. Null for a token that is not (or no longer) good. */
export type Authenticator = { userForToken(token: string): Promise<AuthedUser | null> };

export type WriteOptions = {
  /**
   * Runs in the transaction that stores the write, alone with it: a throw undoes both and rejects the
   * write with what was thrown, and costs nobody else anything.
   */
  also?: (tx: Tx) => Promise<void>;
};

export type WriteAsResult<T> = { ok: true; value: T } | { ok: false; code: RefusalCode | 'not-found'; why: string };

/** A document that a device should hold, with the number of its latest update (0: never written). */
export type Head = { name: string; rev: number };

export type SyncStats = {
  sockets: number;
  /** Open (document, socket) pairs. */
  connections: number;
  /** Documents in memory. An idle one is never kept. */
  documents: number;
  /** Documents in memory or with something under way. */
  lanes: number;
  /** Updates accepted, refused and deferred since the start. */
  accepted: number;
  refused: number;
  deferred: number;
  /** Transactions of the log since the start; `accepted / commits` is how well they are grouped. */
  commits: number;
  /** Updates waiting for the log. */
  waiting: number;
};

/** Everything that changes a document goes through here: nothing is applied, sent or acknowledged before it is stored. */
export interface Sync {
  /**
   * Serves an accepted WebSocket: `…/sync` speaks Hocuspocus, `…/yjs/<name>` plain y-websocket.
   * The caller has checked Origin and path. `who` is the person of the upgrade's cookie or bearer; null
   * when only the provider's token can tell. The WebSocketServer needs `maxPayload` of at least
   * `MAX_FRAME` and no compression. Never throws.
   */
  handleSocket(ws: WebSocket, request: IncomingMessage, who: AuthedUser | null): void;
  /**
   * The server's own write, under the server's clientID, without the gate. Resolves when it is stored
   * and applied; a `fn` that changes nothing costs no transaction. Rejects, and nothing is written, when
   * `fn` or `also` throws or the database is away.
   */
  write<T>(name: string, fn: (doc: Y.Doc) => T, options?: WriteOptions): Promise<T>;
  /** A person's write from elsewhere than a document (HTTP): through the gate, orders and notifies like any. */
  writeAs<T>(who: AuthedUser, name: string, fn: (doc: Y.Doc) => T): Promise<WriteAsResult<T>>;
  /** Reads the committed state. `fn` must not change the document nor keep it. */
  read<T>(name: string, fn: (doc: Y.Doc) => T): Promise<T>;
  /**
   * Ends a person's connections (of one board, of one room of it, of one session, or all) within 2 seconds, with what is
   * queued on them.
   */
  revoke(o: { user: UserId; board?: BoardId; room?: RoomId; session?: string }): Promise<void>;
  /**
   * Call when it is not known whether a change of members, roles or rooms was made: the database may have made it and gone away
   * with the answer. Whoever has something of the board open is asked anew, at once.
   */
  judgeAnew(board: BoardId): void;
  /** The sessions that open sockets stand on; one may be named more than once. */
  openSessions(): { user: UserId; session: string }[];
  /** Call after any change of members or roles: writes `people`, the inboxes' boards, and ends what is no longer allowed. */
  membershipChanged(board: BoardId): Promise<void>;
  /** Call after a board was made, renamed or removed. */
  boardChanged(board: BoardId): Promise<void>;
  /**
   * Call after a room was made, changed, archived or removed, or someone came into a private one or left it: name who left, whose
   * inbox is not found by asking who is in it.
   */
  roomChanged(room: RoomId, left?: UserId): Promise<void>;
  /** What a device of this person should hold, the most recently written first, the inbox before all. */
  heads(user: UserId): Promise<Head[]>;
  /** How far those of these documents have come that this person may read; others are left out. */
  revs(user: UserId, names: readonly string[]): Promise<Head[]>;
  stats(): SyncStats;
  /** Takes in nothing new, finishes what is being stored, closes every socket. Ends within 10 s. Idempotent. */
  stop(): Promise<void>;
}

/** The largest frame a socket may send: an offline session of 1.5 MB must get through. */
export const MAX_FRAME = 8 * 1024 * 1024;
