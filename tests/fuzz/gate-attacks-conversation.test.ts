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
  binary,
  deleted,
  embed,
  forge,
  format,
  garbage,
  item,
  json,
  mallory,
  room,
  skip,
  subdoc,
  text,
  type,
  type Content,
  type Deletion,
  type Spot,
} from './gate-forge.ts';

type Attack = [rule: string, name: string, update: Uint8Array, answer: string, who?: Writer];

const MINE = `m/${MALLORY}/${MID.fresh}`;
const HERS = `m/${ALICE}/${MID.alice}`;
const words = any({ x: 'words' });

/** One new item of Mallory's under a clientID that has not written yet. */
const write = (spot: Spot, content: Content = words, deletions: Deletion[] = []): Uint8Array =>
  forge([{ client: CLIENT.fresh, structs: [item(spot, content)] }], deletions);
const mine = (...values: unknown[]): Uint8Array => write({ parent: 'm', key: MINE }, any(...values));
const reaction = (...values: unknown[]): Uint8Array =>
  write({ parent: 'm', key: `r/${MALLORY}/${ALICE}/${MID.alice}` }, any(...values));
const erase = (...deletions: Deletion[]): Uint8Array => forge([], deletions);
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
const evil = (json: string): unknown => JSON.parse(json) as unknown;

const HONEST: Attack[] = [
  ['G7', 'own message', mine({ x: 'words' }), 'accept'],
  ['G7', 'own tombstone', mine({ d: 1 }), 'accept'],
  ['G7', 'own reaction', reaction(['👍']), 'accept'],
  ['G7', 'an undo manager’s several values at once', mine({ x: 'a' }, { x: 'b' }), 'accept'],
  ['G7', 'own message collected before it was sent', write({ parent: 'm', key: MINE }, deleted(2)), 'accept'],
  ['G7', 'a commenter talks', mine({ x: 'words' }), 'accept', mallory('commenter')],
  ['G10', 'an owner removes words', write({ parent: 'mod', key: `${ALICE}/${MID.alice}` }, any(MALLORY)), 'accept', mallory('owner')],
  ['G8', 'own message taken back', erase([CLIENT.mallory, [1, 1]]), 'accept'],
  ['G8', 'what is deleted already', erase([CLIENT.alice, [0, 1]]), 'echo'],
];

const AUTHORS: Attack[] = [
  ['G4', 'another’s clientID, new', forge([{ client: CLIENT.alice + 1, structs: [item({ parent: 'm', key: MINE }, words)] }]), 'not-yours'],
  ['G4', 'another’s clientID, continued', forge([{ client: CLIENT.alice, clock: 3, structs: [item({ parent: 'm', key: MINE }, words)] }]), 'not-yours'],
  ['G4', 'another’s known struct with a new tail', forge([{ client: CLIENT.alice, structs: [item({ parent: 'm', key: HERS }, deleted(9))] }]), 'not-yours'],
  ['G4', 'the server’s clientID', forge([{ client: CLIENT.server + 1, structs: [item({ parent: 'log', key: '3' }, any(['x', 1]))] }]), 'not-yours'],
  ['G4', 'a random clientID, as Yjs mints them', forge([{ client: 123456, structs: [item({ parent: 'm', key: MINE }, words)] }]), 'not-yours'],
  ['G4', 'one’s own and another’s at once', forge([
    { client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words)] },
    { client: CLIENT.alice + 1, structs: [item({ parent: 'm', key: MINE }, words)] },
  ]), 'not-yours'],
  ['G4', 'someone who claims to be the server', forge([{ client: 9, structs: [item({ parent: 'm', key: MINE }, words)] }]), 'not-yours', { id: MALLORY, seq: 0, role: 'member' }],
  ['G4', 'another’s clientID behind a gap', forge([{ client: CLIENT.alice, clock: 9, structs: [item({ parent: 'm', key: HERS }, words)] }]), 'not-yours'],
];

