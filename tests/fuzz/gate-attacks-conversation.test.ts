import { describe, expect, it } from 'vitest';
import {
  ALICE,
  CLIENT,
  MALLORY,
  MID,
  answerTo,
  any,
  binary,
  deleted,
  embed,
  erase,
  forge,
  format,
  garbage,
  item,
  json,
  mallory,
  subdoc,
  text,
  type,
  write,
  type Attack,
} from './gate-forge.ts';

const MINE = `m/${MALLORY}/${MID.fresh}`;
const HERS = `m/${ALICE}/${MID.alice}`;
const words = any({ x: 'words' });
/** Someone whose room is put away. */
const ARCHIVED = { ...mallory('member'), archived: true };

const AUTHORS: Attack[] = [
  [
    'G4',
    'another’s clientID, new',
    forge([{ client: CLIENT.alice + 1, structs: [item({ parent: 'm', key: MINE }, words)] }]),
    'not-yours',
  ],
  [
    'G4',
    'another’s clientID, continued',
    forge([{ client: CLIENT.alice, clock: 3, structs: [item({ parent: 'm', key: MINE }, words)] }]),
    'not-yours',
  ],
  [
    'G4',
    'another’s known struct with a new tail',
    forge([{ client: CLIENT.alice, structs: [item({ parent: 'm', key: HERS }, deleted(9))] }]),
    'not-yours',
  ],
  [
    'G4',
    'the server’s clientID',
    forge([{ client: CLIENT.server + 1, structs: [item({ parent: 'log', key: '3' }, any(['x', 1]))] }]),
    'not-yours',
  ],
  [
    'G4',
    'a random clientID, as Yjs mints them',
    forge([{ client: 123456, structs: [item({ parent: 'm', key: MINE }, words)] }]),
    'not-yours',
  ],
  [
    'G4',
    'one’s own and another’s at once',
    forge([
      { client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words)] },
      { client: CLIENT.alice + 1, structs: [item({ parent: 'm', key: MINE }, words)] },
    ]),
    'not-yours',
  ],
  [
    'G4',
    'someone who claims to be the server',
    forge([{ client: 9, structs: [item({ parent: 'm', key: MINE }, words)] }]),
    'not-yours',
    { id: MALLORY, seq: 0, role: 'member' },
  ],
  [
    'G4',
    'another’s clientID behind a gap',
    forge([{ client: CLIENT.alice, clock: 9, structs: [item({ parent: 'm', key: HERS }, words)] }]),
    'not-yours',
  ],
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
  [
    'G5',
    'garbage behind a message',
    forge([{ client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words), garbage(5)] }]),
    'malformed',
  ],
  [
    'G5',
    'a right origin of one’s own',
    write({ origin: [CLIENT.mallory, 0], right: [CLIENT.mallory, 1] }, words),
    'malformed',
  ],
  ['G5', 'a right origin alone, in another’s key', write({ right: [CLIENT.alice, 2] }, words), 'malformed'],
  ['G5', 'a parent that is an item', write({ parent: [CLIENT.mallory, 0], key: MINE }, words), 'malformed'],
  ['G5', 'a root that is none', write({ parent: 'x', key: MINE }, words), 'malformed'],
  ['G5', 'a root called __proto__', write({ parent: '__proto__', key: MINE }, words), 'malformed'],
  [
    'G5',
    'a known struct that names a root that is none',
    forge([{ client: CLIENT.alice, structs: [item({ parent: 'bomb', key: HERS }, words)] }]),
    'malformed',
  ],
  [
    'G5',
    'a known struct with a right origin',
    forge([{ client: CLIENT.alice, structs: [item({ right: [CLIENT.alice, 2] }, words)] }]),
    'malformed',
  ],
];

const PLACES: Attack[] = [
  ['G6', 'another’s key through its item', write({ origin: [CLIENT.alice, 2] }, words), 'not-yours'],
  ['G6', 'another’s key through its deleted item', write({ origin: [CLIENT.alice, 0] }, words), 'not-yours'],
  [
    'G6',
    'another’s key through two hops',
    forge([
      { client: CLIENT.fresh, structs: [item({ origin: [CLIENT.other, 0] }, words)] },
      { client: CLIENT.other, structs: [item({ origin: [CLIENT.alice, 2] }, words)] },
    ]),
    'not-yours',
  ],
  [
    'G6',
    'a log entry through its item',
    write({ origin: [CLIENT.server, 0] }, any([`${MALLORY}/${MID.fresh}`, 1])),
    'not-allowed',
  ],
  ['G6', 'a list in the root', write({ parent: 'm' }, words), 'malformed'],
  [
    'G6',
    'an item after itself',
    forge([{ client: CLIENT.fresh, structs: [item({ origin: [CLIENT.fresh, 0] }, words)] }]),
    'malformed',
  ],
  [
    'G6',
    'an item after its own future',
    forge([
      {
        client: CLIENT.fresh,
        structs: [item({ origin: [CLIENT.fresh, 5] }, words), item({ parent: 'm', key: MINE }, deleted(9))],
      },
    ]),
    'malformed',
  ],
  [
    'G6',
    'two items after each other',
    forge([
      { client: CLIENT.fresh, structs: [item({ origin: [CLIENT.other, 0] }, words)] },
      { client: CLIENT.other, structs: [item({ origin: [CLIENT.fresh, 0] }, words)] },
    ]),
    'malformed',
  ],
  [
    'G6',
    'a partly known struct that goes on in another’s key',
    forge([{ client: CLIENT.mallory, structs: [item({ parent: 'm', key: HERS }, deleted(3))] }]),
    'malformed',
  ],
  [
    'G6',
    'a partly known struct that goes on in the log',
    forge([{ client: CLIENT.mallory, structs: [item({ parent: 'log', key: '9' }, deleted(3))] }]),
    'malformed',
  ],
  [
    'G6',
    'a partly known struct that goes on in another own key',
    forge([{ client: CLIENT.mallory, structs: [item({ parent: 'm', key: MINE }, deleted(3))] }]),
    'malformed',
  ],
  [
    'G6',
    'something known that builds on something new',
    forge([
      { client: CLIENT.alice, structs: [item({ origin: [CLIENT.fresh, 0] }, words)] },
      { client: CLIENT.fresh, structs: [item({ parent: 'm', key: MINE }, words)] },
    ]),
    'malformed',
  ],
];

