import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { AUTH, TYPE } from '../../server/sync/frames.ts';
import type { Person } from '../harness/people.ts';

const STEP1 = 0;
const STEP2 = 1;
const UPDATE = 2;

/** A frame that came from the server, as far as it is understood. */
export type Frame = { address: string; type: number; body: Uint8Array };
export type Closed = { code: number; reason: string };
export type Door = {
  /** `/sync` when left out. */
  path?: string;
  /** Instead of the cookie and the Origin of the person's own page. */
  headers?: Record<string, string>;
};

/** An address, a type, and whatever follows. */
export function frame(address: string, type: number, write: (e: encoding.Encoder) => void = () => undefined) {
  return encoding.encode((e) => {
    encoding.writeVarString(e, address);
    encoding.writeVarUint(e, type);
    write(e);
  });
}

export const authFrame = (address: string, token = ''): Uint8Array =>
  frame(address, TYPE.auth, (e) => {
    encoding.writeVarUint(e, AUTH.token);
    encoding.writeVarString(e, token);
    encoding.writeVarString(e, '4.8.0');
  });

export const syncFrame = (address: string, step: number, payload: Uint8Array, type: number = TYPE.sync): Uint8Array =>
  frame(address, type, (e) => {
    encoding.writeVarUint(e, step);
    encoding.writeVarUint8Array(e, payload);
  });

export const step1Frame = (address: string): Uint8Array => syncFrame(address, STEP1, Y.encodeStateVector(new Y.Doc()));
export const step2Frame = (address: string, update: Uint8Array): Uint8Array => syncFrame(address, STEP2, update);
export const updateFrame = (address: string, update: Uint8Array): Uint8Array => syncFrame(address, UPDATE, update);

/**
 * One WebSocket that does what it is told, honest or not, and keeps every byte it gets. Nothing it sends is checked,
 * nothing it receives is answered.
 */
export class Attacker {
  readonly ws: WebSocket;
  /** Who it is, for what it may be told. */
  person: Person | null;
  readonly frames: Frame[] = [];
  /** The bytes of every message, ping, pong and farewell. */
  readonly received: Buffer[] = [];
  /** Set once the socket is closed. */
  ended: Closed | null = null;
  /** The status of an upgrade that was refused. */
  status: number | null = null;
  #waiters = new Set<() => void>();

  constructor(url: string, person: Person | null, { path = '/sync', headers }: Door = {}) {
    this.person = person;
    const own = person === null ? {} : { cookie: person.cookie, origin: url };
    this.ws = new WebSocket(url.replace(/^http/, 'ws') + path, { headers: headers ?? own, perMessageDeflate: false });
    this.ws.on('message', (data: Buffer) => {
      this.received.push(data);
      const parsed = parse(data);
      if (parsed !== null) this.frames.push(parsed);
      this.#wake();
    });
    this.ws.on('open', () => this.#wake());
    this.ws.on('pong', () => this.#wake());
    this.ws.on('error', () => undefined);
    this.ws.on('unexpected-response', (_request, response) => {
      this.status = response.statusCode ?? 0;
      response.on('data', (chunk: Buffer) => this.received.push(chunk));
      response.on('end', () => {
        this.ended = { code: 0, reason: `HTTP ${this.status}` };
        this.#wake();
      });
    });
    this.ws.on('close', (code, reason) => {
      this.received.push(reason);
      this.ended ??= { code, reason: reason.toString() };
      this.#wake();
    });
  }

  /** Resolves when `condition` holds; it is asked again after everything that happens to the socket. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  /** True once it is a WebSocket; false when it was refused. */
  async open(): Promise<boolean> {
    await this.until(() => this.ended !== null || this.ws.readyState === WebSocket.OPEN);
    return this.ended === null;
  }

  send(...frames: Uint8Array[]): void {
    for (const bytes of frames) this.ws.send(bytes);
  }

  async closed(): Promise<Closed> {
    await this.until(() => this.ended !== null);
    return this.ended ?? { code: 0, reason: '' };
  }

  /** Resolves when the server has read everything sent so far, or closed the socket. */
  async settled(): Promise<void> {
    if (this.ended !== null) return;
    let heard = false;
    this.ws.once('pong', () => {
      heard = true;
    });
    this.ws.ping();
    await this.until(() => heard || this.ended !== null);
  }

  /** The first frame of those that came after the first `from`, or how the socket ended. */
  async next(wanted: (frame: Frame) => boolean, from = 0): Promise<Frame | Closed> {
    const find = (): Frame | undefined => this.frames.slice(from).find(wanted);
    await this.until(() => find() !== undefined || this.ended !== null);
    return find() ?? this.ended ?? { code: 0, reason: '' };
  }

  /** Asks for a document: 'authenticated', the reason why not, or `closed <code> <reason>`. */
  async ask(address: string, token = ''): Promise<string> {
    const from = this.frames.length;
    this.send(authFrame(address, token));
    return told(await this.next((f) => f.address === address && f.type === TYPE.auth, from));
  }

  /** Sends an update and tells what became of it: 'stored', 'deferred', the reason of a refusal, or `closed …`. */
  async put(
    address: string,
    update: Uint8Array,
    { step2 = false, type = TYPE.sync }: { step2?: boolean; type?: number } = {},
  ): Promise<string> {
    const from = this.frames.length;
    this.send(syncFrame(address, step2 ? STEP2 : UPDATE, update, type));
    return this.outcome(address, from);
  }

  /** What the server says next of the document: an acknowledgement or its end. */
  async outcome(address: string, from = this.frames.length): Promise<string> {
    const ends: number[] = [TYPE.syncStatus, TYPE.close];
    return told(await this.next((f) => f.address === address && ends.includes(f.type), from));
  }

  /** Everything the server has of a document that was asked for. */
  async read(address: string): Promise<Y.Doc> {
    const from = this.frames.length;
    this.send(step1Frame(address));
    const isAnswer = (f: Frame): boolean => {
      const isSync = f.type === TYPE.sync || f.type === TYPE.syncReply;
      return f.address === address && ((isSync && f.body[0] === STEP2) || f.type === TYPE.close);
    };
    const answer = await this.next(isAnswer, from);
    if ('code' in answer || answer.type === TYPE.close) throw new Error(`cannot read ${address}: ${told(answer)}`);
    const decoder = decoding.createDecoder(answer.body);
    decoding.readVarUint(decoder);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, decoding.readVarUint8Array(decoder));
    return doc;
  }

  /** Asks for a document and reads it. */
  async fetch(address: string): Promise<Y.Doc> {
    const answer = await this.ask(address);
    if (answer !== 'authenticated') throw new Error(`${address}: ${answer}`);
    return this.read(address);
  }
}

function told(answer: Frame | Closed): string {
  if ('code' in answer) return `closed ${answer.code} ${answer.reason}`.trim();
  const decoder = decoding.createDecoder(answer.body);
  if (answer.type === TYPE.syncStatus) return decoding.readVarInt(decoder) === 1 ? 'stored' : 'deferred';
  if (answer.type === TYPE.close) return decoding.readVarString(decoder);
  return decoding.readVarUint(decoder) === AUTH.denied ? decoding.readVarString(decoder) : 'authenticated';
}

function parse(data: Buffer): Frame | null {
  try {
    const decoder = decoding.createDecoder(data);
    const address = decoding.readVarString(decoder);
    const type = decoding.readVarUint(decoder);
    return { address, type, body: data.subarray(decoder.pos) };
  } catch {
    // Plain frames of /yjs have no address: their bytes are in `received`.
    return null;
  }
}
