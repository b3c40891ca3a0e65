import type { Hocuspocus } from '@hocuspocus/server';
import type { RawData, WebSocket } from 'ws';
import type { UserId } from '../../src/lib/model/ids.ts';
import type { Log } from '../log.ts';
import {
  AUTH,
  deniedFrame,
  isWhole,
  nobodyFrame,
  parseFrame,
  parseStranger,
  peekFrame,
  SYNC,
  TYPE,
  typeOf,
} from './frames.ts';
import { CLOSE, REASON } from './outcome.ts';
import type { Bucket } from './rate.ts';
import type { AuthedUser, Authenticator } from './types.ts';

type Client = ReturnType<Hocuspocus['handleConnection']>;

/** What a socket needs of `ws`, or of what stands between. */
export type Wire = Pick<
  WebSocket,
  'send' | 'close' | 'pause' | 'resume' | 'terminate' | 'readyState' | 'bufferedAmount'
>;

/** What a connection of Hocuspocus carries along from its socket. */
export type SocketContext = { socket: Socket };

/** Documents one socket may have open. A client keeps a few dozen. */
const OPEN_DOCUMENTS = 500;
/** One person's state is a few dozen bytes; a client may repeat what it knows of others. */
const AWARENESS_BYTES = 64 * 1024;
/** A reader this far behind is not reading. It gets everything when it comes back. */
const BACKLOG_BYTES = 32 * 1024 * 1024;
/** What a frame costs besides its bytes. */
const FRAME_COST = 128;
/** What asking for a document costs: it is looked up in the database. */
const AUTH_COST = 4 * 1024;
/** What a byte of a document costs who asks for it: it is encoded some sixteen times as fast as one is taken in. */
const ANSWER_COST = 1 / 16;
/** Frames read in one turn of the event loop. Node alone would read two megabytes before anything else has its turn. */
const FRAMES_A_TURN = 2_000;
/** No token is nearly as long. */
const TOKEN_LENGTH = 512;
/** Different people on one socket: never more than one in practice. */
const TOKENS_KEPT = 4;

/**
 * One WebSocket, between `ws` and Hocuspocus. Lets through only frames that are addressed to a document the
 * client has asked for, at the person's pace; knows who is at the other end.
 */
export class Socket {
  readonly #ws: Wire;
  readonly #auth: Authenticator;
  readonly #log: Log;
  readonly #cookieUser: AuthedUser | null;
  readonly #people = new Map<string, Promise<AuthedUser | null>>();
  /** Addresses that the client has asked for and that were not ended since. */
  readonly #open = new Set<string>();
  /** Whose session each one is. */
  readonly #sessions = new Map<string, UserId>();
  #bucket: Bucket;
  #bucketOf: (user: string) => Bucket;
  readonly #isCrowded: (user: UserId) => boolean;
  #client: Client | null = null;
  #ended = false;
  #resume: NodeJS.Timeout | null = null;
  /** Frames read in this turn. */
  #inTurn = 0;
  readonly #now: () => number;
  #heardAt: number;
  #resumed = Promise.withResolvers<void>();
  #closed = Promise.withResolvers<void>();

  constructor(o: {
    ws: Wire;
    who: AuthedUser | null;
    auth: Authenticator;
    log: Log;
    stranger: Bucket;
    bucketOf: (user: string) => Bucket;
    /** Whether a person has as many sockets as one may, besides this one. */
    isCrowded: (user: UserId) => boolean;
    /** Milliseconds, by a clock that nobody sets. */
    now: () => number;
  }) {
    this.#ws = o.ws;
    this.#now = o.now;
    this.#heardAt = o.now();
    this.#auth = o.auth;
    this.#log = o.log;
    this.#cookieUser = o.who;
    this.#bucketOf = o.bucketOf;
    this.#isCrowded = o.isCrowded;
    this.#bucket = o.who === null ? o.stranger : o.bucketOf(o.who.id);
    if (o.who !== null) this.#speak(o.who);
  }

  /** Lets frames through to this connection from now on. */
  serve(client: Client): void {
    this.#client = client;
  }

  /** For how long nothing has been heard of it. Of who has not said who they are nothing is ever heard. */
  get silence(): number {
    return this.#now() - this.#heardAt;
  }

  get readyState(): number {
    return this.#ws.readyState;
  }

  /** True when something on this socket was opened in the session. */
  speaksFor(session: string): boolean {
    return this.#sessions.has(session);
  }

  /** Whom this socket speaks for. */
  get users(): Iterable<UserId> {
    return this.#sessions.values();
  }

  /** True when something on this socket was opened by the person. */
  isOf(user: string): boolean {
    return [...this.#sessions.values()].includes(user);
  }

  /** The sessions that something on this socket was opened in. */
  get sessions(): ReadonlyMap<string, UserId> {
    return this.#sessions;
  }

  #speak(user: AuthedUser): void {
    this.#sessions.set(user.session, user.id);
  }

