export type UserId = string;
export type BoardId = string;
export type RoomId = string;
export type TaskId = string;
export type ColumnId = string;
export type MessageId = string;

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const LENGTH = 20;
/** The largest multiple of 36 that a byte can stay under: bytes above it would favour some letters. */
const FAIR_BYTES = 252;
const ID = /^[0-9a-z]{16,24}$/;

/** A new opaque id: 20 characters of `[0-9a-z]`, 103 random bits. Works without a secure context. */
export function newId(): string {
  let id = '';
  while (id.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH + 4))) {
      if (byte < FAIR_BYTES && id.length < LENGTH) id += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return id;
}

/** True for 16 to 24 characters of `[0-9a-z]`. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}
