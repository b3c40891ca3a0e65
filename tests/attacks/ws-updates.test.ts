import * as encoding from 'lib0/encoding';
import { describe, expect } from 'vitest';
import * as Y from 'yjs';
import { newId } from '../../src/lib/model/ids.ts';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { SYNC, TYPE } from '../../server/sync/frames.ts';
import { binary, bytes, deleted, embed, evil, forge, format, garbage, item, json, any } from '../fuzz/gate-forge.ts';
import { skip, subdoc, text, type } from '../fuzz/gate-forge.ts';
import type { Person } from '../harness/people.ts';
import type { Attacker } from './attacker.ts';
import { Ground } from './ground.ts';
import { Arena } from './harness.ts';
import type { Population } from './population.ts';

type Who = 'mia' | 'carl' | 'vera' | 'olga';
type Row = [rule: string, name: string, answer: string, make: (g: Ground) => Uint8Array, who?: Who];
type Family = { family: string; document: (people: Population, me: Person) => string; who: Who; rows: Row[] };

const arena = new Arena();
const words = any({ x: 'words' });
const MALFORMED = 'refused:malformed';
const NOT_YOURS = 'refused:not-yours';
const NOT_ALLOWED = 'refused:not-allowed';
const BAD_VALUE = 'refused:bad-value';
const READ_ONLY = 'refused:read-only';
const QUOTA = 'refused:quota';
const TOO_LARGE = 'refused:too-large';

const good = (g: Ground): Uint8Array => g.set('m', g.slot(), { x: 'words' });
const deep = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
};
const varint = (value: number): number[] =>
  value < 128 ? [value] : [128 | (value & 127), ...varint(Math.floor(value / 128))];
const hers = (g: Ground): string => g.key('m', `m/${g.people.olga.id}/`);
const entry = (g: Ground): string => g.key('log');

const BYTES: Row[] = [
  ['G2', 'no bytes', MALFORMED, () => new Uint8Array()],
  ['G2', 'half of a good update', MALFORMED, (g) => good(g).subarray(0, 30)],
  ['G2', 'a good update with a byte more', MALFORMED, (g) => Uint8Array.of(...good(g), 0)],
  ['G2', 'two updates in a row', MALFORMED, (g) => Uint8Array.of(...good(g), ...good(g))],
  ['G2', 'seven bytes that claim 30 million structs', MALFORMED, () => Uint8Array.of(1, ...varint(30_000_000), 1, 0)],
  ['G2', 'bytes that claim 2⁵³ clients', MALFORMED, () => Uint8Array.from([...varint(Number.MAX_SAFE_INTEGER), 0])],
  ['G2', 'bytes that claim 2⁵³ deletions', MALFORMED, () => Uint8Array.of(0, 1, 1, ...varint(2 ** 53 - 1))],
  ['G2', 'a number that never ends', MALFORMED, () => new Uint8Array(100_000).fill(0xff)],
  ['G2', 'random bytes', MALFORMED, () => Uint8Array.from({ length: 5_000 }, (_, i) => (i * 2_654_435_761) >>> 13)],
  ['G2', 'an honest update in V2', MALFORMED, (g) => Y.convertUpdateFormatV1ToV2(good(g))],
  ['G2', 'a struct bomb in V2', MALFORMED, () => bombInV2()],
  ['G2', 'sections that are not there', MALFORMED, (g) => forge([], [], { sectionCount: 9 }).subarray(0, g.me.seq + 1)],
  ['G2', 'two sections of one client', MALFORMED, (g) => forge([section(g), section(g)])],
  ['G2', 'garbage of no length', MALFORMED, (g) => forge([{ client: g.mine, structs: [garbage(0)] }])],
  ['G2', 'a deletion of no length', MALFORMED, (g) => forge([], [[g.mine, [0, 0]]])],
  ['G2', 'a content that does not exist', MALFORMED, (g) => forge([{ client: g.mine, structs: [bytes(31, 0, 0)] }])],
  [
    'G2',
    '60,001 structs',
    MALFORMED,
    (g) => forge([{ client: g.mine, structs: Array.from({ length: 60_001 }, () => garbage(1)) }]),
  ],
  ['G1', 'a megabyte', TOO_LARGE, () => new Uint8Array(1_000_000)],
  ['G1', 'a key of a megabyte', TOO_LARGE, (g) => g.set('m', `m/${'a'.repeat(1_000_000)}`, { x: 'words' })],
];