  /** Who a token stands for; without one, who came with the upgrade. Null for nobody. Rejects while that cannot be known. */
  async identify(token: string): Promise<AuthedUser | null> {
    if (token === '') return this.#cookieUser;
    if (token.length > TOKEN_LENGTH) return null;
    let asked = this.#people.get(token);
    if (asked === undefined) {
      if (this.#people.size >= TOKENS_KEPT) return null;
      asked = this.#auth.userForToken(token);
      this.#people.set(token, asked);
      asked.catch(() => this.#people.delete(token));
    }
    const user = await asked;
    if (user !== null) {
      if (!this.isOf(user.id) && this.#isCrowded(user.id)) {
        this.end(CLOSE.crowded, REASON.crowded);
        return null;
      }
      this.#speak(user);
      this.#bucket = this.#bucketOf(user.id);
    }
    return user;
  }

  /** Asks again who it is the next time: a session or an account ended. */
  forgetPeople(): void {
    this.#people.clear();
  }

  /** From the client. */
  receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    if (this.#sessions.size > 0) this.#heardAt = this.#now();
    this.#share();
    if (!isBinary || !(data instanceof Uint8Array)) {
      this.end(CLOSE.unsupported, 'binary frames only');
      return;
    }
    this.#pace(data.length + FRAME_COST);
    const frame = parseFrame(data);
    if (frame === null) {
      this.#denyUnaddressed(data);
      return;
    }
    if (frame.type === TYPE.awareness && data.length > AWARENESS_BYTES) return;
    if (!isWhole(data, frame)) {
      this.end(CLOSE.unsupported, 'not a message');
      return;
    }
    switch (frame.type) {
      case TYPE.auth:
        this.#pace(AUTH_COST);
        if (!this.#open.has(frame.address) && this.#open.size >= OPEN_DOCUMENTS) {
          this.end(CLOSE.policy, 'too many documents');
          return;
        }
        this.#open.add(frame.address);
        break;
      case TYPE.awareness:
      case TYPE.sync:
      case TYPE.syncReply:
      case TYPE.close:
        break;
      case TYPE.queryAwareness:
        // Clients ask whether the socket lives. Who is here they hear unasked, when they come and at each change.
        if (this.#open.has(frame.address)) this.send(nobodyFrame(frame.address));
        return;
      case TYPE.stateless:
        return;
      default:
        this.end(CLOSE.unsupported, 'unknown type of message');
        return;
    }
    // For a document that it was not let into, or that was ended meanwhile: what it sends belongs nowhere.
    if (this.#open.has(frame.address)) this.#client?.handleMessage(data);
  }

  /** To the client. */
  send(data: Uint8Array): void {
    const type = typeOf(data);
    if (type === TYPE.close || type === TYPE.auth) this.#noteEnd(data);
    if (isAnswer(data, type)) this.#pace(data.length * ANSWER_COST);
    if (this.#ws.bufferedAmount > BACKLOG_BYTES) {
      this.end(CLOSE.slow, 'too slow');
      return;
    }
    this.#ws.send(data);
  }

  /** What the client is told to have ended, or not to get, it has to ask for again. */
  #noteEnd(data: Uint8Array): void {
    const frame = peekFrame(data);
    if (frame === null || (frame.type === TYPE.auth && data[frame.body] !== AUTH.denied)) return;
    this.#open.delete(frame.address);
  }

  /** For Hocuspocus. */
  close(code?: number, reason?: string): void {
    this.end(code ?? CLOSE.normal, reason ?? '');
  }

  /** Ends the socket and, at once, everything that is open on it. Idempotent. */
  end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#resume !== null) this.#unpause();
    this.#ws.close(code, reason);
    this.#client?.handleClose({ code, reason });
  }

  /** The other side is gone. */
  gone(code: number, reason: string): void {
    this.#ended = true;
    if (this.#resume !== null) clearTimeout(this.#resume);
    this.#client?.handleClose({ code, reason });
    this.#closed.resolve();
  }

  /** Takes in nothing more; what is here already goes on. */
  deafen(): void {
    this.#ended = true;
  }

  /** Ends a deafened socket; resolves when the other side has heard of it. */
  hangUp(code: number, reason: string): Promise<void> {
    this.#ended = false;
    this.end(code, reason);
    return this.#closed.promise;
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** Resolves once this person may cause more work: at once, with false, unless they are ahead of their pace. */
  async inPace(): Promise<boolean> {
    const waits = this.#resume !== null;
    while (this.#resume !== null) await this.#resumed.promise;
    return waits;
  }

  /** Reads no further until the person's bucket has something again. TCP tells the other side to wait. */
  #pace(cost: number): void {
    const wait = this.#bucket.take(cost);
    if (wait === 0 || this.#resume !== null) return;
    this.#ws.pause();
    this.#resume = setTimeout(() => {
      this.#unpause();
    }, wait);
  }

  /** After many frames everything else has its turn before the next one is read. */
  #share(): void {
    this.#inTurn += 1;
    if (this.#inTurn === 1) setImmediate(this.#nextTurn);
    else if (this.#inTurn === FRAMES_A_TURN) this.#ws.pause();
  }

  #nextTurn = (): void => {
    const many = this.#inTurn >= FRAMES_A_TURN;
    this.#inTurn = 0;
    // Also one that has ended meanwhile: it has to hear the other side's goodbye.
    if (many && this.#resume === null) this.#ws.resume();
  };

  #unpause(): void {
    if (this.#resume !== null) clearTimeout(this.#resume);
    this.#resume = null;
    this.#resumed.resolve();
    this.#resumed = Promise.withResolvers<void>();
    this.#ws.resume();
  }

  /** Not a document's name. Who asks for it gets the answer of one that is not there; the rest is noise. */
  #denyUnaddressed(data: Uint8Array): void {
    const frame = parseStranger(data);
    if (frame?.type === TYPE.auth) this.#ws.send(deniedFrame(frame.address, REASON.notFound));
    else if (frame === null) this.end(CLOSE.unsupported, 'not a message');
    else this.#log.debug('frame to no document', { type: frame.type });
  }
}

/** Whether a frame brings what a client asked for, and not what others wrote. */
function isAnswer(data: Uint8Array, type: number | undefined): boolean {
  return (type === TYPE.sync || type === TYPE.syncReply) && data[2 + (data[0] ?? 0)] === SYNC.step2;
}
