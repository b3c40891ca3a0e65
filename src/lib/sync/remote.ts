import { HocuspocusProvider, MessageType, type HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { messageYjsSyncStep1, messageYjsSyncStep2 } from 'y-protocols/sync';
import * as Y from 'yjs';
import { UPDATE_BYTES } from '../model/limits.ts';
import { backoff } from './backoff.ts';
import { QuietAwareness } from './quiet-awareness.ts';

/** What a document's connection tells its owner. After `closed` and `failed` it is dead: destroy it. */
export type RemoteEvents = {
  /** The server's content is here. */
  synced(): void;
  /** The server holds, logged, everything that the document holds now. */
  clean(): void;
  /** The socket is gone; it comes back by itself. */
  lost(): void;
  /** The server ended this document's connection, and said why. */
  closed(reason: string): void;
  /** The server did not let this document be opened, and said why. */
  failed(reason: string): void;
};

/** Changes gather this long before they are sent, which makes one row of a burst. */
const GATHER_MS = 15;

/** One message that carries content: it stands for what the document held up to `upTo`, and then had this vector. */
type Flight = { upTo: number; vector: Uint8Array } & ({ kind: 'all' } | { kind: 'part'; from: number });

/**
 * One document's connection, and the account of what the server has confirmed. It is made for one attachment and never
 * attached again.
 *
 * The protocol: on each opening of the socket the client sends Step1 (its state vector); the server answers with its own
 * Step1 and with Step2 (what the client lacks); the client answers that Step1 with a Step2 (what the server lacks); from
 * then on updates travel. The server handles one connection's messages in order and answers each Step2 and each update
 * with one SyncStatus: 1 after the commit to the log, 0 when it was not applied.
 *
 * The account, which the provider's own counter gets wrong:
 * - `revision` counts the document's updates that did not come from this server.
 * - Until the server's Step1 has been answered nothing is sent: that answer, computed at that moment, stands for the
 *   whole document, also for deletions, which no state vector tells.
 * - Messages in flight form a queue, and each SyncStatus speaks of its head. A Step2 moves `confirmed` to its revision.
 *   An update does so only when everything before it is confirmed: after a 0 there is a hole that only a Step2 closes.
 * - A server that defers an update asks with a Step1 of its own, whose answer is such a Step2. One that says 0 and does
 *   not ask is asked for it, in growing intervals.
 * - When the socket closes or opens, nothing is known any more: the queue is forgotten and the handshake starts again.
 * - `clean` is: answered, nothing gathered, nothing in flight, and `confirmed` equals `revision`.
 */
export class RemoteDocument extends HocuspocusProvider {
  /** What the server is known to hold, as a state vector: what lies beyond it may be unknown there. Null before. */
  serverVector: Uint8Array | null = null;
  readonly presence: QuietAwareness;
  readonly #events: RemoteEvents;
  #revision = 0;
  #confirmed = -1;
  #answered = false;
  #flights: Flight[] = [];
  #gathered: { updates: Uint8Array[]; from: number } | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #resync: ReturnType<typeof setTimeout> | null = null;
  #resyncs = 0;
  #receiving = false;
  #dead = false;

  constructor(transport: HocuspocusProviderWebsocket, name: string, doc: Y.Doc, token: string, events: RemoteEvents) {
    const awareness = new QuietAwareness(doc);
    super({ websocketProvider: transport, name, document: doc, awareness, token, sessionAwareness: true });
    this.#events = events;
    this.presence = awareness;
    this.on('authenticationFailed', ({ reason }: { reason: string }) => this.#end(() => events.failed(reason)));
    this.on('close', ({ event }: { event: { reason?: string } }) => {
      // A close that arrives as a message concerns this document, any other the socket.
      if (this.#receiving) this.#end(() => events.closed(event.reason ?? ''));
      else if (!this.#dead) events.lost();
    });
    this.attach();
  }

  get clean(): boolean {
    return (
      this.#answered && this.#gathered === null && this.#flights.length === 0 && this.#confirmed === this.#revision
    );
  }

  /** Starts the handshake anew, which also makes the server say something. */
  probe(): void {
    if (this.#dead) return;
    this.#answered = false;
    this.#drop();
    this.startSync();
  }

  override documentUpdateHandler(update: Uint8Array, origin: unknown): void {
    if (origin === this || this.#dead) return;
    this.#revision += 1;
    if (!this.#answered) return;
    this.#gathered ??= { updates: [], from: this.#revision - 1 };
    this.#gathered.updates.push(update);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  override onOpen(event: Event): Promise<void> {
    this.#forget();
    return super.onOpen(event);
  }

  override onClose(): void {
    this.#forget();
    super.onClose();
    this.presence.forget();
  }

  /** The stock handshake also says once more what was said of oneself: that is up to who says it. */
  override startSync(): void {
    this.forceSync();
  }

  /** Makes the server say something, for as little as can be. */
  ask(): void {
    if (!this.#dead) this.configuration.websocketProvider.send(queryFrame(this.effectiveName));
  }

  override onMessage(event: MessageEvent): void {
    if (this.#dead) return;
    this.#receiving = true;
    try {
      const { step, vector, status } = peek(event.data);
      super.onMessage(event);
      if (status !== null) this.#settle(status === 1);
      if (step === messageYjsSyncStep1) this.#answer(vector);
      if (step === messageYjsSyncStep2) this.#events.synced();
    } finally {
      this.#receiving = false;
    }
  }

  override pageHide(): void {
    this.#flush();
    super.pageHide();
  }

  override send(...message: Parameters<HocuspocusProvider['send']>): void {
    // To a document that the server has ended, a late word would look like the beginning of a new connection.
    if (!this.#dead) super.send(...message);
  }

  /** Ends the connection; what is gathered still goes out. Idempotent. */
  override destroy(): void {
    this.#flush();
    super.destroy();
    this.#dead = true;
    this.#forget();
  }

  #end(tell: () => void): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#forget();
    // Not within the handler: the provider goes on using itself after it.
    queueMicrotask(tell);
  }

  /** The reply to the server's Step1 has just gone out, and it stands for everything. */
  #answer(vector: Uint8Array | null): void {
    if (this.#resync !== null) clearTimeout(this.#resync);
    this.#resync = null;
    this.serverVector = vector;
    this.#drop();
    this.#answered = true;
    this.#flights.push({ kind: 'all', upTo: this.#revision, vector: Y.encodeStateVector(this.document) });
  }

  #settle(applied: boolean): void {
    const flight = this.#flights.shift();
    if (flight === undefined) return;
    if (!applied) {
      this.#resyncLater();
    } else if (flight.kind === 'all' || this.#confirmed >= flight.from) {
      this.#confirmed = Math.max(this.#confirmed, flight.upTo);
      this.serverVector = flight.vector;
    }
    if (this.clean) {
      this.#resyncs = 0;
      this.#events.clean();
    }
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#drop();
    if (gathered === null || this.#dead) return;
    const [first, ...rest] = gathered.updates;
    if (first === undefined) return;
    const update = rest.length === 0 ? first : Y.mergeUpdates(gathered.updates);
    if (update.byteLength > UPDATE_BYTES) {
      // Too large for an update, but a handshake may carry it.
      this.probe();
      return;
    }
    super.documentUpdateHandler(update, null);
    const vector = Y.encodeStateVector(this.document);
    this.#flights.push({ kind: 'part', from: gathered.from, upTo: this.#revision, vector });
  }

  #drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#gathered = null;
  }

  #forget(): void {
    this.#drop();
    if (this.#resync !== null) clearTimeout(this.#resync);
    this.#resync = null;
    this.#answered = false;
    this.#flights = [];
    this.#confirmed = -1;
  }

  #resyncLater(): void {
    if (this.#resync !== null || !this.#answered) return;
    const wait = backoff(this.#resyncs, 1_000, 60_000);
    this.#resyncs += 1;
    this.#resync = setTimeout(() => {
      this.#resync = null;
      this.probe();
    }, wait);
  }
}

const QUERY_AWARENESS = Number(MessageType.QueryAwareness);

function queryFrame(address: string): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, address);
    encoding.writeVarUint(encoder, QUERY_AWARENESS);
  });
}

const SYNC = Number(MessageType.Sync);
const SYNC_STATUS = Number(MessageType.SyncStatus);

type Peeked = { step: number | null; vector: Uint8Array | null; status: number | null };

/** What a frame says of the account, without taking it from the provider. */
function peek(data: unknown): Peeked {
  const decoder = decoding.createDecoder(new Uint8Array(data as ArrayBuffer));
  decoding.readVarString(decoder);
  const type = decoding.readVarUint(decoder);
  if (type === SYNC_STATUS) return { step: null, vector: null, status: decoding.readVarInt(decoder) };
  if (type !== SYNC) return { step: null, vector: null, status: null };
  const step = decoding.readVarUint(decoder);
  const vector = step === messageYjsSyncStep1 ? decoding.readVarUint8Array(decoder).slice() : null;
  return { step, vector, status: null };
}
