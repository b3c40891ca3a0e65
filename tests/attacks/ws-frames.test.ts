import * as encoding from 'lib0/encoding';
import { describe, expect } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { boardDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { AUTH, TYPE } from '../../server/sync/frames.ts';
import { authFrame, frame, step1Frame, updateFrame, type Attacker } from './attacker.ts';
import { Arena } from './harness.ts';
import { byHand, closeCodes, OPCODE, wsFrame, type Shape } from './ws-bytes.ts';

const arena = new Arena();
const UNSUPPORTED = 1003;
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const filled = (length: number, value = 0x61): Uint8Array => new Uint8Array(length).fill(value);
/** A number written in more bytes than it needs. */
const overlong = (value: number, length: number): number[] => [
  ...Array.from({ length: length - 1 }, (_, i) => 0x80 | (i === 0 ? value : 0)),
  0,
];

/** What the whole socket is closed for. A document of the sender's own is open on it. */
const CLOSING: [name: string, code: number, message: () => Uint8Array | string][] = [
  ['text', UNSUPPORTED, () => 'hello'],
  ['text that is a message', UNSUPPORTED, () => Buffer.from(authFrame(hall())).toString('latin1')],
  ['an empty text', UNSUPPORTED, () => ''],
  ['nothing', UNSUPPORTED, () => bytes()],
  ['one byte', UNSUPPORTED, () => bytes(0)],
  ['an address that is longer than the message', UNSUPPORTED, () => bytes(100, 98)],
  ['an address of 2⁵³ bytes', UNSUPPORTED, () => bytes(...new Array<number>(7).fill(0xff), 0x0f, 98)],
  ['an address whose length never ends', UNSUPPORTED, () => filled(1_000, 0xff)],
  ['a megabyte of length', UNSUPPORTED, () => filled(1_000_000, 0xff)],
  ['an address that is no UTF-8', UNSUPPORTED, () => bytes(2, 0xff, 0xfe, 0)],
  ['type 6, which is none', UNSUPPORTED, () => frame(hall(), 6)],
  [
    'type 8, which is the server’s',
    UNSUPPORTED,
    () => frame(hall(), TYPE.syncStatus, (e) => encoding.writeVarInt(e, 1)),
  ],
  ['type 9, a ping of Hocuspocus 4.8', UNSUPPORTED, () => frame(hall(), 9)],
  ['type 127', UNSUPPORTED, () => frame(hall(), 127)],
];

/** What is dropped, or ends one document: the socket lives. */
const IGNORED: [name: string, message: () => Uint8Array][] = [
  ['a type of two bytes', () => frame(hall(), 128)],
  ['a type of 2⁵³', () => frame(hall(), Number.MAX_SAFE_INTEGER)],
  ['type 0 written in five bytes', () => concat(address(hall()), overlong(TYPE.sync, 5))],
  ['an address whose length is written in five bytes', () => concat(overlong(hall().length, 5), text(hall()), [0, 0])],
  ['a document that was not asked for', () => step1Frame(boardDoc(arena.people.home.board))],
  ['a document of others', () => step1Frame(boardDoc(arena.people.other.board))],
  ['a document that is not there', () => step1Frame(boardDoc(newId()))],
  ['a stateless message', () => frame(hall(), TYPE.stateless, (e) => encoding.writeVarString(e, 'hello'))],
];

const hall = (): string => volumeDoc(`room/${arena.people.home.room}`, 1);
const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const address = (value: string): number[] => [value.length, ...text(value)];
const concat = (...parts: number[][]): Uint8Array => Uint8Array.from(parts.flat());

describe('messages', () => {
  for (const [name, code, message] of CLOSING) {
    arena.attack(`[S33] ${name} closes its socket`, async ({ people }) => {
      const mia = await arena.enter(people.mia);
      await mia.fetch(hall());
      mia.ws.send(message());
      expect((await mia.closed()).code).toBe(code);
    });
  }

  for (const [name, message] of IGNORED) {
    arena.attack(`[S33] ${name} goes nowhere`, async ({ people }) => {
      const mia = await arena.enter(people.mia);
      await mia.fetch(hall());
      const before = mia.frames.length;
      mia.send(message());
      await mia.settled();
      expect(mia.ended).toBeNull();
      expect(mia.frames.slice(before)).toEqual([]);
      expect((await mia.read(hall())).getMap('m').size).toBeGreaterThan(0);
    });
  }
});

/** Frames that RFC 6455 forbids: the socket is failed with the code, or dropped without one. */
const BROKEN: [name: string, code: number, frames: () => Buffer[]][] = [
  ['a frame without a mask', 1002, () => [wsFrame(OPCODE.binary, filled(10), { masked: false })]],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, number, () => Buffer[]] => [
    `opcode ${opcode}`,
    1002,
    () => [wsFrame(opcode, filled(4))],
  ]),
  ...[1, 2, 4, 7].map((reserved): [string, number, () => Buffer[]] => [
    `reserved bits ${reserved}`,
    1002,
    () => [wsFrame(OPCODE.binary, filled(4), { reserved })],
  ]),
  ['a continuation of nothing', 1002, () => [wsFrame(OPCODE.continuation, filled(4))]],
  [
    'a new message in the middle of another',
    1002,
    () => [wsFrame(OPCODE.binary, filled(4), { fin: false }), wsFrame(OPCODE.binary, filled(4))],
  ],
  ['a ping in parts', 1002, () => [wsFrame(OPCODE.ping, filled(4), { fin: false })]],
  ['a ping of 126 bytes', 1002, () => [wsFrame(OPCODE.ping, filled(126))]],
  ['a close of 126 bytes', 1002, () => [wsFrame(OPCODE.close, filled(126))]],
  ['a close of one byte', 1002, () => [wsFrame(OPCODE.close, filled(1))]],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code): [string, number, () => Buffer[]] => [
    `a close with code ${code}`,
    1002,
    () => [wsFrame(OPCODE.close, bytes(code >> 8, code & 255))],
  ]),
  ['a close whose reason is no UTF-8', 1007, () => [wsFrame(OPCODE.close, bytes(3, 232, 0xff, 0xfe))]],
  ['text that is no UTF-8', 1007, () => [wsFrame(OPCODE.text, bytes(0xff, 0xfe))]],
  ['a frame that claims 9 MiB', 1009, () => [claim(9n << 20n)]],
  ['a frame that claims 2⁵³ bytes', 1009, () => [claim(1n << 53n)]],
  ['a frame that claims 2⁶³ bytes', 1009, () => [claim(1n << 63n)]],
  [
    'parts that come to 9 MiB',
    1009,
    () => [
      wsFrame(OPCODE.binary, filled(4 << 20), { fin: false }),
      wsFrame(OPCODE.continuation, filled(5 << 20), { fin: false }),
    ],
  ],
];

