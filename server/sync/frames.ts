import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { parseDocName } from '../../src/lib/model/names.ts';

/** The types of message in the Hocuspocus protocol. */
export const TYPE = {
  sync: 0,
  awareness: 1,
  auth: 2,
  queryAwareness: 3,
  syncReply: 4,
  stateless: 5,
  close: 7,
  syncStatus: 8,
} as const;

/** What follows the type in an Auth message. */
export const AUTH = { token: 0, denied: 1 } as const;

/** The steps of a sync message. */
export const SYNC = { step1: 0, step2: 1, update: 2 } as const;

/** 10,000 clients, more than any document has. */
const STATE_VECTOR_BYTES = 160 * 1024;

/** A frame begins with an address (the document's name, and NUL and a session id after it), then a type. */
export type Frame = { address: string; name: string; type: number; body: number };

/** A name is at most 38 characters, a session id a UUID: the length is one byte. */
const ADDRESS_BYTES = 127;
const SESSION = /^[\w-]{1,64}$/;

/**
 * Reads the head of a frame; null for one that is not addressed to a document. Nothing that is not a document's
 * name may get further: Hocuspocus keeps addresses as keys of plain objects, where `__proto__` is one too.
 */
export function parseFrame(data: Uint8Array): Frame | null {
  const length = data[0];
  if (length === undefined || length === 0 || length > ADDRESS_BYTES || data.length < length + 2) return null;
  const address = ascii(data, 1, 1 + length);
  const type = data[1 + length];
  if (address === null || type === undefined || type > ADDRESS_BYTES) return null;
  const separator = address.indexOf('\0');
  const name = separator === -1 ? address : address.slice(0, separator);
  if (separator !== -1 && !SESSION.test(address.slice(separator + 1))) return null;
  return parseDocName(name) === null ? null : { address, name, type, body: length + 2 };
}

/** The type of a frame that this server wrote, for little: every frame to everyone is asked for it. */
export function typeOf(data: Uint8Array): number | undefined {
  return data[1 + (data[0] ?? 0)];
}

/** The address and type of a frame that this server wrote. */
export function peekFrame(data: Uint8Array): { address: string; type: number; body: number } | null {
  const length = data[0] ?? ADDRESS_BYTES + 1;
  const type = data[1 + length];
  const address = ascii(data, 1, 1 + length);
  return length > ADDRESS_BYTES || type === undefined || address === null ? null : { address, type, body: length + 2 };
}

function ascii(data: Uint8Array, from: number, to: number): string | null {
  let text = '';
  for (let i = from; i < to; i++) {
    const byte = data[i];
    if (byte === undefined || byte > 127) return null;
    text += String.fromCharCode(byte);
  }
  return text;
}

/**
 * True when what follows a frame's type is all that such a message has. Hocuspocus reads it without care: it would
 * print what it stumbles over, so that anybody could fill the log.
 */
export function isWhole(data: Uint8Array, { type, body }: Frame): boolean {
  const decoder = decoding.createDecoder(data.subarray(body));
  try {
    switch (type) {
      case TYPE.sync:
      case TYPE.syncReply:
        return isSyncMessage(decoder);
      case TYPE.awareness:
        return isAwareness(decoding.createDecoder(decoding.readVarUint8Array(decoder))) && isRead(decoder);
      case TYPE.auth:
        if (decoding.readVarUint(decoder) !== AUTH.token) return false;
        decoding.readVarString(decoder);
        if (!isRead(decoder)) decoding.readVarString(decoder);
        return isRead(decoder);
      default:
        return true;
    }
  } catch {
    // The bytes say so themselves.
    return false;
  }
}

function isSyncMessage(decoder: decoding.Decoder): boolean {
  const step = decoding.readVarUint(decoder);
  const payload = decoding.readVarUint8Array(decoder);
  if (step === SYNC.step1) return payload.length <= STATE_VECTOR_BYTES && isStateVector(payload) && isRead(decoder);
  return (step === SYNC.step2 || step === SYNC.update) && isRead(decoder);
}

function isStateVector(payload: Uint8Array): boolean {
  const decoder = decoding.createDecoder(payload);
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    decoding.readVarUint(decoder);
    decoding.readVarUint(decoder);
  }
  return isRead(decoder);
}

function isAwareness(decoder: decoding.Decoder): boolean {
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    decoding.readVarUint(decoder);
    decoding.readVarUint(decoder);
    JSON.parse(decoding.readVarString(decoder));
  }
  return isRead(decoder);
}

function isRead(decoder: decoding.Decoder): boolean {
  return !decoding.hasContent(decoder);
}

/** The address and type of a frame whose address is no document's; null for what is no frame at all. */
export function parseStranger(data: Uint8Array): { address: string; type: number } | null {
  try {
    const decoder = decoding.createDecoder(data);
    return { address: decoding.readVarString(decoder), type: decoding.readVarUint(decoder) };
  } catch {
    // The bytes say so themselves.
    return null;
  }
}

/** The answer to who may not have a document. */
export function deniedFrame(address: string, reason: string): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, address);
  encoding.writeVarUint(encoder, TYPE.auth);
  encoding.writeVarUint(encoder, AUTH.denied);
  encoding.writeVarString(encoder, reason);
  return encoding.toUint8Array(encoder);
}

/** Awareness of nobody: a sign of life. */
export function nobodyFrame(address: string): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, address);
  encoding.writeVarUint(encoder, TYPE.awareness);
  encoding.writeVarUint8Array(encoder, Uint8Array.of(0));
  return encoding.toUint8Array(encoder);
}

/** A first message of a client, as its provider would send it. */
export function tokenFrame(address: string, token: string): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, address);
  encoding.writeVarUint(encoder, TYPE.auth);
  encoding.writeVarUint(encoder, AUTH.token);
  encoding.writeVarString(encoder, token);
  return encoding.toUint8Array(encoder);
}
