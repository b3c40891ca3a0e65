import { randomBytes } from 'node:crypto';
import type { Person } from '../harness/people.ts';
import type { Arena } from './harness.ts';
import type { RawSocket } from './raw-socket.ts';

/** The WebSocket protocol by hand (RFC 6455), so that it can be broken. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export type Shape = {
  fin?: boolean;
  /** The three reserved bits, of which the first says 'compressed'. */
  reserved?: number;
  masked?: boolean;
  /** What the header claims; else what the payload has. */
  length?: bigint;
};

/** One frame of a client. */
export function wsFrame(opcode: number, payload: Uint8Array = new Uint8Array(), shape: Shape = {}): Buffer {
  const { fin = true, reserved = 0, masked = true, length = BigInt(payload.length) } = shape;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? randomBytes(4) : Buffer.alloc(0);
  const body = Buffer.from(payload);
  if (masked) for (let i = 0; i < body.length; i++) body[i] = (body[i] ?? 0) ^ (mask[i % 4] ?? 0);
  return Buffer.concat([Buffer.from([first]), lengthBytes(length, masked ? 0x80 : 0), mask, body]);
}

function lengthBytes(length: bigint, bit: number): Buffer {
  if (length < 126n) return Buffer.from([bit | Number(length)]);
  if (length < 65_536n) {
    const bytes = Buffer.from([bit | 126, 0, 0]);
    bytes.writeUInt16BE(Number(length), 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9, bit | 127);
  bytes.writeBigUInt64BE(length, 1);
  return bytes;
}

export function upgradeRequest(host: string, path = '/sync', headers: Record<string, string> = {}): string {
  const all = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A WebSocket of this person, or of nobody, whose frames are made by hand. */
export async function byHand(arena: Arena, person: Person | null, headers: Record<string, string> = {}) {
  const raw = arena.raw(person);
  const own = person === null ? {} : { Cookie: person.cookie, Origin: arena.server.url };
  raw.write(upgradeRequest(new URL(arena.server.url).host, '/sync', { ...own, ...headers }));
  await raw.until(() => raw.ended || raw.text.includes('\r\n\r\n'));
  if (!raw.text.startsWith('HTTP/1.1 101 ')) throw new Error(`not let in: ${raw.text}`);
  return raw;
}

/** Codes of the close frames that the server sent, in what came after the handshake. */
export function closeCodes(raw: RawSocket): number[] {
  const bytes = Buffer.concat(raw.received);
  let at = bytes.indexOf('\r\n\r\n') + 4;
  const codes: number[] = [];
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    let length = (bytes[at + 1] ?? 0) & 0x7f;
    at += 2;
    if (length === 126) {
      length = bytes.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at));
      at += 8;
    }
    if (opcode === OPCODE.close) codes.push(length >= 2 ? bytes.readUInt16BE(at) : 1005);
    at += length;
  }
  return codes;
}
