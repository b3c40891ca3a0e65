import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Writer } from '../../server/sync/gate/verdict.ts';
import {
  ALICE,
  CLIENT,
  MALLORY,
  MID,
  SEQ,
  answerTo,
  any,
  deleted,
  erase,
  evil,
  forge,
  item,
  mallory,
  room,
  skip,
  write,
  type Attack,
} from './gate-forge.ts';

const MINE = `m/${MALLORY}/${MID.fresh}`;
const words = any({ x: 'words' });
const mine = (...values: unknown[]): Uint8Array => write({ parent: 'm', key: MINE }, any(...values));
const reaction = (...values: unknown[]): Uint8Array =>
  write({ parent: 'm', key: `r/${MALLORY}/${ALICE}/${MID.alice}` }, any(...values));
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

const HONEST: Attack[] = [
  ['G7', 'own message', mine({ x: 'words' }), 'accept'],
  ['G7', 'own tombstone', mine({ d: 1 }), 'accept'],
  ['G7', 'own reaction', reaction(['👍']), 'accept'],
  ['G7', 'an undo manager’s several values at once', mine({ x: 'a' }, { x: 'b' }), 'accept'],
  ['G7', 'own message collected before it was sent', write({ parent: 'm', key: MINE }, deleted(2)), 'accept'],
  ['G7', 'a commenter talks', mine({ x: 'words' }), 'accept', mallory('commenter')],
  [
    'G10',
    'an owner removes words',
    write({ parent: 'mod', key: `${ALICE}/${MID.alice}` }, any(MALLORY)),
    'accept',
    mallory('owner'),
  ],
  ['G8', 'own message taken back', erase([CLIENT.mallory, [1, 1]]), 'accept'],
  ['G8', 'what is deleted already', erase([CLIENT.alice, [0, 1]]), 'echo'],
];

const VALUES: Attack[] = [
  ['an extra field', mine({ x: 'words', seq: 1 })],
  ['a time', mine({ x: 'words', t: 1 })],
  ['an author', mine({ x: 'words', by: ALICE })],
  ['__proto__', mine(evil('{"x":"words","__proto__":{"d":1}}'))],
  ['constructor', mine({ x: 'words', constructor: 1 })],
  ['no text', mine({})],
  ['a number as text', mine({ x: 1 })],
  ['an array as text', mine({ x: ['words'] })],
  ['bytes as text', mine({ x: new Uint8Array(4) })],
  ['overlong text', mine({ x: 'x'.repeat(8_001) })],
  ['a NUL', mine({ x: 'a\0b' })],
  ['half a reply', mine({ x: 'words', re: ALICE })],
  [
    'eleven attachments',
    mine({ x: 'words', att: Array.from({ length: 11 }, (_, i) => `file0000000000000${100 + i}`) }),
  ],
  ['an attachment by path', mine({ x: 'words', att: ['../../etc/passwd'] })],
  ['a clock that is none', mine({ x: 'words', w: Number.NaN })],
  ['a clock before time', mine({ x: 'words', w: -1 })],
  ['edited, but not quite', mine({ x: 'words', e: 2 })],
  ['a tombstone with words', mine({ d: 1, x: 'words' })],
  ['a tombstone that is none', mine({ d: 2 })],
  ['undefined, which would read as a deletion', mine(undefined)],
  ['null', mine(null)],
  ['a bare string', mine('words')],
  ['an array', mine([{ x: 'words' }])],
  ['a deep value', mine({ x: 'words', re: nested(200) })],
  ['a good value first, a bad one after', mine({ x: 'words' }, { x: 1 })],
  ['a bad value first, a good one after', mine({ x: 1 }, { x: 'words' })],
  ['nine reactions', reaction(['😀', '😁', '😂', '😃', '😄', '😅', '😆', '😇', '😈'])],
  ['no reaction', reaction([])],
  ['the same reaction twice', reaction(['👍', '👍'])],
  ['words as a reaction', reaction(['hello'])],
  ['markup as a reaction', reaction(['<img>'])],
  ['a message as a reaction', reaction({ x: 'words' })],
].map(([name, update]): Attack => ['G7', String(name), update as Uint8Array, 'bad-value']);

const everything = (): Uint8Array => Y.encodeStateAsUpdate(room());

