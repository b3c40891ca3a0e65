import { describe, expect } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { AUTH, TYPE } from '../../server/sync/frames.ts';
import { authFrame, step1Frame, updateFrame } from './attacker.ts';
import { Arena } from './harness.ts';
import type { Population } from './population.ts';

const arena = new Arena();

/** Names that are no documents, made of one that is: `hall` is the volume that the asker may well read. */
const NAMES: [name: string, of: (hall: string, p: Population) => string][] = [
  ['empty', () => ''],
  ['a way up', (hall) => `${hall}/../2`],
  ['a way up and down again', (hall) => hall.replace('/', '/../room/')],
  ['a way out', () => 'room/../../etc/passwd'],
  ['upper case', (hall) => hall.toUpperCase()],
  ['an upper-case kind', (hall) => hall.replace('room', 'ROOM')],
  ['full-width digits', (hall) => hall.replace(/1$/, '１')],
  ['Arabic digits', (hall) => hall.replace(/1$/, '١')],
  ['a zero-width space', (hall) => `${hall}\u200b`],
  ['a zero-width joiner within', (hall) => hall.replace('/', '/\u200d')],
  ['a byte order mark', (hall) => `\ufeff${hall}`],
  ['a Cyrillic o', (hall) => hall.replace('oo', 'оo')],
  ['a combining mark', (hall) => `${hall}\u0301`],
  ['a right-to-left override', (hall) => `\u202e${hall}`],
  ['percent codes', (hall) => hall.replaceAll('/', '%2f')],
  ['double percent codes', (hall) => hall.replaceAll('/', '%252f')],
  ['a slash at the end', (hall) => `${hall}/`],
  ['a slash at the beginning', (hall) => `/${hall}`],
  ['two slashes', (hall) => hall.replace('/', '//')],
  ['backslashes', (hall) => hall.replaceAll('/', '\\')],
  ['a NUL at the end', (hall) => `${hall}\0`],
  ['a NUL and a way up', (hall) => `${hall}\0../x`],
  ['two sessions', (hall) => `${hall}\0a\0b`],
  ['a session called __proto__.x', (hall) => `${hall}\0__proto__.x`],
  ['a line feed at the end', (hall) => `${hall}\n`],
  ['a line feed in front', (hall) => `\n${hall}`],
  ['a space at the end', (hall) => `${hall} `],
  ['a tab in front', (hall) => `\t${hall}`],
  ['a query', (hall) => `${hall}?x=1`],
  ['a fragment', (hall) => `${hall}#x`],
  ['a volume with a zero in front', (hall) => hall.replace(/1$/, '01')],
  ['a volume of minus one', (hall) => hall.replace(/1$/, '-1')],
  ['a volume of 1.0', (hall) => `${hall}.0`],
  ['a volume of 1e0', (hall) => `${hall}e0`],
  ['a volume of +1', (hall) => hall.replace(/1$/, '+1')],
  ['a volume of seven digits', (hall) => `${hall}000000`],
  ['no volume', (hall) => hall.replace(/\/1$/, '')],
  ['a board with a volume', (_hall, { home }) => `board/${home.board}/1`],
  ['an inbox with a volume', (_hall, { mia }) => `inbox/${mia.id}/1`],
  ['an unknown kind', (_hall, { home }) => `admin/${home.board}`],
  ['a kind alone', () => 'room'],
  ['an id alone', (_hall, { home }) => home.board],
  ['__proto__', () => '__proto__'],
  ['constructor', () => 'constructor'],
  ['toString', () => 'toString'],
  ['an id called __proto__', () => 'room/__proto__/1'],
  ['an id with a quote', (hall) => hall.replace(/\/1$/, "'--/1")],
  ['an id with a wildcard', () => 'room/%%%%%%%%%%%%%%%%%%%%/1'],
  ['127 bytes', () => 'a'.repeat(127)],
  ['128 bytes', () => 'a'.repeat(128)],
  ['a megabyte', () => 'a'.repeat(1_000_000)],
  ['a megabyte that begins well', (hall) => hall + '/1'.repeat(500_000)],
  ['a lone surrogate', () => 'room/\ud800/1'],
];