function section(g: Ground) {
  return { client: g.mine, structs: [item({ parent: 'm', key: g.slot() }, words)] };
}

/** Three million structs in the run-length coding of V2. */
function bombInV2(): Uint8Array {
  const doc = new Y.Doc();
  doc.getArray('m').insert(0, [1]);
  const update = Y.encodeStateAsUpdateV2(doc);
  return Uint8Array.of(...update, ...varint(30_000_000), 0x7f, 0, 0);
}

const CONVERSATION: Row[] = [
  ['G4', 'a message under another’s clientID', NOT_YOURS, (g) => g.as(g.of(g.people.olga), 'm', g.slot(), { x: 'w' })],
  ['G4', 'a message under the server’s clientID', NOT_YOURS, (g) => g.as(g.server, 'm', g.slot(), { x: 'w' })],
  ['G4', 'a message under clientID 0', NOT_YOURS, (g) => g.as(0, 'm', g.slot(), { x: 'w' })],
  ['G4', 'a message under a clientID of Yjs', NOT_YOURS, (g) => g.as(123_456, 'm', g.slot(), { x: 'w' })],
  [
    'G4',
    'a continuation of another’s clientID',
    NOT_YOURS,
    (g) => g.as(g.at('m', hers(g))[0], 'm', g.slot(), { x: 'w' }),
  ],
  [
    'G4',
    'a log entry under the server’s clientID',
    NOT_YOURS,
    (g) => g.as(g.at('log', entry(g))[0], 'log', '9', ['x', 1]),
  ],
  ['G7', 'a message in another’s name', NOT_YOURS, (g) => g.set('m', `m/${g.people.olga.id}/${newId()}`, { x: 'w' })],
  ['G7', 'an edit of another’s message', NOT_YOURS, (g) => g.set('m', hers(g), { x: 'words', e: 1 })],
  [
    'G6',
    'an edit of another’s message through its item',
    NOT_YOURS,
    (g) => g.write({ origin: g.at('m', hers(g)) }, words),
  ],
  ['G7', 'another’s tombstone', NOT_YOURS, (g) => g.set('m', hers(g), { d: 1 })],
  ['G7', 'another’s reaction', NOT_YOURS, (g) => g.set('m', `r/${g.people.olga.id}/${hers(g).slice(2)}`, ['👍'])],
  ['G8', 'another’s message deleted', NOT_YOURS, (g) => g.erase(g.at('m', hers(g)))],
  ['G8', 'an entry of the log deleted', NOT_ALLOWED, (g) => g.erase(g.at('log', entry(g)))],
  ['G10', 'a number of one’s own in the log', NOT_ALLOWED, (g) => g.set('log', '1', [g.slot().slice(2), 1])],
  [
    'G10',
    'a time of one’s own in the log',
    NOT_ALLOWED,
    (g) => g.write({ origin: g.at('log', entry(g)) }, any([hers(g), 0])),
  ],
  ['G10', 'the first number', NOT_ALLOWED, (g) => g.set('meta', 'first', 1_000)],
  ['G10', 'the next volume', NOT_ALLOWED, (g) => g.set('meta', 'next', 2)],
  ['G10', 'another’s words moved away', NOT_ALLOWED, (g) => g.set('meta', `moved/${hers(g).slice(2)}`, 2)],
  ['G10', 'a removal by a member', NOT_ALLOWED, (g) => g.set('mod', hers(g).slice(2), g.me.id)],
  [
    'G10',
    'an owner’s removal in another’s name',
    BAD_VALUE,
    (g) => g.set('mod', hers(g).slice(2), g.people.mia.id),
    'olga',
  ],
  ['G10', 'a viewer’s message', READ_ONLY, good, 'vera'],
  ['G5', 'a root that is none', MALFORMED, (g) => g.set('evil', 'x', 1)],
  ['G5', 'a root of another kind of document', MALFORMED, (g) => g.set('b', 'title', 'x')],
  ['G5', 'a root called __proto__', MALFORMED, (g) => g.set('__proto__', 'x', 1)],
  ['G6', 'the root as a list', MALFORMED, (g) => g.write({ parent: 'm' }, words)],
  ['G6', 'the root as a text', MALFORMED, (g) => g.write({ parent: 'm' }, text('words'))],
  ['G6', 'the root as an element', MALFORMED, (g) => g.write({ parent: 'm' }, type(3, 'p'))],
  ['G5', 'a map inside', MALFORMED, (g) => g.write({ parent: 'm', key: g.slot() }, type(1))],
  ['G5', 'a list inside', MALFORMED, (g) => g.write({ parent: 'm', key: g.slot() }, type(0))],
  ['G5', 'a text inside', MALFORMED, (g) => g.write({ parent: 'm', key: g.slot() }, type(2))],
  ['G5', 'a document inside', MALFORMED, (g) => g.write({ parent: 'm', key: g.slot() }, subdoc())],
  ['G5', 'binary', MALFORMED, (g) => g.write({ parent: 'm', key: g.slot() }, binary(1_000))],
  ['G5', 'an embed', MALFORMED, (g) => g.write({ parent: 'm', key: g.slot() }, embed({ x: 'words' }))],
  ['G5', 'a mark', MALFORMED, (g) => g.write({ parent: 'm', key: g.slot() }, format('bold', true))],
  ['G5', 'JSON of the old kind', MALFORMED, (g) => g.write({ parent: 'm', key: g.slot() }, json('{"x":"w"}'))],
  ['G5', 'garbage', MALFORMED, (g) => forge([{ client: g.mine, structs: [garbage(1)] }])],
  ['G7', 'a key of 200 kB', BAD_VALUE, (g) => g.set('m', `m/${'a'.repeat(200_000)}`, { x: 'words' })],
  ['G7', 'a key called __proto__', BAD_VALUE, (g) => g.set('m', '__proto__', { x: 'words' })],
  ['G7', 'a key called constructor', BAD_VALUE, (g) => g.set('m', 'constructor', { x: 'words' })],
  ['G7', 'an empty key', BAD_VALUE, (g) => g.set('m', '', { x: 'words' })],
  ['G7', 'a key with a NUL', BAD_VALUE, (g) => g.set('m', `${g.slot()}\0`, { x: 'words' })],
  ['G7', 'a text of 200 kB', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'x'.repeat(200_000) })],
  ['G7', 'a forged time', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'words', t: 1 })],
  ['G7', 'a forged author', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'words', by: g.people.olga.id })],
  ['G7', 'a forged number', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'words', seq: 1 })],
  ['G7', '__proto__ in a value', BAD_VALUE, (g) => g.set('m', g.slot(), evil('{"x":"w","__proto__":{"d":1}}'))],
  ['G7', 'NaN', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'words', w: Number.NaN })],
  ['G7', 'Infinity', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'words', w: Infinity })],
  ['G7', 'a BigInt', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'words', w: 2n ** 60n })],
  ['G7', 'undefined', BAD_VALUE, (g) => g.set('m', g.slot(), undefined)],
  ['G7', 'null', BAD_VALUE, (g) => g.set('m', g.slot(), null)],
  ['G7', 'bytes', BAD_VALUE, (g) => g.set('m', g.slot(), new Uint8Array(10))],
  ['G7', 'bytes as text', BAD_VALUE, (g) => g.set('m', g.slot(), { x: new Uint8Array(10) })],
  ['G7', 'a value of 1,000 levels', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'words', re: deep(1_000) })],
  ['G7', 'an attachment by path', BAD_VALUE, (g) => g.set('m', g.slot(), { x: 'w', att: ['../../etc/passwd'] })],
  [
    'G7',
    'half a surrogate pair as a reaction',
    BAD_VALUE,
    (g) => g.set('m', `r/${g.me.id}/${hers(g).slice(2)}`, ['\ud83d']),
  ],
  ['G9', 'clocks for ever', QUOTA, (g) => g.write({ parent: 'm', key: g.slot() }, deleted(2 ** 40))],
  [
    'G9',
    '501 clientIDs',
    QUOTA,
    (g) => forge(Array.from({ length: 501 }, (_, i) => ({ ...section(g), client: g.mine + i }))),
  ],
  ['G3', 'an orphan', 'deferred', (g) => g.write({ origin: [g.alsoMine, 7] }, words)],
  ['G3', 'a gap', 'deferred', (g) => forge([{ ...section(g), clock: 5 }])],
  ['G3', 'skipped clocks', 'deferred', (g) => forge([{ client: g.mine, structs: [skip(3), ...section(g).structs] }])],
  ['G3', 'a deletion of what never was', 'deferred', (g) => g.erase([g.mine, 99])],
  ['G3', 'a deletion of all that ever will be', 'deferred', (g) => forge([], [[g.at('m', hers(g))[0], [0, 2 ** 50]]])],
];