const FORMS: Attack[] = [
  ['G5', 'a nested map', write({ parent: 'm', key: MINE }, type(1)), 'malformed'],
  ['G5', 'a nested array', write({ parent: 'm', key: MINE }, type(0)), 'malformed'],
  ['G5', 'a nested text', write({ parent: 'm', key: MINE }, type(2)), 'malformed'],
  ['G5', 'an element', write({ parent: 'm', key: MINE }, type(3, 'p')), 'malformed'],
  ['G5', 'a document inside', write({ parent: 'm', key: MINE }, subdoc()), 'malformed'],
  ['G5', 'binary', write({ parent: 'm', key: MINE }, binary(9)), 'malformed'],
  ['G5', 'an embed', write({ parent: 'm', key: MINE }, embed({ x: 'words' })), 'malformed'],
  ['G5', 'a mark', write({ parent: 'm', key: MINE }, format('bold', true)), 'malformed'],
  ['G5', 'a string', write({ parent: 'm', key: MINE }, text('words')), 'malformed'],
  ['G5', 'JSON of the old kind', write({ parent: 'm', key: MINE }, json('{"x":"words"}')), 'malformed'],
  ['G5', 'garbage', forge([{ client: CLIENT.fresh, structs: [garbage(1)] }]), 'malformed'],
  ['G5', 'garbage behind a message', forge([{ client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words), garbage(5)] }]), 'malformed'],
  ['G5', 'a right origin of one’s own', write({ origin: [CLIENT.mallory, 0], right: [CLIENT.mallory, 1] }), 'malformed'],
  ['G5', 'a right origin alone, in another’s key', write({ right: [CLIENT.alice, 2] }), 'malformed'],
  ['G5', 'a parent that is an item', write({ parent: [CLIENT.mallory, 0], key: MINE }), 'malformed'],
  ['G5', 'a root that is none', write({ parent: 'x', key: MINE }), 'malformed'],
  ['G5', 'a root called __proto__', write({ parent: '__proto__', key: MINE }), 'malformed'],
  ['G5', 'a known struct that names a root that is none', forge([{ client: CLIENT.alice, structs: [item({ parent: 'bomb', key: HERS }, words)] }]), 'malformed'],
  ['G5', 'a known struct with a right origin', forge([{ client: CLIENT.alice, structs: [item({ right: [CLIENT.alice, 2] }, words)] }]), 'malformed'],
];

const PLACES: Attack[] = [
  ['G6', 'another’s key through its item', write({ origin: [CLIENT.alice, 2] }), 'not-yours'],
  ['G6', 'another’s key through its deleted item', write({ origin: [CLIENT.alice, 0] }), 'not-yours'],
  ['G6', 'another’s key through two hops', forge([
    { client: CLIENT.fresh, structs: [item({ origin: [CLIENT.other, 0] }, words)] },
    { client: CLIENT.other, structs: [item({ origin: [CLIENT.alice, 2] }, words)] },
  ]), 'not-yours'],
  ['G6', 'a log entry through its item', write({ origin: [CLIENT.server, 0] }, any([`${MALLORY}/${MID.fresh}`, 1])), 'not-allowed'],
  ['G6', 'a list in the root', write({ parent: 'm' }), 'malformed'],
  ['G6', 'an item after itself', forge([{ client: CLIENT.fresh, structs: [item({ origin: [CLIENT.fresh, 0] }, words)] }]), 'malformed'],
  ['G6', 'an item after its own future', forge([{ client: CLIENT.fresh, structs: [item({ origin: [CLIENT.fresh, 5] }, words), item({ parent: 'm', key: MINE }, deleted(9))] }]), 'malformed'],
  ['G6', 'two items after each other', forge([
    { client: CLIENT.fresh, structs: [item({ origin: [CLIENT.other, 0] }, words)] },
    { client: CLIENT.other, structs: [item({ origin: [CLIENT.fresh, 0] }, words)] },
  ]), 'malformed'],
  ['G6', 'a partly known struct that goes on in another’s key', forge([{ client: CLIENT.mallory, structs: [item({ parent: 'm', key: HERS }, deleted(3))] }]), 'malformed'],
  ['G6', 'a partly known struct that goes on in the log', forge([{ client: CLIENT.mallory, structs: [item({ parent: 'log', key: '9' }, deleted(3))] }]), 'malformed'],
  ['G6', 'a partly known struct that goes on in another own key', forge([{ client: CLIENT.mallory, structs: [item({ parent: 'm', key: MINE }, deleted(3))] }]), 'malformed'],
  ['G6', 'something known that builds on something new', forge([
    { client: CLIENT.alice, structs: [item({ origin: [CLIENT.fresh, 0] }, words)] },
    { client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words)] },
  ]), 'malformed'],
];