/** Documents that are there, and somebody else's. */
const FOREIGN: [name: string, of: (p: Population) => string][] = [
  ['another board', ({ other }) => boardDoc(other.board)],
  ['another board’s room', ({ other }) => volumeDoc(`room/${other.room}`, 1)],
  ['another board’s task', ({ other }) => taskDoc(other.task)],
  ['another board’s thread', ({ other }) => volumeDoc(`task/${other.task}`, 1)],
  ['another’s inbox', ({ bea }) => inboxDoc(bea.id)],
  ['a room as a task', ({ home }) => taskDoc(home.room)],
  ['a board as an inbox', ({ home }) => inboxDoc(home.board)],
  ['a volume that was not opened', ({ home }) => volumeDoc(`room/${home.room}`, 2)],
  ['a volume far ahead', ({ home }) => volumeDoc(`room/${home.room}`, 999_999)],
  ['volume 0', ({ home }) => volumeDoc(`room/${home.room}`, 0)],
  ['an id that was never given', () => boardDoc(newId())],
];

const hallOf = ({ home }: Population): string => volumeDoc(`room/${home.room}`, 1);

describe('names that are no documents', () => {
  for (const [name, of] of NAMES) {
    arena.attack(`[S26] ${name}: not found`, async ({ people }) => {
      const address = of(hallOf(people), people);
      const mia = await arena.enter(people.mia);
      mia.send(authFrame(address), step1Frame(address), updateFrame(address, new Uint8Array(2)));
      // What follows was read before it is answered: the name has led nowhere.
      expect(await mia.ask(hallOf(people))).toBe('authenticated');
      await mia.settled();
      const [denied, ...more] = mia.frames.filter((frame) => frame.address !== hallOf(people));
      expect(more).toEqual([]);
      expect(denied).toMatchObject({ type: TYPE.auth });
      expect(denied?.body[0]).toBe(AUTH.denied);
      expect(denied?.body.subarray(2).toString()).toBe('not-found');
    });
  }

  arena.attack('[S40] in the address of /yjs, every one of them is not found', async ({ people }) => {
    for (const [name, of] of NAMES) {
      const address = of(hallOf(people), people);
      if (address.length > 10_000) continue;
      const path = `/yjs/${encodeURIComponent(address.toWellFormed())}`;
      const plain = arena.connect(people.mia, { path });
      expect([4404, 0], name).toContain((await plain.closed()).code);
    }
  });

  arena.attack('[S40] an address of a megabyte', async ({ people }) => {
    const plain = arena.connect(people.mia, { path: `/yjs/${'a'.repeat(1_000_000)}` });
    expect((await plain.closed()).code).not.toBe(101);
    expect(plain.frames).toEqual([]);
  });
});

describe.each([
  ['a member', (p: Population) => p.mia],
  ['an outsider', (p: Population) => p.otto],
  ['someone who was removed', (p: Population) => p.rick],
] as const)('%s asks for', (_who, person) => {
  for (const [name, of] of FOREIGN) {
    arena.attack(`[S26] ${name}: not found, at both doors`, async ({ people }) => {
      const asker = person(people);
      const attacker = await arena.enter(asker);
      expect(await attacker.ask(of(people))).toBe('not-found');
      attacker.send(step1Frame(of(people)), updateFrame(of(people), new Uint8Array(2)));
      await attacker.settled();
      expect(attacker.frames).toHaveLength(1);
      const plain = arena.connect(asker, { path: `/yjs/${of(people)}` });
      expect(await plain.closed()).toEqual({ code: 4404, reason: 'not-found' });
    });
  }
});

describe('every document of a board', () => {
  for (const who of ['otto', 'oscar', 'rick'] as const) {
    arena.attack(`[S26] is not found by ${who}, like one that is not there`, async ({ people }) => {
      const { board, room, task } = people.home;
      const attacker = await arena.enter(people[who]);
      for (const name of [
        boardDoc(board),
        taskDoc(task),
        volumeDoc(`room/${room}`, 1),
        volumeDoc(`task/${task}`, 1),
        inboxDoc(people.mia.id),
        boardDoc(newId()),
      ]) {
        expect(await attacker.ask(name), name).toBe('not-found');
      }
    });
  }
});
