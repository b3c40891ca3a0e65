import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { adopt } from '../../src/lib/model/client-ids.ts';
import type { Person } from './people.ts';

/** Message types of the Hocuspocus protocol, as its server reads them. */
const TYPE = { sync: 0, awareness: 1, auth: 2, syncReply: 4, close: 7, syncStatus: 8 } as const;
const STEP1 = 0;
const STEP2 = 1;
const UPDATE = 2;

/**
 * A client that speaks the sync protocol by hand, so that a test knows exactly which change each acknowledgement is for:
 * the server answers a document's messages in order, one SyncStatus for each Step2 or Update.
 * The document outlives sockets, as a browser's does; `connect` may be called again after a loss.
 */
export class RawClient {
  readonly doc = new Y.Doc();
  /** Labels of changes that the server acknowledged. */
  readonly acknowledged = new Set<string>();
  readonly refusals: string[] = [];
  #url: string;
  #person: Person;
  #name: string;
  #socket: WebSocket | null = null;
  #open = false;
  #synced = false;
  /** For each frame that awaits its SyncStatus: the labels it carries. */
  #awaiting: string[][] = [];
  /** Labels whose change has not been acknowledged yet, whatever socket it went out on. */
  #unacknowledged = new Set<string>();
  #waiters = new Set<() => void>();

  constructor(url: string, person: Person, name: string) {
    this.#url = `${url.replace(/^http/, 'ws')}/sync`;
    this.#person = person;
    this.#name = name;
    adopt(this.doc, person.seq);
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#sendUpdate(update, origin);
    });
  }

  /** Makes one change, labelled so that `acknowledged` can tell of it. */
  change(label: string, fn: (doc: Y.Doc) => void): void {
    this.#unacknowledged.add(label);
    this.doc.transact(() => fn(this.doc), label);
  }

  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  /** Opens a socket and starts the handshake; resolves when it closes or the first sync is done, whichever is first. */
  connect(): Promise<boolean> {
    const socket = new WebSocket(this.#url, {
      headers: { cookie: this.#person.cookie, origin: this.#url.replace(/^ws/, 'http').replace(/\/sync$/, '') },
    });
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#open = false;
    this.#synced = false;
    this.#awaiting = [];
    return new Promise((resolve) => {
      socket.on('open', () => {
        this.#send((encoder) => {
          encoding.writeVarUint(encoder, TYPE.auth);
          encoding.writeVarUint(encoder, 0);
          encoding.writeVarString(encoder, '');
          encoding.writeVarString(encoder, '4.8.0');
        });
        this.#send((encoder) => {
          encoding.writeVarUint(encoder, TYPE.sync);
          encoding.writeVarUint(encoder, STEP1);
          encoding.writeVarUint8Array(encoder, Y.encodeStateVector(this.doc));
        });
      });
      socket.on('message', (data: ArrayBuffer) => {
        this.#receive(new Uint8Array(data), () => resolve(true));
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (this.#socket === socket) {
          this.#socket = null;
          this.#open = false;
        }
        this.#wake();
        resolve(false);
      });
    });
  }

  get connected(): boolean {
    return this.#open;
  }

  /** Whether everything that the server has was received on this connection. */
  get synced(): boolean {
    return this.#synced;
  }

  close(): void {
    this.#socket?.terminate();
    this.#socket = null;
    this.#open = false;
  }

  /** Resolves when `condition` holds; it is asked again after every frame received. Throws when the server refused. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.refusals.length > 0) throw new Error(`The server refused ${this.#name}: ${this.refusals.join(', ')}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  #sendUpdate(update: Uint8Array, label: unknown): void {
    if (!this.#open) return;
    this.#awaiting.push(typeof label === 'string' ? [label] : []);
    this.#send((encoder) => {
      encoding.writeVarUint(encoder, TYPE.sync);
      encoding.writeVarUint(encoder, UPDATE);
      encoding.writeVarUint8Array(encoder, update);
    });
  }

  #send(write: (encoder: encoding.Encoder) => void): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarString(encoder, this.#name);
    write(encoder);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encoding.toUint8Array(encoder));
  }

  #receive(frame: Uint8Array, synced: () => void): void {
    const decoder = decoding.createDecoder(frame);
    decoding.readVarString(decoder);
    const type = decoding.readVarUint(decoder);
    if (type === TYPE.sync || type === TYPE.syncReply) this.#receiveSync(decoder, synced);
    else if (type === TYPE.syncStatus) this.#receiveStatus(decoding.readVarInt(decoder) === 1);
    else if (type === TYPE.close) this.#ended(decoding.readVarString(decoder));
    else if (type === TYPE.auth && decoding.readVarUint(decoder) === 1) this.#ended(decoding.readVarString(decoder));
    this.#wake();
  }

  /** For a passing fault a client comes again later; anything else is for good. */
  #ended(reason: string): void {
    if (reason === 'unavailable') this.#socket?.terminate();
    else this.refusals.push(reason);
  }

  #receiveSync(decoder: decoding.Decoder, synced: () => void): void {
    const step = decoding.readVarUint(decoder);
    const payload = decoding.readVarUint8Array(decoder);
    if (step !== STEP1) {
      Y.applyUpdate(this.doc, payload, this);
      if (step === STEP2) this.#synced = true;
      return;
    }
    // The answer to the server's Step1 carries everything it lacks: with its acknowledgement all of that is stored.
    this.#awaiting.push([...this.#unacknowledged]);
    this.#open = true;
    this.#send((encoder) => {
      encoding.writeVarUint(encoder, TYPE.sync);
      encoding.writeVarUint(encoder, STEP2);
      encoding.writeVarUint8Array(encoder, Y.encodeStateAsUpdate(this.doc, payload));
    });
    synced();
  }

  #receiveStatus(applied: boolean): void {
    const labels = this.#awaiting.shift() ?? [];
    if (!applied) return;
    for (const label of labels) {
      this.acknowledged.add(label);
      this.#unacknowledged.delete(label);
    }
  }
}
