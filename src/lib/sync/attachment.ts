import type * as Y from 'yjs';
import { backoff } from './backoff.ts';
import type { Host } from './host.ts';
import { RemoteDocument } from './remote.ts';
import type { Priority } from './slots.ts';

export type AttachmentEvents = {
  /** A new connection, or none any more. */
  connection(connection: RemoteDocument | null): void;
  synced(): void;
  clean(): void;
  lost(): void;
  /** The server ended it, or did not let it begin: `refused:<code>`, `revoked`, `not-found`, `unavailable`, … */
  ended(reason: string): void;
};

const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** When something changed that may have made the document known, and the last try is a while ago. */
const SOONER_MS = 200;

/** A document's place at the server: waits for room, connects, and after an end connects anew, never the same one twice. */
export class Attachment {
  readonly #name: string;
  readonly #host: Host;
  readonly #events: AttachmentEvents;
  #doc: Y.Doc | null = null;
  #connection: RemoteDocument | null = null;
  #priority: Priority;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #retries = 0;
  #endedAt = 0;

  constructor(name: string, host: Host, priority: Priority, events: AttachmentEvents) {
    this.#name = name;
    this.#host = host;
    this.#priority = priority;
    this.#events = events;
  }

  get connection(): RemoteDocument | null {
    return this.#connection;
  }

  /** Says how urgently someone wants it. Only ever rises. */
  want(priority: Priority): void {
    if (this.#priority !== 'always' && (priority === 'open' || this.#priority === 'freshen')) this.#priority = priority;
  }

  /** Connects this copy, as soon as there is room. */
  join(doc: Y.Doc): void {
    this.#stopRetry();
    this.#doc = doc;
    this.#host.slots.ask(this, this.#priority, () => this.#attach(doc));
  }

  /** Ends the connection, if any, and connects once more after a while. */
  again(): void {
    const doc = this.#doc;
    this.leave();
    if (doc === null) return;
    this.#doc = doc;
    this.#endedAt = performance.now();
    this.#retry = setTimeout(() => this.join(doc), backoff(this.#retries, RETRY_MS, LONGEST_RETRY_MS));
    this.#retries += 1;
  }

  /** Something may have made the document known to the server: try sooner. */
  kick(): void {
    const doc = this.#doc;
    if (this.#retry === null || doc === null) return;
    clearTimeout(this.#retry);
    const pause = this.#endedAt + RETRY_MS - performance.now();
    this.#retry = setTimeout(() => this.join(doc), Math.max(SOONER_MS, pause));
  }

  /** Ends the connection and all trying. */
  leave(): void {
    this.#stopRetry();
    this.#doc = null;
    this.#connection?.destroy();
    if (this.#connection !== null) {
      this.#connection = null;
      this.#events.connection(null);
    }
    this.#host.slots.leave(this);
  }

  #attach(doc: Y.Doc): void {
    if (this.#connection !== null || this.#doc !== doc) return;
    const { endpoint, socket } = this.#host;
    const ended = (reason: string): void => {
      if (connection === this.#connection) this.#events.ended(reason);
    };
    const connection: RemoteDocument = new RemoteDocument(socket.transport, this.#name, doc, endpoint.token, {
      synced: () => this.#events.synced(),
      clean: () => {
        // Not before: what is refused has been synced each time.
        this.#retries = 0;
        this.#events.clean();
      },
      lost: () => this.#events.lost(),
      closed: ended,
      failed: ended,
    });
    this.#connection = connection;
    this.#events.connection(connection);
  }

  #stopRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }
}