const b = (g: Ground, key: string, value: unknown): Uint8Array => g.set('b', key, value);
const card = (g: Ground): string => g.key('b', 'card/').split('/').slice(0, 2).join('/');
const person = (name: string, role: string) => ({ username: name, name, role });

const BOARD: Row[] = [
  ['G11', 'a better role', NOT_ALLOWED, (g) => g.set('people', g.me.id, person('mia', 'owner'))],
  [
    'G6',
    'a better role through its item',
    NOT_ALLOWED,
    (g) => g.write({ origin: g.at('people', g.me.id) }, any(person('mia', 'owner'))),
  ],
  ['G11', 'another person let in', NOT_ALLOWED, (g) => g.set('people', g.people.otto.id, person('otto', 'member'))],
  ['G8', 'the owner removed', NOT_ALLOWED, (g) => g.erase(g.at('people', g.people.olga.id))],
  ['G11', 'a room without asking', NOT_ALLOWED, (g) => g.set('rooms', newId(), { name: 'x', by: g.me.id, at: 1 })],
  ['G8', 'a room removed', NOT_ALLOWED, (g) => g.erase(g.at('rooms', g.people.home.room))],
  ['G11', 'a head', NOT_ALLOWED, (g) => g.set('heads', `room/${g.people.home.room}`, [9, 9])],
  ['G11', 'a member’s new title', NOT_ALLOWED, (g) => b(g, 'title', 'Mine')],
  ['G11', 'a card in another’s name', NOT_YOURS, (g) => b(g, `card/${newId()}/by`, g.people.olga.id)],
  ['G11', 'another’s card made one’s own', NOT_ALLOWED, (g) => b(g, `${card(g)}/by`, g.me.id)],
  ['G11', 'a commenter’s card', READ_ONLY, (g) => b(g, `card/${newId()}/by`, g.me.id), 'carl'],
  ['G11', 'a viewer’s move', READ_ONLY, (g) => b(g, `${card(g)}/pos`, [g.people.home.column, 'a1']), 'vera'],
  ['G11', 'a title of 200 kB', BAD_VALUE, (g) => b(g, `${card(g)}/title`, 'x'.repeat(200_000))],
  ['G11', 'a rank bomb', BAD_VALUE, (g) => b(g, `${card(g)}/pos`, [g.people.home.column, 'z'.repeat(5_000)])],
  ['G11', 'a field called __proto__', BAD_VALUE, (g) => b(g, '__proto__', 1)],
  ['G5', 'a root of conversations', MALFORMED, (g) => g.set('m', g.slot(), { x: 'words' })],
  ['G6', 'the root as a list', MALFORMED, (g) => g.write({ parent: 'b' }, words)],
  ['G11', 'a field emptied', 'deferred', (g) => g.erase(g.at('b', `${card(g)}/title`))],
];