const DELETIONS: Attack[] = [
  ['G8', 'another’s message', erase([CLIENT.alice, [2, 1]]), 'not-yours'],
  ['G8', 'another’s reaction', erase([CLIENT.alice, [1, 1]]), 'not-yours'],
  ['G8', 'one’s own and another’s', erase([CLIENT.mallory, [1, 1]], [CLIENT.alice, [2, 1]]), 'not-yours'],
  ['G8', 'a range that only ends in something alive', erase([CLIENT.alice, [0, 3]]), 'not-yours'],
  ['G8', 'an entry of the log', erase([CLIENT.server, [1, 1]]), 'not-allowed'],
  ['G8', 'the first number', erase([CLIENT.server, [2, 1]]), 'not-allowed'],
  ['G8', 'a removal', erase([CLIENT.server, [3, 1]]), 'not-allowed'],
  ['G8', 'a removal, by an owner: nothing replaces it', erase([CLIENT.server, [3, 1]]), 'defer', mallory('owner')],
  [
    'G8',
    'the whole root',
    erase([CLIENT.server, [0, 4]], [CLIENT.mallory, [0, 2]], [CLIENT.alice, [0, 3]]),
    'not-allowed',
  ],
  [
    'G8',
    'the whole root, replaced by one’s own',
    write({ parent: 'm', key: MINE }, words, [[CLIENT.alice, [0, 3]]]),
    'not-yours',
  ],
  ['G8', 'own words, by a viewer', erase([CLIENT.mallory, [1, 1]]), 'read-only', mallory('viewer')],
];

const MISSING: Attack[] = [
  [
    'G3',
    'a gap',
    forge([{ client: CLIENT.mallory, clock: 5, structs: [item({ parent: 'm', key: MINE }, words)] }]),
    'defer',
  ],
  [
    'G3',
    'skipped clocks',
    forge([{ client: CLIENT.mallory, clock: 2, structs: [skip(3), item({ parent: 'm', key: MINE }, words)] }]),
    'defer',
  ],
  ['G3', 'an unknown origin', write({ origin: [CLIENT.other, 7] }, words), 'defer'],
  ['G3', 'another’s future as origin', write({ origin: [CLIENT.alice, 3] }, words), 'defer'],
  ['G3', 'unknown clocks deleted', erase([CLIENT.alice, [3, 1]]), 'defer'],
  ['G3', 'all clocks for ever deleted', erase([CLIENT.alice, [0, 2 ** 50]]), 'defer'],
  [
    'G3',
    'a pending item smuggled in beside a good one',
    forge([
      { client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words)] },
      { client: CLIENT.other, structs: [item({ origin: [CLIENT.alice, 99] }, words)] },
    ]),
    'defer',
  ],
];

const clients = (count: number): Uint8Array =>
  forge(
    Array.from({ length: count }, (_, i) => ({
      client: CLIENT.fresh + i,
      structs: [item({ parent: 'm', key: MINE }, words)],
    })),
  );

const QUOTAS: Attack[] = [
  ['G9', '4,000 clocks with those that are there', write({ parent: 'm', key: MINE }, deleted(3_998)), 'accept'],
  ['G9', '4,001 clocks', write({ parent: 'm', key: MINE }, deleted(3_999)), 'quota'],
  ['G9', 'clocks for ever', write({ parent: 'm', key: MINE }, deleted(2 ** 40)), 'quota'],
  ['G9', '500 clientIDs with the one that is there', clients(499), 'accept'],
  ['G9', '501 clientIDs', clients(500), 'quota'],
  ['G9', 'clientIDs without end', clients(2_500), 'quota'],
];

describe.each([
  ['the forge works: honest updates', HONEST],
  ['values', VALUES],
  ['deletions', DELETIONS],
  ['what is missing', MISSING],
  ['quotas', QUOTAS],
])('%s', (_family, attacks) => {
  it.each(attacks)('[%s] %s', (_rule, _name, update, answer, who) => {
    expect(answerTo(update, who === undefined ? {} : { who })).toBe(answer);
  });
});

describe('echoes', () => {
  const owner: Writer = { id: MALLORY, seq: SEQ.mallory, role: 'viewer' };

  it('[G14] everything known is an echo, from anyone', () => {
    expect(answerTo(everything(), { who: owner, step2: true })).toBe('echo');
  });

  it('[G14] an echo does not smuggle a deletion', () => {
    const doc = room();
    Y.applyUpdate(doc, erase([CLIENT.alice, [2, 1]]));
    expect(answerTo(Y.encodeStateAsUpdate(doc), { step2: true })).toBe('not-yours');
  });

  it('[G14] an update of nothing is an echo', () => {
    expect(answerTo(forge([]))).toBe('echo');
  });
});