const KEYS: Attack[] = [
  ['G7', 'another’s message', write({ parent: 'm', key: HERS }, words), 'not-yours'],
  ['G7', 'a tombstone for another', write({ parent: 'm', key: HERS }, any({ d: 1 })), 'not-yours'],
  ['G7', 'another’s message, deleted before it was sent', write({ parent: 'm', key: HERS }, deleted(1)), 'not-yours'],
  ['G7', 'a message in another’s name', write({ parent: 'm', key: `m/${ALICE}/${MID.fresh}` }, words), 'not-yours'],
  [
    'G7',
    'a reaction in another’s name',
    write({ parent: 'm', key: `r/${ALICE}/${MALLORY}/${MID.mallory}` }, any(['👍'])),
    'not-yours',
  ],
  [
    'G7',
    'a second key in the same update',
    forge([
      {
        client: CLIENT.fresh,
        structs: [item({ parent: 'm', key: MINE }, words), item({ parent: 'm', key: HERS }, words)],
      },
    ]),
    'not-yours',
  ],
  ['G7', 'an empty key', write({ parent: 'm', key: '' }, words), 'bad-value'],
  ['G7', 'a key called __proto__', write({ parent: 'm', key: '__proto__' }, words), 'bad-value'],
  ['G7', 'a key bomb', write({ parent: 'm', key: 'm/' + 'a'.repeat(200_000) }, words), 'bad-value'],
  ['G7', 'a key with one part more', write({ parent: 'm', key: `${MINE}/x` }, words), 'bad-value'],
  ['G7', 'a key in capitals', write({ parent: 'm', key: MINE.toUpperCase() }, words), 'bad-value'],
  ['G7', 'a message under a NUL', write({ parent: 'm', key: `${MINE}\0` }, words), 'bad-value'],
  [
    'G10',
    'an entry of the log',
    write({ parent: 'log', key: '3' }, any([`${MALLORY}/${MID.fresh}`, 1])),
    'not-allowed',
  ],
  [
    'G10',
    'a number of the log rewritten',
    write({ origin: [CLIENT.server, 0] }, any([`${ALICE}/${MID.alice}`, 9])),
    'not-allowed',
  ],
  ['G10', 'the next volume', write({ parent: 'meta', key: 'next' }, any(9)), 'not-allowed'],
  [
    'G10',
    'a move of another’s words',
    write({ parent: 'meta', key: `moved/${ALICE}/${MID.alice}` }, any(9)),
    'not-allowed',
  ],
  ['G10', 'a removal by a member', write({ parent: 'mod', key: `${ALICE}/${MID.alice}` }, any(MALLORY)), 'not-allowed'],
  [
    'G10',
    'a removal in another’s name',
    write({ parent: 'mod', key: `${ALICE}/${MID.alice}` }, any(ALICE)),
    'bad-value',
    mallory('owner'),
  ],
  [
    'G10',
    'a member takes a removal back',
    write({ origin: [CLIENT.server, 3] }, any({ back: MALLORY })),
    'not-allowed',
  ],
  [
    'G10',
    'a removal taken back in another’s name',
    write({ origin: [CLIENT.server, 3] }, any({ back: ALICE })),
    'bad-value',
    mallory('owner'),
  ],
  [
    'G10',
    'a taking back that says more',
    write({ origin: [CLIENT.server, 3] }, any({ back: MALLORY, by: ALICE })),
    'bad-value',
    mallory('owner'),
  ],
  ['G10', 'a removal erased', erase([CLIENT.server, [3, 1]]), 'defer', mallory('owner')],
  [
    'G10',
    'a removal of what is no message',
    write({ parent: 'mod', key: 'everything' }, any(MALLORY)),
    'bad-value',
    mallory('owner'),
  ],
  ['G10', 'a member talks in an archived room', write({ parent: 'm', key: MINE }, words), 'archived', ARCHIVED],
  ['G10', 'an owner talks there', write({ parent: 'm', key: MINE }, words), 'archived', { ...ARCHIVED, role: 'owner' }],
  [
    'G10',
    'a viewer talks there',
    write({ parent: 'm', key: MINE }, words),
    'archived',
    { ...ARCHIVED, role: 'viewer' },
  ],
  [
    'G10',
    'an owner removes a message there',
    write({ parent: 'mod', key: `${ALICE}/${MID.alice}` }, any(MALLORY)),
    'archived',
    { ...ARCHIVED, role: 'owner' },
  ],
  ['G10', 'a viewer talks', write({ parent: 'm', key: MINE }, words), 'read-only', mallory('viewer')],
  ['G10', 'someone removed from the board talks', write({ parent: 'm', key: MINE }, words), 'read-only', mallory(null)],
];

describe.each([
  ['authors', AUTHORS],
  ['forms', FORMS],
  ['places', PLACES],
  ['keys and roles', KEYS],
])('%s', (_family, attacks) => {
  it.each(attacks)('[%s] %s', (_rule, _name, update, answer, who) => {
    expect(answerTo(update, who === undefined ? {} : { who })).toBe(answer);
  });
});