const INBOX: Row[] = [
  [
    'G12',
    'a board for oneself',
    NOT_ALLOWED,
    (g) => g.set('boards', g.people.other.board, { title: 'x', role: 'owner' }),
  ],
  [
    'G6',
    'a better role through its item',
    NOT_ALLOWED,
    (g) => g.write({ origin: g.at('boards', g.key('boards')) }, any({ title: 'x', role: 'owner' })),
  ],
  ['G12', 'an answer to oneself', NOT_ALLOWED, (g) => g.set('asked', `board/${newId()}`, { ok: 1 })],
  ['G12', 'a notification', MALFORMED, (g) => g.write({ parent: 'n' }, any({ id: 1, kind: 'mention' }))],
  ['G12', 'a notification under a key', NOT_ALLOWED, (g) => g.set('n', 'x', 1)],
  ['G12', 'a preference that is a tree', BAD_VALUE, (g) => g.set('prefs', 'theme', { deep: deep(100) })],
  ['G12', 'a preference called __proto__', BAD_VALUE, (g) => g.set('prefs', '__proto__', 1)],
  [
    'G12',
    'an ask that names an owner',
    BAD_VALUE,
    (g) => g.set('ask', `board/${newId()}`, { title: 'x', owner: g.people.olga.id }),
  ],
  ['G12', 'an ask for a room by path', BAD_VALUE, (g) => g.set('ask', `room/${newId()}`, { board: '../x', name: 'x' })],
  ['G12', 'a draft of 200 kB', BAD_VALUE, (g) => g.set('drafts', `room/${g.people.home.room}`, 'x'.repeat(200_000))],
  ['G12', 'a negative number read', BAD_VALUE, (g) => g.set('read', `room/${g.people.home.room}`, -1)],
  [
    'G4',
    'a draft under another’s clientID',
    NOT_YOURS,
    (g) => g.as(g.of(g.people.bea), 'drafts', `room/${newId()}`, 'x'),
  ],
];