function claim(length: bigint, shape: Shape = {}): Buffer {
  return wsFrame(OPCODE.binary, filled(4), { ...shape, length });
}

describe('frames', () => {
  for (const [name, code, frames] of BROKEN) {
    arena.attack(`[S33] ${name} fails its connection`, async ({ people }) => {
      const raw = await byHand(arena, people.mia);
      for (const one of frames()) raw.write(one);
      await raw.rest();
      expect(closeCodes(raw)).toEqual([code]);
    });
  }

  arena.attack('[S33] honest: a message in a thousand parts arrives', async ({ people }) => {
    const raw = await byHand(arena, people.mia);
    const message = [...authFrame(hall()), ...filled(0)];
    message.forEach((byte, i) => {
      raw.write(wsFrame(i === 0 ? OPCODE.binary : OPCODE.continuation, bytes(byte), { fin: i === message.length - 1 }));
    });
    await raw.until(() => raw.text.includes('read-write'));
  });

  arena.attack('[S33] one message in 100,000 empty parts holds nobody up', async ({ people }) => {
    const raw = await byHand(arena, people.mia);
    raw.write(wsFrame(OPCODE.binary, bytes(), { fin: false }));
    const part = wsFrame(OPCODE.continuation, bytes(), { fin: false });
    for (let i = 0; i < 100; i++) raw.write(Buffer.concat(new Array<Buffer>(1_000).fill(part)));
    raw.write(wsFrame(OPCODE.continuation));
    await raw.rest();
    expect(closeCodes(raw)).toHaveLength(1);
  });
});

