/** The little of PostgreSQL's wire protocol (version 3) that the bridge itself reads and writes. */

export const STARTUP = 196_608;
export const SSL_REQUEST = 80_877_103;

export interface Message {
  /** A letter; '' for the untyped first message of a connection. */
  type: string;
  /** The whole message, with its head. */
  bytes: Uint8Array;
}

/** Cuts a stream of bytes into the messages of a client. */
export class MessageReader {
  #rest: Uint8Array = new Uint8Array();
  #typed = false;

  push(chunk: Uint8Array): Message[] {
    let bytes = this.#rest.length === 0 ? chunk : concat([this.#rest, chunk]);
    const messages: Message[] = [];
    for (;;) {
      const head = this.#typed ? 1 : 0;
      if (bytes.length < head + 4) break;
      const length = head + int32(bytes, head);
      if (bytes.length < length) break;
      messages.push({ type: head ? String.fromCharCode(bytes[0] ?? 0) : '', bytes: bytes.subarray(0, length) });
      // A request for encryption is answered, and then the untyped startup message still comes.
      if (!this.#typed) this.#typed = int32(bytes, 4) !== SSL_REQUEST;
      bytes = bytes.subarray(length);
    }
    this.#rest = bytes;
    return messages;
  }
}

export function int32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(at);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The zero-terminated text at `at`. */
export function text(bytes: Uint8Array, at: number): string {
  return new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at)));
}

function message(type: string, ...parts: (string | number | Uint8Array)[]): Uint8Array {
  const body = parts.map((part) => {
    if (typeof part === 'string') return new TextEncoder().encode(`${part}\0`);
    if (typeof part !== 'number') return part;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, part);
    return bytes;
  });
  const out = concat([new Uint8Array(5), ...body]);
  out[0] = type.charCodeAt(0);
  new DataView(out.buffer).setInt32(1, out.length - 1);
  return out;
}

/** A query of the simple protocol. */
export function query(sql: string): Uint8Array {
  return message('Q', sql);
}

export function sync(): Uint8Array {
  return message('S');
}

export function closeStatement(name: string): Uint8Array {
  return message('C', Uint8Array.of(0x53), name);
}

/** Welcomes a client: no password, no real process behind it, idle. */
export function welcome(connection: number): Uint8Array {
  return concat([
    message('R', 0),
    message('S', 'client_encoding', 'UTF8'),
    message('K', connection, 0),
    readyForQuery(),
  ]);
}

/** Idle: outside of any transaction. */
export function readyForQuery(): Uint8Array {
  return message('Z', Uint8Array.of(0x49));
}

export function errorResponse(severity: 'ERROR' | 'FATAL', code: string, why: string): Uint8Array {
  const field = (letter: string, value: string) => new TextEncoder().encode(`${letter}${value}\0`);
  return message(
    'E',
    concat([field('S', severity), field('V', severity), field('C', code), field('M', why), Uint8Array.of(0)]),
  );
}

export type TransactionStatus = 'I' | 'T' | 'E';

/** What an answer says at its end about the session: idle, in a transaction, in a failed one. Null: nothing yet. */
export function statusAfter(answer: Uint8Array): TransactionStatus | null {
  const at = answer.length - 6;
  if (at < 0 || answer[at] !== 0x5a || int32(answer, at + 1) !== 5) return null;
  const status = String.fromCharCode(answer[at + 5] ?? 0);
  return status === 'I' || status === 'T' || status === 'E' ? status : null;
}

/** The first column of the first row of an answer; throws the error that it holds. */
export function firstValue(answer: Uint8Array): string | null {
  for (let at = 0; at < answer.length; at += 1 + int32(answer, at + 1)) {
    const type = String.fromCharCode(answer[at] ?? 0);
    if (type === 'E') throw new Error(errorText(answer.subarray(at + 5, at + 1 + int32(answer, at + 1))));
    if (type === 'D') {
      const length = int32(answer, at + 7);
      return length < 0 ? null : new TextDecoder().decode(answer.subarray(at + 11, at + 11 + length));
    }
  }
  return null;
}

/** The same answer with another SQLSTATE, of the same length, in the errors that have `from`. */
export function recode(answer: Uint8Array, from: string, to: string): Uint8Array {
  const bytes = new Uint8Array(answer);
  const error = 'E'.charCodeAt(0);
  for (let at = 0, end; at < bytes.length; at = end) {
    end = at + 1 + int32(bytes, at + 1);
    // Fields, each a letter and a text that ends with zero.
    for (let field = at + 5; bytes[at] === error && field < end - 1; field = bytes.indexOf(0, field) + 1) {
      if (text(bytes, field) === `C${from}`) bytes.set(new TextEncoder().encode(`C${to}`), field);
    }
  }
  return bytes;
}

function errorText(fields: Uint8Array): string {
  const parts = new TextDecoder().decode(fields).split('\0');
  return parts.find((part) => part.startsWith('M'))?.slice(1) ?? 'unknown error';
}