const nested = (g: Ground, levels: number): Uint8Array =>
  forge([
    {
      client: g.mine,
      structs: Array.from({ length: levels }, (_, i) =>
        item({ parent: i === 0 ? 'desc' : [g.mine, i - 1] }, type(3, 'li')),
      ),
    },
  ]);

const DESCRIPTION: Row[] = [
  ['G13', 'a commenter’s words', READ_ONLY, (g) => g.write({ parent: 'desc' }, type(3, 'paragraph')), 'carl'],
  ['G13', 'a map', MALFORMED, (g) => g.write({ parent: 'desc' }, type(1))],
  ['G13', 'a hook', MALFORMED, (g) => g.write({ parent: 'desc' }, type(5, 'x'))],
  ['G13', 'a document inside', MALFORMED, (g) => g.write({ parent: 'desc' }, subdoc())],
  ['G13', 'bytes', MALFORMED, (g) => g.write({ parent: 'desc' }, binary(1_000))],
  ['G13', 'an attribute of the root', MALFORMED, (g) => g.write({ parent: 'desc', key: 'x' }, any(1))],
  [
    'G13',
    'a node with a script in its name',
    BAD_VALUE,
    (g) => g.write({ parent: 'desc' }, type(3, 'img onerror=alert(1)')),
  ],
  ['G13', '101 levels', BAD_VALUE, (g) => nested(g, 101)],
  ['G13', '10,000 levels', BAD_VALUE, (g) => nested(g, 10_000)],
  ['G6', 'a node inside of itself', MALFORMED, (g) => g.write({ parent: [g.mine, 0] }, type(3, 'p'))],
  ['G9', 'garbage for ever', QUOTA, (g) => forge([{ client: g.mine, structs: [garbage(2 ** 50)] }])],
  ['G5', 'a root of conversations', MALFORMED, (g) => g.set('m', g.slot(), { x: 'words' })],
];

