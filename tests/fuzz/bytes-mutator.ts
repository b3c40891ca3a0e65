import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as prng from 'lib0/prng';
import type { Random } from './gate-world.ts';

type Mutation = (bytes: Uint8Array, random: Random, pool: Pool) => Uint8Array;

/** What mutations draw from: other real inputs, and words that mean something in them (ids, keys, roots). */
export type Pool = { others: readonly Uint8Array[]; words: readonly Uint8Array[] };

/** Real bytes with one to five faults in them, drawn from `random` alone. */
export function mutateBytes(bytes: Uint8Array, random: Random, pool: Pool): Uint8Array {
  let mutant = bytes;
  const faults = prng.uint32(random, 1, 5);
  for (let i = 0; i < faults; i++) mutant = prng.oneOf(random, MUTATIONS)(mutant, random, pool);
  return mutant;
}

/** Where encodings of numbers change their length, and where JavaScript's numbers end. */
const EDGES = [
  0,
  1,
  2,
  63,
  64,
  127,
  128,
  255,
  256,
  8191,
  8192,
  16383,
  16384,
  65535,
  65536,
  2 ** 20,
  2 ** 21,
  2 ** 28 - 1,
  2 ** 28,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 35,
  2 ** 40,
  2 ** 45,
  2 ** 52,
  2 ** 53 - 1,
];
/** Numbers that never end, that end late, and that are zero in many bytes. */
const OVERLONG = [
  [0x80, 0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  Array.from({ length: 16 }, () => 0x80),
];
/** What the formats of Yjs, lib0 and the frames give a meaning to. */
const MARKS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x28, 0x48, 0x68, 0x88, 0xa8, 0xc8, 116, 117, 118, 119, 120, 125, 127];

function at(bytes: Uint8Array, random: Random): number {
  return bytes.length === 0 ? 0 : prng.uint32(random, 0, bytes.length - 1);
}

function changed(bytes: Uint8Array, random: Random, fn: (byte: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const copy = bytes.slice();
  const place = at(copy, random);
  copy[place] = fn(copy[place] ?? 0);
  return copy;
}

/** Replaces the number that begins here, as a varint would be read, by other bytes. */
function replaceNumber(bytes: Uint8Array, random: Random, fn: (value: number) => Uint8Array): Uint8Array {
  const start = at(bytes, random);
  const decoder = decoding.createDecoder(bytes);
  decoder.pos = start;
  try {
    const value = decoding.readVarUint(decoder);
    return join(bytes.subarray(0, start), fn(value), bytes.subarray(decoder.pos));
  } catch {
    // No number begins here.
    return join(bytes.subarray(0, start), fn(0), bytes.subarray(start + 1));
  }
}

const flip: Mutation = (bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << prng.uint32(random, 0, 7)));
const mark: Mutation = (bytes, random) => changed(bytes, random, () => prng.oneOf(random, MARKS));
const anyByte: Mutation = (bytes, random) => changed(bytes, random, () => prng.uint32(random, 0, 255));
const nudge: Mutation = (bytes, random) => changed(bytes, random, (byte) => byte + prng.oneOf(random, [-1, 1]));

const edge: Mutation = (bytes, random) => replaceNumber(bytes, random, () => varint(prng.oneOf(random, EDGES)));
const overlong: Mutation = (bytes, random) =>
  replaceNumber(bytes, random, () => Uint8Array.from(prng.oneOf(random, OVERLONG)));
/** A length or a clock that is a little or much off. */
const scale: Mutation = (bytes, random) =>
  replaceNumber(bytes, random, (value) =>
    varint(prng.oneOf(random, [value + 1, Math.max(0, value - 1), value * 2, Math.floor(value / 2), value + 2 ** 32])),
  );

const cut: Mutation = (bytes, random) => {
  const start = at(bytes, random);
  return join(bytes.subarray(0, start), bytes.subarray(start + prng.uint32(random, 1, 16)));
};
const insert: Mutation = (bytes, random) => {
  const start = at(bytes, random);
  return join(bytes.subarray(0, start), prng.uint8Array(random, prng.uint32(random, 1, 12)), bytes.subarray(start));
};
const truncate: Mutation = (bytes, random) => bytes.subarray(0, at(bytes, random));
/** The same piece again, once or many times: sections, structs, ranges. */
const duplicate: Mutation = (bytes, random) => {
  const start = at(bytes, random);
  const end = Math.min(bytes.length, start + prng.uint32(random, 1, 64));
  const times = prng.oneOf(random, [1, 1, 1, 2, 50]);
  const piece = bytes.subarray(start, end);
  return join(bytes.subarray(0, end), ...Array.from({ length: times }, () => piece), bytes.subarray(end));
};
/** Two neighbouring pieces change places. */
const swap: Mutation = (bytes, random) => {
  const [a = 0, b = 0, c = 0] = [at(bytes, random), at(bytes, random), at(bytes, random)].sort((x, y) => x - y);
  return join(bytes.subarray(0, a), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(c));
};
/** The head of one with the tail of another. */
const splice: Mutation = (bytes, random, { others }) => {
  const other = prng.oneOf(random, [...others]);
  return join(bytes.subarray(0, at(bytes, random)), other.subarray(at(other, random)));
};
/** A piece of another in the middle. */
const graft: Mutation = (bytes, random, { others }) => {
  const other = prng.oneOf(random, [...others]);
  const from = at(other, random);
  const start = at(bytes, random);
  return join(
    bytes.subarray(0, start),
    other.subarray(from, from + prng.uint32(random, 1, 64)),
    bytes.subarray(start + prng.uint32(random, 0, 64)),
  );
};
/** One word that means something for another: a key, a root, a person, a clientID. */
const reword: Mutation = (bytes, random, { words }) => {
  if (words.length === 0) return bytes;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = prng.uint32(random, 0, words.length - 1);
  for (let i = 0; i < words.length; i++) {
    const word = words[(first + i) % words.length] as Uint8Array;
    const place = buffer.indexOf(word);
    if (place === -1) continue;
    return join(bytes.subarray(0, place), prng.oneOf(random, [...words]), bytes.subarray(place + word.length));
  }
  return bytes;
};

const MUTATIONS: Mutation[] = [
  flip,
  flip,
  mark,
  mark,
  anyByte,
  nudge,
  nudge,
  edge,
  edge,
  overlong,
  scale,
  scale,
  cut,
  insert,
  truncate,
  duplicate,
  swap,
  splice,
  graft,
  reword,
  reword,
  reword,
];

export const varint = (value: number): Uint8Array => encoding.encode((e) => encoding.writeVarUint(e, value));
/** A string as updates and frames carry it: its length, then its bytes. */
export const named = (value: string): Uint8Array => encoding.encode((e) => encoding.writeVarString(e, value));

/** At most a little above what any door lets through: larger ones would all be refused by their size alone. */
const LARGEST = 600 * 1024;

export function join(...parts: Uint8Array[]): Uint8Array {
  const length = Math.min(
    LARGEST,
    parts.reduce((sum, part) => sum + part.length, 0),
  );
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part.subarray(0, length - offset), offset);
    offset = Math.min(length, offset + part.length);
  }
  return whole;
}
