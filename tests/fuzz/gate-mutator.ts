import * as encoding from 'lib0/encoding';
import * as prng from 'lib0/prng';
import type { Sample } from './gate-scenarios.ts';
import type { Random } from './gate-world.ts';

const ROOTS = [
  'm',
  'mod',
  'log',
  'meta',
  'b',
  'people',
  'rooms',
  'heads',
  'read',
  'drafts',
  'prefs',
  'ask',
  'boards',
  'asked',
  'n',
  'desc',
];

/** A real update with one to four faults in it, of the kinds that an attacker would try first. */
export function mutate(random: Random, sample: Sample, samples: readonly Sample[]): Uint8Array {
  let { update } = sample;
  const faults = prng.uint32(random, 1, 4);
  for (let i = 0; i < faults; i++) {
    const fault = prng.oneOf(random, FAULTS);
    update = fault(update, random, sample, samples);
  }
  return update;
}

type Fault = (update: Uint8Array, random: Random, sample: Sample, samples: readonly Sample[]) => Uint8Array;

const flip: Fault = (update, random) => {
  const copy = update.slice();
  const at = prng.uint32(random, 0, Math.max(0, copy.length - 1));
  copy[at] = (copy[at] ?? 0) ^ (1 << prng.uint32(random, 0, 7));
  return copy;
};

const change: Fault = (update, random) => {
  const copy = update.slice();
  const at = prng.uint32(random, 0, Math.max(0, copy.length - 1));
  copy[at] = prng.oneOf(random, [0, 1, 2, 8, 0x28, 0x88, 0xa8, 10, 127, 128, 255, prng.uint32(random, 0, 255)]);
  return copy;
};

const nudge: Fault = (update, random) => {
  const copy = update.slice();
  const at = prng.uint32(random, 0, Math.max(0, copy.length - 1));
  copy[at] = (copy[at] ?? 0) + prng.oneOf(random, [1, -1]);
  return copy;
};

const cut: Fault = (update, random) => {
  const at = prng.uint32(random, 0, update.length);
  return join(update.subarray(0, at), update.subarray(at + prng.uint32(random, 1, 8)));
};

const insert: Fault = (update, random) => {
  const at = prng.uint32(random, 0, update.length);
  return join(update.subarray(0, at), prng.uint8Array(random, prng.uint32(random, 1, 6)), update.subarray(at));
};

/** The head of one update with the tail of another. */
const splice: Fault = (update, random, _sample, samples) => {
  const other = prng.oneOf(random, [...samples]).update;
  return join(
    update.subarray(0, prng.uint32(random, 0, update.length)),
    other.subarray(prng.uint32(random, 0, other.length)),
  );
};

const swapClient: Fault = (update, random, { doc, who }) => {
  const clients = [...doc.store.clients.keys(), who.seq * 2 ** 32 + prng.uint32(random, 0, 9)];
  return replaceOne(update, random, varint(prng.oneOf(random, clients)), varint(prng.oneOf(random, clients)));
};

const swapPerson: Fault = (update, random, { people }) =>
  replaceOne(update, random, ascii(prng.oneOf(random, people)), ascii(prng.oneOf(random, people)));

const swapRoot: Fault = (update, random) =>
  replaceOne(update, random, named(prng.oneOf(random, ROOTS)), named(prng.oneOf(random, ROOTS)));

const swapKey: Fault = (update, random, { doc }) => {
  const keys = [...doc.share.values()].flatMap((type) => [...type._map.keys()]);
  if (keys.length === 0) return update;
  return replaceOne(update, random, named(prng.oneOf(random, keys)), named(prng.oneOf(random, keys)));
};

/** A deletion of something that is there, in place of the deletions. */
const erase: Fault = (update, random, { doc }) => {
  const structs = [...doc.store.clients.values()].flat();
  if (structs.length === 0) return update;
  const { id, length } = prng.oneOf(random, structs);
  const ranges = [1, id.client, 1, id.clock, length].flatMap((value) => [...varint(value)]);
  return update.at(-1) === 0 ? join(update.subarray(0, -1), ranges) : join([0], ranges);
};

const FAULTS: Fault[] = [
  flip,
  flip,
  change,
  change,
  nudge,
  nudge,
  cut,
  insert,
  splice,
  swapClient,
  swapClient,
  swapPerson,
  swapRoot,
  swapKey,
  erase,
];

/** Replaces one occurrence, wherever it is; the same bytes where there is none. */
function replaceOne(update: Uint8Array, random: Random, from: Uint8Array, to: Uint8Array): Uint8Array {
  const bytes = Buffer.from(update);
  const places: number[] = [];
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from, at + 1)) places.push(at);
  if (places.length === 0) return update;
  const at = prng.oneOf(random, places);
  return join(update.subarray(0, at), to, update.subarray(at + from.length));
}

const varint = (value: number): Uint8Array => encoding.encode((e) => encoding.writeVarUint(e, value));
const named = (value: string): Uint8Array => encoding.encode((e) => encoding.writeVarString(e, value));
const ascii = (value: string): Uint8Array => new TextEncoder().encode(value);
const join = (...parts: (Uint8Array | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