const FAMILIES: Family[] = [
  { family: 'bytes', document: hall, who: 'mia', rows: BYTES },
  { family: 'a conversation', document: hall, who: 'mia', rows: CONVERSATION },
  { family: 'a thread', document: ({ home }) => volumeDoc(`task/${home.task}`, 1), who: 'mia', rows: CONVERSATION },
  { family: 'a board', document: ({ home }) => boardDoc(home.board), who: 'mia', rows: BOARD },
  { family: 'one’s own inbox', document: (_people, me) => inboxDoc(me.id), who: 'mia', rows: INBOX },
  { family: 'a description', document: ({ home }) => taskDoc(home.task), who: 'mia', rows: DESCRIPTION },
];

function hall({ home }: Population): string {
  return volumeDoc(`room/${home.room}`, 1);
}

describe.each(FAMILIES)('$family', ({ document, who, rows }) => {
  for (const [rule, name, answer, make, instead = who] of rows) {
    arena.attack(`[${rule}] ${name}: ${answer}`, async ({ people }) => {
      const me = people[instead];
      const attacker = await arena.enter(me);
      const ground = await Ground.explore(attacker, document(people, me), people);
      expect(await attacker.put(ground.name, make(ground))).toBe(answer);
      expect(attacker.ended).toBeNull();
    });
  }
});

describe.each([
  ['a SyncStep2', { step2: true }],
  ['a SyncReply', { type: TYPE.syncReply }],
])('as %s', (_name, carrier) => {
  for (const { family, document, who, rows } of FAMILIES) {
    arena.attack(`[S33] ${family}: every one of the same attacks`, async ({ people }) => {
      const attackers = new Map<Who, Attacker>();
      for (const [index, [, name, answer, make, instead = who]] of rows.entries()) {
        const attacker = attackers.get(instead) ?? (await arena.enter(people[instead]));
        attackers.set(instead, attacker);
        // Each with a session id of its own: a document may be open more than once on a socket.
        const address = `${document(people, people[instead])}\0${index}`;
        const ground = await Ground.explore(attacker, address, people);
        expect(await attacker.put(address, make(ground), carrier), name).toBe(answer);
      }
    });
  }
});

describe('at the door of /yjs', () => {
  for (const { family, document, who, rows } of FAMILIES) {
    arena.attack(`[S40] ${family}: a refusal closes with its reason`, async ({ people }) => {
      const reader = await arena.enter(people[who]);
      const ground = await Ground.explore(reader, document(people, people[who]), people);
      // One of each kind of answer: every other one differs in the gate only, which is the same.
      const kinds = new Map(rows.filter((row) => row[4] === undefined).map((row) => [row[2], row]));
      for (const [answer, [, name, , make]] of kinds) {
        const plain = await arena.enter(people[who], { path: `/yjs/${ground.name}` });
        plain.send(plainSync(SYNC.update, make(ground)));
        if (answer.startsWith('refused:')) expect(await plain.closed(), name).toEqual({ code: 4403, reason: answer });
        // It is asked for what is missing, in SyncStep1.
        else
          await plain.until(() =>
            plain.received.some((message) => message[0] === TYPE.sync && message[1] === SYNC.step1),
          );
      }
    });
  }
});

function plainSync(step: number, payload: Uint8Array): Uint8Array {
  return encoding.encode((e) => {
    encoding.writeVarUint(e, TYPE.sync);
    encoding.writeVarUint(e, step);
    encoding.writeVarUint8Array(e, payload);
  });
}
