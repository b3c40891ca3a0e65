import { StoreUnavailable } from '../store/database.ts';

/** Reasons that a client finds in the close event (or in authenticationFailed) of one document. */
export const REASON = {
  /** The database or this server is away for a moment: try again. */
  unavailable: 'unavailable',
  /** Absent and forbidden look the same. */
  notFound: 'not-found',
  /** The session ended. */
  signedOut: 'signed-out',
  /** What was allowed is no longer. */
  revoked: 'revoked',
  /** The account has as many sockets open as one may: another one may come when one of them is gone. */
  crowded: 'too-many-connections',
} as const;

/** WebSocket close codes. */
export const CLOSE = {
  normal: 1000,
  unsupported: 1003,
  policy: 1008,
  restart: 1012,
  tryLater: 1013,
  signedOut: 4401,
  forbidden: 4403,
  notFound: 4404,
  slow: 4408,
  crowded: 4429,
} as const;

/**
 * What is thrown through Hocuspocus to end one document for one client. It must be an object with
 * `code` and `reason`: anything else that is thrown there ends the process. The message stays empty and
 * the stack is one line, because Hocuspocus prints both.
 */
export class Ending extends Error {
  readonly code: number;
  readonly reason: string;
  constructor(reason: string, code: number = CLOSE.normal) {
    super('');
    this.name = 'Ending';
    this.reason = reason;
    this.code = code;
    this.stack = `Ending: ${reason}`;
  }
}

/** The client wrote what it may not. It sets its copy aside and loads afresh. */
export function refusal(code: string): Ending {
  return new Ending(`refused:${code}`);
}

/** A passing fault: nothing was stored as far as is known. */
export class Unavailable extends Ending {
  constructor(cause?: unknown) {
    super(REASON.unavailable, CLOSE.tryLater);
    this.name = 'Unavailable';
    if (cause !== undefined) this.cause = cause;
  }
}

/** True when trying the same again later can succeed: the database is away, not the statement wrong. */
export function isPassing(error: unknown): boolean {
  return error instanceof StoreUnavailable || error instanceof Unavailable;
}

/** True when the database said that it stored nothing of it: then memory and log agree. */
export function isUndone(error: unknown): boolean {
  return error instanceof StoreUnavailable && error.undone;
}

/** True when its disk is full, also where that is the cause of what was thrown. */
export function isFull(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return error.full;
  return error instanceof Unavailable && isFull(error.cause);
}

/** True when the transaction lost against another one and may simply run again. */
export function isConflict(error: unknown): boolean {
  return error instanceof StoreUnavailable && error.code.startsWith('40');
}