describe('floods', () => {
  arena.attack('[S32] 20,000 pings end their connection', async ({ people }) => {
    const raw = await byHand(arena, people.mia);
    const ping = wsFrame(OPCODE.ping, bytes(1));
    raw.write(Buffer.concat(new Array<Buffer>(20_000).fill(ping)));
    await raw.rest();
    expect(closeCodes(raw)).toEqual([]);
  });

  for (const who of ['a member', 'nobody'] as const) {
    const flooder = async (): Promise<Attacker> => arena.enter(who === 'nobody' ? null : await arena.newcomer());

    arena.attack(`[S32] 20,000 frames that ask for one document, from ${who}`, async () => {
      const attacker = await flooder();
      const ask = authFrame(hall(), who === 'nobody' ? 'a'.repeat(40) : '');
      for (let i = 0; i < 20_000; i++) attacker.ws.send(ask);
      const admitted = () =>
        attacker.frames.filter(({ type, body }) => type === TYPE.auth && body[0] !== AUTH.denied).length;
      const heard = () => (who === 'nobody' ? attacker.frames.length : admitted());
      await attacker.until(() => attacker.ended !== null || heard() > 0);
      const answers = attacker.frames.slice(0, 3).map(({ body }) => [...body.slice(0, 40)]);
      // More than may wait for the answer to the first one end the connection, where that answer takes long.
      const mayBe = who === 'nobody' || (attacker.ended !== null && admitted() === 0) ? 0 : 1;
      expect(admitted(), JSON.stringify([attacker.ended, answers])).toBe(mayBe);
    });

    arena.attack(`[S32] 20,000 documents that are not there, from ${who}`, async () => {
      const attacker = await flooder();
      for (let i = 0; i < 20_000; i++) attacker.ws.send(authFrame(boardDoc(newId())));
      await attacker.until(() => attacker.frames.length >= 100 || attacker.ended !== null);
      expect(attacker.frames.every(({ body }) => body[0] === AUTH.denied)).toBe(true);
    });

    arena.attack(`[S32] 20,000 names that are no documents, from ${who}`, async () => {
      const attacker = await flooder();
      for (let i = 0; i < 20_000; i++) attacker.ws.send(authFrame(`nothing/${i}`));
      await attacker.until(() => attacker.frames.length >= 100 || attacker.ended !== null);
      expect(attacker.frames.every(({ body }) => body[0] === AUTH.denied)).toBe(true);
    });

    const many = who === 'nobody' ? 5_000 : 50_000;
    arena.attack(`[S33] ${many} frames to a document that was not asked for, from ${who}`, async () => {
      const attacker = await flooder();
      const question = step1Frame(hall());
      for (let i = 0; i < many; i++) attacker.ws.send(question);
      await attacker.settled();
      expect(attacker.frames).toEqual([]);
    });
  }

  arena.attack('[S32] 100,000 updates of nothing', async () => {
    const attacker = await arena.enter(await arena.newcomer());
    await attacker.fetch(hall());
    const tiny = updateFrame(hall(), bytes(0, 0));
    for (let i = 0; i < 100_000; i++) attacker.ws.send(tiny);
    await attacker.until(() => attacker.frames.length > 50_000);
  });

  arena.attack('[S42] [S43] 20,000 questions for everything', async () => {
    const attacker = await arena.enter(await arena.newcomer());
    await attacker.fetch(hall());
    const question = step1Frame(hall());
    for (let i = 0; i < 20_000; i++) attacker.ws.send(question);
    await attacker.until(() => attacker.frames.length > 20_000);
  });

  arena.attack('[G1] an update of 8 MiB', async () => {
    const attacker = await arena.enter(await arena.newcomer());
    await attacker.fetch(hall());
    expect(await attacker.put(hall(), filled((8 << 20) - 100))).toBe('refused:too-large');
    expect(attacker.ended).toBeNull();
  });
});
