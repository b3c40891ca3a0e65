import { describe, expect, it } from 'vitest';
import { Overlay } from '../../server/sync/gate/overlay.ts';
import type { DocName } from '../../src/lib/model/names.ts';
import {
  ALICE,
  CLIENT,
  MALLORY,
  SEQ,
  answerTo,
  any,
  deleted,
  erase,
  evil,
  forge,
  item,
  mallory,
  subdoc,
  type,
  write,
  type Attack,
  BOARD,
  CARD,
  COLUMN,
  INBOX,
  boardOf,
  inboxOf,
  verdictOn,
} from './gate-forge.ts';

const b = (key: string, value: unknown): Uint8Array => write({ parent: 'b', key }, any(value));
const NEW = 'newcard0000000000000';
const owner = mallory('owner');

const ON_BOARDS: Attack[] = [
  ['G11', 'honest: a card is made', b(`card/${NEW}/by`, MALLORY), 'accept'],
  [
    'G11',
    'honest: a card is moved',
    write({ origin: [CLIENT.alice, 5] }, any([COLUMN, 'a1']), [[CLIENT.alice, [5, 1]]]),
    'accept',
  ],
  ['G11', 'honest: a person is assigned', b(`card/${CARD}/as/${ALICE}`, 1), 'accept'],
  ['G11', 'honest: an owner renames', b('title', 'Home'), 'accept', owner],
  ['G11', 'a commenter moves a card', b(`card/${CARD}/pos`, [COLUMN, 'a1']), 'read-only', mallory('commenter')],
  ['G11', 'a viewer moves a card', b(`card/${CARD}/pos`, [COLUMN, 'a1']), 'read-only', mallory('viewer')],
  ['G11', 'someone without a role', b(`card/${CARD}/pos`, [COLUMN, 'a1']), 'read-only', mallory(null)],
  ['G11', 'a commenter deletes a field', erase([CLIENT.alice, [3, 1]]), 'read-only', mallory('commenter')],
  ['G11', 'a member renames the board', b('title', 'Mine'), 'not-allowed'],
  ['G11', 'a member renames it through its item', write({ origin: [CLIENT.server, 1] }, any('Mine')), 'not-allowed'],
  ['G11', 'a member makes the title go', erase([CLIENT.server, [1, 1]]), 'not-allowed'],
  [
    'G11',
    'a member becomes an owner',
    write({ parent: 'people', key: MALLORY }, any({ username: 'mallory', name: 'M', role: 'owner' })),
    'not-allowed',
  ],
  [
    'G11',
    'a member becomes an owner through the item',
    write({ origin: [CLIENT.server, 0] }, any({ username: 'mallory', name: 'M', role: 'owner' })),
    'not-allowed',
  ],
  ['G11', 'an owner makes a member go', erase([CLIENT.server, [0, 1]]), 'not-allowed', owner],
  [
    'G11',
    'a room without asking',
    write({ parent: 'rooms', key: NEW }, any({ name: 'x', by: MALLORY, at: 1 })),
    'not-allowed',
    owner,
  ],
  ['G11', 'a head', write({ parent: 'heads', key: `room/${NEW}` }, any([1, 1])), 'not-allowed', owner],
  ['G11', 'a root of conversations', write({ parent: 'm', key: 'x' }, any(1)), 'malformed'],
  ['G11', 'a card in another’s name', b(`card/${NEW}/by`, ALICE), 'not-yours'],
  ['G11', 'another’s card made one’s own', b(`card/${CARD}/by`, MALLORY), 'not-allowed'],
  [
    'G11',
    'another’s card made one’s own through the item',
    write({ origin: [CLIENT.alice, 4] }, any(MALLORY)),
    'not-allowed',
  ],
  [
    'G11',
    'who made it, twice in an update',
    forge([
      {
        client: CLIENT.fresh,
        structs: [
          item({ parent: 'b', key: `card/${NEW}/by` }, any(MALLORY)),
          item({ origin: [CLIENT.fresh, 0] }, any(MALLORY)),
        ],
      },
    ]),
    'not-allowed',
  ],
  [
    'G11',
    'who made it, twice in a struct',
    write({ parent: 'b', key: `card/${NEW}/by` }, any(MALLORY, MALLORY)),
    'not-allowed',
  ],
  ['G11', 'who made it, deleted', erase([CLIENT.alice, [4, 1]]), 'not-allowed'],
  ['G11', 'who made it, deleted by an owner', erase([CLIENT.alice, [1, 1]]), 'not-allowed', owner],
  ['G11', 'who made it, overwritten with nothing', write({ origin: [CLIENT.alice, 4] }, deleted(1)), 'not-allowed'],
  ['G11', 'a title with nothing in its place', erase([CLIENT.alice, [3, 1]]), 'defer'],
  ['G11', 'a place with nothing in its place', write({ origin: [CLIENT.alice, 5] }, deleted(1)), 'defer'],
  ['G11', 'the whole board', erase([CLIENT.alice, [0, 6]]), 'not-allowed'],
  ['G11', 'an unknown field', b(`card/${CARD}/owner`, MALLORY), 'bad-value'],
  ['G11', 'an unknown kind', b(`cards/${CARD}/title`, 'x'), 'bad-value'],
  ['G11', 'a key bomb', b(`card/${'a'.repeat(100_000)}/title`, 'x'), 'bad-value'],
  ['G11', 'a field called __proto__', b('__proto__', 1), 'bad-value'],
  ['G11', 'a title that is no text', b(`card/${CARD}/title`, { x: 1 }), 'bad-value'],
  ['G11', 'an overlong title', b(`card/${CARD}/title`, 'x'.repeat(501)), 'bad-value'],
  ['G11', 'a place without a column', b(`card/${CARD}/pos`, 'a1'), 'bad-value'],
  ['G11', 'a rank bomb', b(`card/${CARD}/pos`, [COLUMN, 'z'.repeat(5_000)]), 'bad-value'],
  ['G11', 'a place with a third part', b(`card/${CARD}/pos`, [COLUMN, 'a1', 1]), 'bad-value'],
  ['G11', 'half an assignment', b(`card/${CARD}/as/${ALICE}`, 2), 'bad-value'],
  ['G11', 'undefined as archived', b(`card/${CARD}/arc`, undefined), 'bad-value'],
  ['G5', 'a type in a field', write({ parent: 'b', key: `card/${CARD}/title` }, type(2)), 'malformed'],
  ['G5', 'a document in a field', write({ parent: 'b', key: `card/${CARD}/title` }, subdoc()), 'malformed'],
  [
    'G4',
    'a card by another’s clientID',
    forge([{ client: CLIENT.alice, clock: 6, structs: [item({ parent: 'b', key: `card/${NEW}/by` }, any(ALICE))] }]),
    'not-yours',
  ],
  [
    'G6',
    'a field written in a chain and from its beginning, which costs Yjs the square',
    forge([
      {
        client: CLIENT.fresh,
        structs: Array.from({ length: 2_000 }, (_, i) =>
          item(i === 0 ? { parent: 'b', key: `card/${CARD}/title` } : { origin: [CLIENT.fresh, i - 1] }, any('x')),
        ),
      },
      {
        client: CLIENT.other,
        structs: Array.from({ length: 2_000 }, () => item({ origin: [CLIENT.fresh, 0] }, any('x'))),
      },
    ]),
    'too-large',
  ],
  ['G9', 'clocks without end', write({ parent: 'b', key: `card/${CARD}/arc` }, deleted(2_000_000)), 'quota'],
];

