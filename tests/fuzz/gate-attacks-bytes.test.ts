import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { STEP2_BYTES, UPDATE_BYTES } from '../../src/lib/model/limits.ts';
import { CLIENT, MALLORY, MID, answerTo, any, bytes, deleted, forge, garbage, item } from './gate-forge.ts';

const MINE = `m/${MALLORY}/${MID.fresh}`;
const message = item({ parent: 'm', key: MINE }, any({ x: 'words' }));
const good = forge([{ client: CLIENT.fresh, structs: [message] }]);
const section = { client: CLIENT.fresh, structs: [message] };
const NOTHING = 0;

const concat = (...parts: (Uint8Array | number[])[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const varint = (value: number): number[] =>
  value < 128 ? [value] : [128 | (value & 127), ...varint(Math.floor(value / 128))];
/** Zero, written in as many bytes as one likes: lib0 reads NaN from 146 on. */
const overlong = (length: number): number[] => [...new Array<number>(length - 1).fill(128), 0];
/** A section's head with the rest by hand. */
const head = (count: number[], client: number[], clock: number[]): number[] => [1, ...count, ...client, ...clock];
const own = varint(CLIENT.fresh);
const deepValue = (): Uint8Array =>
  concat(
    head([1], own, [0]),
    [8 | 0x20, 1, 1, 109, MINE.length],
    new TextEncoder().encode(MINE),
    [1],
    Array.from({ length: 100_000 }, () => [117, 1]).flat(),
    [126, NOTHING],
  );

const MALFORMED: [name: string, update: Uint8Array][] = [
  ['no bytes', new Uint8Array()],
  ['one byte', Uint8Array.of(1)],
  ['cut short', good.subarray(0, good.length - 1)],
  ['cut in the middle', good.subarray(0, good.length / 2)],
  ['one byte too many', concat(good, [0])],
  ['two updates in a row', concat(good, good)],
  ['seven bytes that claim 30 million structs', concat(head(varint(30_000_000), [1], [0]))],
  ['bytes that claim 2⁵³ deletions', concat([0, 1, 1], varint(Number.MAX_SAFE_INTEGER))],
  ['V2', Y.convertUpdateFormatV1ToV2(good)],
  ['V2 of nothing', Y.encodeStateAsUpdateV2(new Y.Doc())],
  ['more sections announced than there are', forge([section], [], { sectionCount: 2 })],
  [
    'fewer sections announced than there are',
    forge([section, { client: CLIENT.other, structs: [message] }], [], { sectionCount: 1 }),
  ],
  ['two sections of one client', forge([section, section])],
  ['two sections of one client that fit together', forge([section, { ...section, clock: 1 }])],
  [
    'a client that comes back after another',
    forge([section, { client: CLIENT.other, structs: [message] }, { ...section, clock: 1 }]),
  ],
  ['an empty section', forge([section, { client: CLIENT.other, structs: [] }])],
  ['nothing but empty sections', forge([{ client: CLIENT.other, structs: [] }])],
  ['no values', forge([{ client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, any())] }])],
  [
    'deleted content of no length',
    forge([{ client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, deleted(0))] }]),
  ],
  ['garbage of no length', forge([{ client: CLIENT.fresh, structs: [garbage(0), message] }])],
  ['a deletion of no length', forge([], [[CLIENT.mallory, [0, 0]]])],
  ['a deletion of no length among others', forge([section], [[CLIENT.mallory, [0, 1], [1, 0]]])],
  ['deletions out of order', forge([], [[CLIENT.mallory, [1, 1], [0, 1]]])],
  ['deletions that overlap', forge([], [[CLIENT.mallory, [0, 2], [1, 1]]])],
  [
    'deletions of a client in two places that overlap',
    forge(
      [],
      [
        [CLIENT.mallory, [0, 2]],
        [CLIENT.mallory, [0, 2]],
      ],
    ),
  ],
  ['60,001 structs', forge([{ client: CLIENT.fresh, structs: Array.from({ length: 60_001 }, () => garbage(1)) }])],
  ['a content that does not exist', forge([{ client: CLIENT.fresh, structs: [bytes(31, 0, 0)] }])],
  ['a skip with an origin', forge([{ client: CLIENT.fresh, structs: [bytes(0x80 | 10, 1, 1)] }])],
  ['a value of no type', forge([{ client: CLIENT.fresh, structs: [bytes(8 | 0x20, 1, 1, 109, 1, 120, 1, 3)] }])],
  ['text that is no UTF-8', forge([{ client: CLIENT.fresh, structs: [bytes(8 | 0x20, 1, 1, 109, 1, 0xff, 1, 126)] }])],
  ['a clock beyond 2⁵³', forge([{ client: CLIENT.fresh, clock: Number.MAX_SAFE_INTEGER, structs: [message] }])],
  [
    'a length beyond 2⁵³',
    forge([
      { client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, deleted(Number.MAX_SAFE_INTEGER)), message] },
    ]),
  ],
  ['a clock that is no number', concat(head([1], own, overlong(200)), [0, 1, NOTHING])],
  ['a client that is no number', concat(head([1], overlong(200), [0]), [0, 1, NOTHING])],
  ['a length that is no number', concat(head([1], own, [0]), [0], overlong(200), [NOTHING])],
  ['a number of sections that is none', concat(overlong(200), [NOTHING])],
  ['a deletion that is no number', concat([0, 1], own, [1], overlong(200), [1])],
  ['a value nested 100,000 deep', deepValue()],
  ['text', new TextEncoder().encode('{"x":"words"}')],
];

describe('bytes', () => {
  it('[G2] the forge works: an honest update is accepted', () => {
    expect(answerTo(good)).toBe('accept');
  });

  it.each(MALFORMED)('[G2] refused: %s', (_name, update) => {
    expect(answerTo(update)).toBe('malformed');
  });

  it('[G1] an update and a Step2 have a size', () => {
    const large = (size: number): Uint8Array => concat(good, new Uint8Array(size - good.length));
    expect(answerTo(large(UPDATE_BYTES + 1))).toBe('too-large');
    expect(answerTo(large(UPDATE_BYTES + 1), { step2: true })).toBe('malformed');
    expect(answerTo(large(STEP2_BYTES + 1), { step2: true })).toBe('too-large');
  });

  it('[G2] a view into a larger buffer ends where it ends', () => {
    const around = concat([1, 2, 3], good, [4, 5, 6]);
    expect(answerTo(around.subarray(3, 3 + good.length))).toBe('accept');
    expect(answerTo(around.subarray(3, 2 + good.length))).toBe('malformed');
  });
});