const KEYS: Attack[] = [
  ['G7', 'another’s message', write({ parent: 'm', key: HERS }), 'not-yours'],
  ['G7', 'a tombstone for another', write({ parent: 'm', key: HERS }, any({ d: 1 })), 'not-yours'],
  ['G7', 'another’s message, deleted before it was sent', write({ parent: 'm', key: HERS }, deleted(1)), 'not-yours'],
  ['G7', 'a message in another’s name', write({ parent: 'm', key: `m/${ALICE}/${MID.fresh}` }), 'not-yours'],
  ['G7', 'a reaction in another’s name', write({ parent: 'm', key: `r/${ALICE}/${MALLORY}/${MID.mallory}` }, any(['👍'])), 'not-yours'],
  ['G7', 'a second key in the same update', forge([{ client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words), item({ parent: 'm', key: HERS }, words)] }]), 'not-yours'],
  ['G7', 'an empty key', write({ parent: 'm', key: '' }), 'bad-value'],
  ['G7', 'a key called __proto__', write({ parent: 'm', key: '__proto__' }), 'bad-value'],
  ['G7', 'a key bomb', write({ parent: 'm', key: 'm/' + 'a'.repeat(200_000) }), 'bad-value'],
  ['G7', 'a key with one part more', write({ parent: 'm', key: `${MINE}/x` }), 'bad-value'],
  ['G7', 'a key in capitals', write({ parent: 'm', key: MINE.toUpperCase() }), 'bad-value'],
  ['G7', 'a message under a NUL', write({ parent: 'm', key: `${MINE}\0` }), 'bad-value'],
  ['G10', 'an entry of the log', write({ parent: 'log', key: '3' }, any([`${MALLORY}/${MID.fresh}`, 1])), 'not-allowed'],
  ['G10', 'a number of the log rewritten', write({ origin: [CLIENT.server, 0] }, any([`${ALICE}/${MID.alice}`, 9])), 'not-allowed'],
  ['G10', 'the next volume', write({ parent: 'meta', key: 'next' }, any(9)), 'not-allowed'],
  ['G10', 'a move of another’s words', write({ parent: 'meta', key: `moved/${ALICE}/${MID.alice}` }, any(9)), 'not-allowed'],
  ['G10', 'a removal by a member', write({ parent: 'mod', key: `${ALICE}/${MID.alice}` }, any(MALLORY)), 'not-allowed'],
  ['G10', 'a removal in another’s name', write({ parent: 'mod', key: `${ALICE}/${MID.alice}` }, any(ALICE)), 'bad-value', mallory('owner')],
  ['G10', 'a removal of what is no message', write({ parent: 'mod', key: 'everything' }, any(MALLORY)), 'bad-value', mallory('owner')],
  ['G10', 'a viewer talks', mine({ x: 'words' }), 'read-only', mallory('viewer')],
  ['G10', 'someone removed from the board talks', mine({ x: 'words' }), 'read-only', mallory(null)],
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
  ['eleven attachments', mine({ x: 'words', att: Array.from({ length: 11 }, (_, i) => `file0000000000000${100 + i}`) })],
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
  ['G8', 'the whole root', erase([CLIENT.server, [0, 4]], [CLIENT.mallory, [0, 2]], [CLIENT.alice, [0, 3]]), 'not-allowed'],
  ['G8', 'the whole root, replaced by one’s own', write({ parent: 'm', key: MINE }, words, [[CLIENT.alice, [0, 3]]]), 'not-yours'],
  ['G8', 'own words, by a viewer', erase([CLIENT.mallory, [1, 1]]), 'read-only', mallory('viewer')],
];

const MISSING: Attack[] = [
  ['G3', 'a gap', forge([{ client: CLIENT.mallory, clock: 5, structs: [item({ parent: 'm', key: MINE }, words)] }]), 'defer'],
  ['G3', 'skipped clocks', forge([{ client: CLIENT.mallory, clock: 2, structs: [skip(3), item({ parent: 'm', key: MINE }, words)] }]), 'defer'],
  ['G3', 'an unknown origin', write({ origin: [CLIENT.other, 7] }), 'defer'],
  ['G3', 'another’s future as origin', write({ origin: [CLIENT.alice, 3] }), 'defer'],
  ['G3', 'unknown clocks deleted', erase([CLIENT.alice, [3, 1]]), 'defer'],
  ['G3', 'all clocks for ever deleted', erase([CLIENT.alice, [0, 2 ** 50]]), 'defer'],
  ['G3', 'a pending item smuggled in beside a good one', forge([
    { client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words)] },
    { client: CLIENT.other, structs: [item({ origin: [CLIENT.alice, 99] }, words)] },
  ]), 'defer'],
];

const clients = (count: number): Uint8Array =>
  forge(Array.from({ length: count }, (_, i) => ({ client: CLIENT.fresh + i, structs: [item({ parent: 'm', key: MINE }, words)] })));

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
  ['authors', AUTHORS],
  ['forms', FORMS],
  ['places', PLACES],
  ['keys and roles', KEYS],
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