const inbox = (root: string, key: string, value: unknown): Uint8Array => write({ parent: root, key }, any(value));
const CHAT = 'room/room0000000000000000';
const me = mallory(null);
const marksOf = (client: number): string => `w/${client.toString(36)}/0`;
const OWN_MARKS = marksOf(CLIENT.fresh);
const OTHER_MARKS = marksOf(CLIENT.mallory);

const ON_INBOXES: Attack[] = [
  ['G12', 'honest: read up to here', inbox('read', CHAT, 5), 'accept', me],
  ['G12', 'honest: a draft given up', erase([CLIENT.mallory, [0, 1]]), 'accept', me],
  ['G12', 'honest: a board asked for', inbox('ask', `board/${NEW}`, { title: 'Garden' }), 'accept', me],
  ['G12', 'honest: a room renamed', inbox('ask', `${CHAT}/name`, { n: NEW, value: 'Kitchen' }), 'accept', me],
  ['G12', 'honest: a room described', inbox('ask', `${CHAT}/description`, { n: NEW, value: '' }), 'accept', me],
  ['G12', 'honest: a room archived', inbox('ask', `${CHAT}/archived`, { n: NEW, value: true }), 'accept', me],
  ['G12', 'honest: somebody let in', inbox('ask', `${CHAT}/people/${ALICE}`, { n: NEW, value: true }), 'accept', me],
  ['G12', 'honest: a room left', inbox('ask', `${CHAT}/people/${MALLORY}`, { n: NEW, value: false }), 'accept', me],
  ['G12', 'everybody let in', inbox('ask', `${CHAT}/people`, { n: NEW, value: true }), 'bad-value', me],
  ['G12', 'somebody half in', inbox('ask', `${CHAT}/people/${ALICE}`, { n: NEW, value: 1 }), 'bad-value', me],
  [
    'G12',
    'somebody let in as an owner',
    inbox('ask', `${CHAT}/people/${ALICE}`, { n: NEW, value: true, role: 'owner' }),
    'bad-value',
    me,
  ],
  ['G12', 'a room made private', inbox('ask', `${CHAT}/private`, { n: NEW, value: true }), 'bad-value', me],
  ['G12', 'a room given to oneself', inbox('ask', `${CHAT}/by`, { n: NEW, value: MALLORY }), 'bad-value', me],
  ['G12', 'a room with two lines for a name', inbox('ask', `${CHAT}/name`, { n: NEW, value: 'a\nb' }), 'bad-value', me],
  [
    'G12',
    'a description without an end',
    inbox('ask', `${CHAT}/description`, { n: NEW, value: 'x'.repeat(501) }),
    'bad-value',
    me,
  ],
  [
    'G12',
    'a wish that says more',
    inbox('ask', `${CHAT}/name`, { n: NEW, value: 'x', role: 'owner' }),
    'bad-value',
    me,
  ],
  ['G12', 'a wish without a number', inbox('ask', `${CHAT}/name`, { value: 'x' }), 'bad-value', me],
  ['G12', 'the answer to a wish', inbox('asked', `${CHAT}/name`, { no: 'taken-name', n: NEW }), 'not-allowed', me],
  ['G12', 'a private room for oneself', inbox('rooms', NEW, { name: 'x' }), 'not-allowed', me],
  [
    'G12',
    'another’s inbox',
    forge([{ client: CLIENT.alice + 1, structs: [item({ parent: 'read', key: CHAT }, any(5))] }]),
    'read-only',
    { id: ALICE, seq: SEQ.alice, role: null },
  ],
  [
    'G12',
    'a deletion in another’s inbox',
    erase([CLIENT.mallory, [0, 1]]),
    'read-only',
    { id: ALICE, seq: SEQ.alice, role: null },
  ],
  ['G12', 'a board for oneself', inbox('boards', NEW, { title: 'x', role: 'owner' }), 'not-allowed', me],
  [
    'G12',
    'a better role',
    write({ origin: [CLIENT.server, 0] }, any({ title: 'House', role: 'owner' })),
    'not-allowed',
    me,
  ],
  ['G12', 'an answer to oneself', inbox('asked', `board/${NEW}`, { ok: 1 }), 'not-allowed', me],
  ['G12', 'an answer deleted', erase([CLIENT.server, [2, 1]]), 'not-allowed', me],
  ['G12', 'a notification', write({ parent: 'n' }, any({ id: 2 })), 'malformed', me],
  ['G12', 'a notification after another', write({ origin: [CLIENT.server, 1] }, any({ id: 2 })), 'malformed', me],
  ['G12', 'a notification under a key', inbox('n', 'x', 1), 'not-allowed', me],
  ['G12', 'a notification deleted', erase([CLIENT.server, [1, 1]]), 'not-allowed', me],
  ['G12', 'honest: marks of one’s own clientID', inbox('read', OWN_MARKS, { [CHAT]: 5, 'r/7': [1, 0] }), 'accept', me],
  ['G12', 'honest: old marks taken away', erase([CLIENT.mallory, [1, 1]]), 'accept', me],
  ['G12', 'marks under another’s clientID', inbox('read', marksOf(CLIENT.alice), { [CHAT]: 5 }), 'not-yours', me],
  ['G12', 'marks under another clientID of one’s own', inbox('read', OTHER_MARKS, { [CHAT]: 5 }), 'not-yours', me],
  ['G12', 'marks under the server’s clientID', inbox('read', marksOf(CLIENT.server), { [CHAT]: 5 }), 'not-yours', me],
  [
    'G12',
    'the marks of another tab overwritten',
    write({ origin: [CLIENT.mallory, 1] }, any({ [CHAT]: 1 })),
    'not-yours',
    me,
  ],
  ['G12', 'marks of no clientID', inbox('read', 'w/zzzzzzzzzzz/0', { [CHAT]: 5 }), 'bad-value', me],
  ['G12', 'marks under a number too large', inbox('read', `${OWN_MARKS}0000`, { [CHAT]: 5 }), 'bad-value', me],
  ['G12', 'an absurd mark', inbox('read', OWN_MARKS, { [CHAT]: 2 ** 53 }), 'bad-value', me],
  ['G12', 'a mark that is no number', inbox('read', OWN_MARKS, { [CHAT]: 'all' }), 'bad-value', me],
  ['G12', 'a mark of nothing', inbox('read', OWN_MARKS, { 'room/1': 1 }), 'bad-value', me],
  ['G12', 'no marks at all', inbox('read', OWN_MARKS, {}), 'bad-value', me],
  ['G12', 'an act without a turn', inbox('read', OWN_MARKS, { 'p/7': [0, 1] }), 'bad-value', me],
  ['G12', 'a snooze beyond all time', inbox('read', OWN_MARKS, { 'p/7': [1, 8.65e15] }), 'bad-value', me],
  ['G12', 'a snooze before all time', inbox('read', OWN_MARKS, { 'p/7': [1, -1] }), 'bad-value', me],
  ['G12', 'half unread', inbox('read', OWN_MARKS, { 'r/7': [1, 0.5] }), 'bad-value', me],
  [
    'G12',
    'marks called __proto__',
    inbox('read', OWN_MARKS, evil(`{"__proto__": {"all": 1}, "${CHAT}": 1}`)),
    'bad-value',
    me,
  ],
  [
    'G12',
    'too many marks under one key',
    inbox('read', OWN_MARKS, Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`n/${i + 1}`, 1]))),
    'bad-value',
    me,
  ],
  ['G12', 'a negative number read', inbox('read', CHAT, -1), 'bad-value', me],
  ['G12', 'something read that is none', inbox('read', 'room/1', 1), 'bad-value', me],
  ['G12', 'an overlong draft', inbox('drafts', CHAT, 'x'.repeat(8_001)), 'bad-value', me],
  ['G12', 'a draft that is no text', inbox('drafts', CHAT, { x: 'words' }), 'bad-value', me],
  ['G12', 'a preference that is a tree', inbox('prefs', 'theme', { dark: { very: 1 } }), 'bad-value', me],
  ['G12', 'a preference called __proto__', inbox('prefs', '__proto__', 1), 'bad-value', me],
  ['G12', 'an ask with a role', inbox('ask', `board/${NEW}`, { title: 'Garden', owner: ALICE }), 'bad-value', me],
  ['G12', 'an ask for a room nowhere', inbox('ask', `room/${NEW}`, { board: '../x', name: 'x' }), 'bad-value', me],
  ['G12', 'an ask of an unknown kind', inbox('ask', `admin/${NEW}`, {}), 'bad-value', me],
  ['G12', 'a root of boards', inbox('b', 'title', 'x'), 'malformed', me],
];

describe.each([
  ['boards', BOARD, boardOf, ON_BOARDS],
  ['inboxes', INBOX, inboxOf, ON_INBOXES],
] as const)('%s', (_kind: string, name: DocName, doc, attacks: Attack[]) => {
  it.each(attacks)('[%s] %s', (_rule, _name, update, answer, who) => {
    expect(answerTo(update, { name, doc: doc(), ...(who !== undefined && { who }) })).toBe(answer);
  });
});

describe('boards, with something on its way', () => {
  it('[G11] who made it is written once, also while the first is being logged', () => {
    const overlay = new Overlay();
    const doc = boardOf();
    const first = verdictOn(b(`card/${NEW}/by`, MALLORY), { name: BOARD, doc, overlay });
    if (first.kind !== 'accept') throw new Error('not accepted');
    overlay.add(first.structs);
    const again = forge([
      { client: CLIENT.other, structs: [item({ parent: 'b', key: `card/${NEW}/by` }, any(MALLORY))] },
    ]);
    expect(answerTo(again, { name: BOARD, doc, overlay })).toBe('not-allowed');
    overlay.remove(first.structs);
    expect(answerTo(again, { name: BOARD, doc, overlay })).toBe('accept');
  });
});
