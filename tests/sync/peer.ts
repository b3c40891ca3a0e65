import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { adopt } from '../../src/lib/model/client-ids.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { TYPE } from '../../server/sync/frames.ts';
import type { AuthedUser } from '../../server/sync/types.ts';

const STEP1 = 0;
const STEP2 = 1;
const UPDATE = 2;

/**
 * One document open on one device, speaking the protocol by hand: updates go out as they are made, the handshake
 * starts anew on every socket, and `clean` is true when the server has confirmed all of it. The document outlives
 * its sockets, as a browser's does.
 */
export class Peer {
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  readonly who: AuthedUser;
  readonly name: string;
  /** Updates from the server, in the order of their frames. */
  readonly frames: Uint8Array[] = [];
  /** SyncStatus answers on this socket. */
  readonly statuses: number[] = [];
  /** Why the server closed the document, or did not open it. */
  ended: string | null = null;
  closed: { code: number; reason: string } | null = null;
  /** False: changes are made and kept, but not sent before the next handshake. */
  sending = true;
  /** Hears the type of each frame. */
  heard: (type: number) => unknown = () => undefined;
  #url: string;
  #token: string;
  #address: string;
  #ws: WebSocket | null = null;
  #answered = false;
  #synced = false;
  #inFlight: ('all' | 'part')[] = [];
  #hole = false;
  #waiters = new Set<() => void>();

  constructor(url: string, token: string, who: AuthedUser, name: string, doc = new Y.Doc()) {
    this.#url = url;
    this.#token = token;
    this.who = who;
    this.name = name;
    this.#address = name;
    this.doc = doc;
    adopt(doc, who.seq);
    this.awareness = new Awareness(doc);
    this.awareness.setLocalState(null);
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this) return;
      if (this.#answered && this.sending) this.#sendUpdate(update);
      else if (this.#answered) this.#hole = true;
    });
  }

  /** Opens a socket and resolves when server and document have told each other what they have. */
  async connect(): Promise<this> {
    await this.start();
    await this.until(() => this.#synced || this.ended !== null || this.closed !== null);
    return this;
  }

  /** Opens a socket and asks for the document. */
  start(): Promise<void> {
    this.#ws?.terminate();
    this.ended = null;
    this.closed = null;
    this.statuses.length = 0;
    this.#answered = false;
    this.#synced = false;
    this.#inFlight = [];
    this.#hole = false;
    this.#address = `${this.name}\0${newId()}`;
    const ws = new WebSocket(`${this.#url.replace(/^http/, 'ws')}/sync`);
    this.#ws = ws;
    ws.on('message', (data: Buffer) => {
      if (this.#ws === ws) this.#receive(data);
    });
    ws.on('error', () => undefined);
    ws.on('close', (code, reason) => {
      if (this.#ws !== ws) return;
      this.closed = { code, reason: reason.toString() };
      this.#answered = false;
      this.#wake();
    });
    return new Promise((resolve) => {
      ws.on('close', () => {
        resolve();
      });
      ws.on('open', () => {
        this.send(TYPE.auth, (encoder) => {
          encoding.writeVarUint(encoder, 0);
          encoding.writeVarString(encoder, this.#token);
        });
        this.send(TYPE.sync, (encoder) => {
          encoding.writeVarUint(encoder, STEP1);
          encoding.writeVarUint8Array(encoder, Y.encodeStateVector(this.doc));
        });
        resolve();
      });
    });
  }

  /** Everything that the document holds is confirmed by the server, which tells it of everything else. */
  get clean(): boolean {
    return this.#answered && this.#inFlight.length === 0 && !this.#hole;
  }

  /** Resolves when clean; rejects when that can no longer be on this socket. */
  async saved(): Promise<void> {
    await this.until(() => this.clean || this.ended !== null || this.closed !== null);
    if (!this.clean) throw new Error(`not saved: ${this.ended ?? this.closed?.reason}`);
  }

  /** Resolves when `condition` holds; it is asked again whenever something arrives. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  /** Loses the socket as a train in a tunnel does. */
  drop(): void {
    this.#ws?.terminate();
    this.#ws = null;
    this.#answered = false;
  }

  /** Stops reading, so that what the server sends stays on the way. */
  pause(): void {
    this.#ws?.pause();
  }

  /** A message of this type to the document. */
  send(type: number, write: (encoder: encoding.Encoder) => void, address = this.#address): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarString(encoder, address);
    encoding.writeVarUint(encoder, type);
    write(encoder);
    this.sendRaw(encoding.toUint8Array(encoder));
  }

  sendRaw(frame: Uint8Array | string): void {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(frame);
  }

  /** Sends bytes as an update, whatever they are. */
  sendUpdate(update: Uint8Array, step = UPDATE): void {
    this.#inFlight.push(step === UPDATE ? 'part' : 'all');
    this.send(TYPE.sync, (encoder) => {
      encoding.writeVarUint(encoder, step);
      encoding.writeVarUint8Array(encoder, update);
    });
  }

  /** Publishes states under any clientIDs. */
  sendAwareness(states: Iterable<[number, Record<string, unknown>]>): void {
    const scratch = new Awareness(new Y.Doc());
    scratch.setLocalState(null);
    for (const [client, state] of states) {
      scratch.states.set(client, state);
      scratch.meta.set(client, { clock: Date.now(), lastUpdated: 0 });
    }
    this.send(TYPE.awareness, (encoder) => {
      encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(scratch, [...scratch.states.keys()]));
    });
    scratch.destroy();
  }

  destroy(): void {
    this.drop();
    this.awareness.destroy();
    this.doc.destroy();
  }

  #sendUpdate(update: Uint8Array): void {
    this.sendUpdate(update);
  }

  #receive(data: Buffer): void {
    const decoder = decoding.createDecoder(data);
    decoding.readVarString(decoder);
    const type = decoding.readVarUint(decoder);
    this.heard(type);
    switch (type) {
      case TYPE.sync:
      case TYPE.syncReply:
        this.#receiveSync(decoder);
        break;
      case TYPE.syncStatus:
        this.#receiveStatus(decoding.readVarInt(decoder));
        break;
      case TYPE.awareness:
        applyAwarenessUpdate(this.awareness, decoding.readVarUint8Array(decoder), this);
        break;
      case TYPE.close:
        this.ended = decoding.readVarString(decoder);
        break;
      case TYPE.auth:
        if (decoding.readVarUint(decoder) === 1) this.ended = decoding.readVarString(decoder);
        break;
      default:
        throw new Error(`the server sent a message of type ${type}`);
    }
    this.#wake();
  }

  #receiveSync(decoder: decoding.Decoder): void {
    const step = decoding.readVarUint(decoder);
    const payload = decoding.readVarUint8Array(decoder);
    if (step === STEP1) {
      // The answer carries everything that the server lacks, and so heals whatever was lost before.
      this.#answered = true;
      this.#hole = false;
      this.sendUpdate(Y.encodeStateAsUpdate(this.doc, payload), STEP2);
      return;
    }
    if (step === STEP2) this.#synced = true;
    else this.frames.push(payload.slice());
    Y.applyUpdate(this.doc, payload, this);
  }

  #receiveStatus(status: number): void {
    this.statuses.push(status);
    const flight = this.#inFlight.shift();
    if (status === 0) this.#hole = true;
    else if (flight === 'all' && this.#inFlight.length === 0) this.#hole = false;
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }
}
