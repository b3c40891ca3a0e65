import { createDecoder, readVarString } from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import type { WebSocket } from 'ws';
import { parseDocName } from '../../src/lib/model/names.ts';
import { AUTH, peekFrame, TYPE } from './frames.ts';
import { CLOSE, REASON } from './outcome.ts';
import type { Wire } from './socket.ts';

/**
 * The other side of a plain y-websocket client: the same frames without an address, since each of its sockets is for
 * one document. What that protocol has no words for (acknowledgement, refusal) is left out, or closes the socket.
 */
export class YjsWire implements Wire {
  readonly #ws: WebSocket;

  constructor(ws: WebSocket) {
    this.#ws = ws;
  }

  get readyState(): Wire['readyState'] {
    return this.#ws.readyState;
  }

  get bufferedAmount(): number {
    return this.#ws.bufferedAmount;
  }

  send(data: Uint8Array): void {
    const frame = peekFrame(data);
    if (frame === null) return;
    switch (frame.type) {
      case TYPE.sync:
      case TYPE.syncReply:
      case TYPE.awareness: {
        const type = frame.type === TYPE.awareness ? TYPE.awareness : TYPE.sync;
        const plain = data.slice(frame.body - 1);
        plain[0] = type;
        this.#ws.send(plain);
        break;
      }
      case TYPE.auth:
        if (data[frame.body] === AUTH.denied) this.#closeWith(textAt(data, frame.body + 1));
        break;
      case TYPE.close:
        this.#closeWith(textAt(data, frame.body));
        break;
      default:
        break;
    }
  }

  close(code?: number, reason?: string): void {
    this.#ws.close(code, reason);
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  terminate(): void {
    this.#ws.terminate();
  }

  #closeWith(reason: string): void {
    this.#ws.close(CODES[reason] ?? CLOSE.forbidden, reason);
  }
}

const CODES: Readonly<Record<string, number>> = {
  [REASON.unavailable]: CLOSE.tryLater,
  [REASON.signedOut]: CLOSE.signedOut,
  [REASON.notFound]: CLOSE.notFound,
};

function textAt(data: Uint8Array, position: number): string {
  return readVarString(createDecoder(data.subarray(position)));
}

/** A frame of a plain client, addressed. Null for a type that it does not have. */
export function addressed(name: string, data: Uint8Array): Uint8Array | null {
  const type = data[0];
  if (type !== TYPE.sync && type !== TYPE.awareness && type !== TYPE.queryAwareness) return null;
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, name);
  encoding.writeUint8Array(encoder, data);
  return encoding.toUint8Array(encoder);
}

/** What a plain client asks for by its address: the document, and a token if it has one. Null where no document can be. */
export function plainTarget(url: string | undefined): { name: string; token: string } | null {
  if (url === undefined || !URL.canParse(url, 'http://server')) return null;
  const { pathname, searchParams } = new URL(url, 'http://server');
  const name = /\/yjs\/([0-9a-z/]+)$/.exec(pathname)?.[1];
  if (name === undefined || parseDocName(name) === null) return null;
  return { name, token: searchParams.get('token') ?? '' };
}

/** True for an address of the plain endpoint, whatever document it names. */
export function isPlain(url: string | undefined): boolean {
  return url !== undefined && /^[^?]*\/yjs\//.test(url);
}
