import type { Connection } from '@hocuspocus/server';
import type { Grant } from './access.ts';
import { CLOSE, REASON } from './outcome.ts';
import type { SocketContext } from './socket.ts';
import type { AuthedUser } from './types.ts';

/** What is known of a connection: one document, open on one socket. */
export type Context = SocketContext & {
  who: AuthedUser;
  token: string;
  grant: Grant;
  /** When `who` and `grant` were looked up, for `Access.changedSince`. */
  asOf: number;
  readOnly: boolean;
  /** A resync was asked for and its answer has not come yet. */
  resyncing: boolean;
  /** Answers to a resync, one after another, that could not be taken in either. */
  failedResyncs: number;
};

/** Closes the whole socket: a document that fails for a passing reason is strange to its client otherwise. */
export function endSocket(connection: Connection<Context>): void {
  connection.context.socket.end(CLOSE.tryLater, REASON.unavailable);
}
