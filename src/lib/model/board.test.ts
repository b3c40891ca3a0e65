import { afterEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import {
  addCard,
  addColumn,
  archiveCard,
  archiveColumn,
  assign,
  boardReader,
  moveCard,
  moveColumn,
  parseBoardKey,
  parseBoardWrite,
  readBoard,
  readHeads,
  readPeople,
  readRooms,
  removePerson,
  removeRoom,
  renameCard,
  renameColumn,
  restoreCard,
  restoreColumn,
  setHead,
  setPerson,
  setRoom,
  setTitle,
  unassign,
} from './board.ts';
import { isRank } from './rank.ts';
import { Replicas, canonical, contentOf, id, pick, seeded } from './testing.ts';

const anna = id('anna');
const bob = id('bob');
const [todo, doing, done] = [id('todo'), id('doing'), id('done')];

afterEach(() => void vi.restoreAllMocks());

/** Ranks are jittered by Math.random: tests fix it. */
function fixRandom(seed: number): () => number {
  const random = seeded(seed);
  vi.spyOn(Math, 'random').mockImplementation(random);
  return random;
}

/** A board with three columns, and cards named by single letters: `board('abc', 'd')`. */
function board(...cards: string[]): Y.Doc {
  const doc = new Y.Doc();
  for (const column of [todo, doing, done]) addColumn(doc, anna, column.replace(/0+$/, ''), column);
  cards.forEach((letters, i) => {
    for (const letter of letters) addCard(doc, anna, [todo, doing, done][i] ?? todo, letter, id(letter));
  });
  return doc;
}

/** The board as `todo: abc, doing: d`. */
function look(doc: Y.Doc): string {
  return readBoard(doc)
    .columns.map(({ title, cards }) => `${title}: ${cards.map((card) => card.title).join('')}`)
    .join(', ');
}

const archive = (doc: Y.Doc) => readBoard(doc).archivedCards.map(({ title }) => title);

describe('cards and columns', () => {
  test('[B1] a card is a few fields, each under its key', () => {
    const doc = board();
    addCard(doc, bob, todo, '  Buy\n milk ', id('a'));
    assign(doc, id('a'), anna);
    const fields = new Map(doc.getMap('b').entries());
    expect(fields.get(`card/${id('a')}/title`)).toBe('Buy milk');
    expect(fields.get(`card/${id('a')}/by`)).toBe(bob);
    expect(fields.get(`card/${id('a')}/as/${anna}`)).toBe(1);
    expect([...fields].every(([key, value]) => parseBoardWrite(key, value) !== null)).toBe(true);
    expect(readBoard(doc).columns[0]?.cards).toEqual([
      { id: id('a'), title: 'Buy milk', column: todo, rank: expect.any(String) as string, by: bob, assignees: [anna] },
    ]);
  });

  test('[B8] cards are added at the end', () => {
    expect(look(board('abc', 'd'))).toBe('todo: abc, doing: d, done: ');
  });

  test.each([
    ['a', todo, 'c', 'todo: bac, doing: de, done: '],
    ['c', todo, 'a', 'todo: cab, doing: de, done: '],
    ['a', todo, null, 'todo: bca, doing: de, done: '],
    ['b', doing, 'e', 'todo: ac, doing: dbe, done: '],
    ['b', doing, 'd', 'todo: ac, doing: bde, done: '],
    ['b', doing, null, 'todo: ac, doing: deb, done: '],
    ['b', done, null, 'todo: ac, doing: de, done: b'],
    ['b', doing, 'a', 'todo: ac, doing: deb, done: '],
    ['b', todo, 'c', 'todo: abc, doing: de, done: '],
  ])('[B8] %s into %s before %s', (card, column, before, expected) => {
    const doc = board('abc', 'de');
    expect(moveCard(doc, id(card), column, before === null ? null : id(before))).toBe(true);
    expect(look(doc)).toBe(expected);
  });

  test('[B8] a card that is not there, a column that is not there, itself: nothing is written', () => {
    const doc = board('abc');
    const before = contentOf(doc, 'b');
    expect(moveCard(doc, id('z'), todo, null)).toBe(false);
    expect(moveCard(doc, id('a'), id('nowhere'), null)).toBe(false);
    expect(moveCard(doc, id('a'), todo, id('a'))).toBe(false);
    expect(addCard(doc, anna, id('nowhere'), 'x')).toBeNull();
    expect(addCard(doc, anna, todo, ' \n')).toBeNull();
    expect(addColumn(doc, anna, '')).toBeNull();
    expect(renameCard(doc, id('z'), 'x')).toBe(false);
    expect(renameCard(doc, id('a'), ' ')).toBe(false);
    expect(renameCard(doc, id('a'), 'a')).toBe(false);
    expect(renameColumn(doc, id('nowhere'), 'x')).toBe(false);
    expect(moveColumn(doc, id('nowhere'), null)).toBe(false);
    expect(moveColumn(doc, todo, todo)).toBe(false);
    expect(moveColumn(doc, todo, id('nowhere'))).toBe(false);
    expect(archiveCard(doc, id('z'))).toBe(false);
    expect(archiveColumn(doc, id('nowhere'))).toBe(false);
    expect(restoreCard(doc, id('a'))).toBe(false);
    expect(restoreColumn(doc, todo)).toBe(false);
    expect(assign(doc, id('z'), anna)).toBe(false);
    expect(unassign(doc, id('a'), anna)).toBe(false);
    expect(contentOf(doc, 'b')).toBe(before);
  });

  test.each([
    [todo, done, 'doing, done, todo'],
    [done, null, 'done, todo, doing'],
    [done, todo, 'todo, done, doing'],
    [todo, doing, 'doing, todo, done'],
  ])('[B8] column %s behind %s', (column, after, expected) => {
    const doc = board();
    expect(moveColumn(doc, column, after)).toBe(true);
    expect(
      readBoard(doc)
        .columns.map(({ title }) => title)
        .join(', '),
    ).toBe(expected);
  });

  test('[B1] renaming, naming the board, assigning and taking it back', () => {
    const doc = board('a');
    expect([setTitle(doc, 'Home'), renameCard(doc, id('a'), 'A'), renameColumn(doc, todo, 'Now')]).toEqual([
      true,
      true,
      true,
    ]);
    expect([assign(doc, id('a'), bob), assign(doc, id('a'), anna), assign(doc, id('a'), anna)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(readBoard(doc)).toMatchObject({
      title: 'Home',
      columns: [{ title: 'Now', cards: [{ title: 'A', assignees: [anna, bob] }] }, {}, {}],
    });
    expect(unassign(doc, id('a'), bob)).toBe(true);
    expect(readBoard(doc).columns[0]?.cards[0]?.assignees).toEqual([anna]);
    expect(setTitle(doc, 'Home')).toBe(false);
  });

  test('[B5] the archive, latest first, and back to the same place', () => {
    const doc = board('abc');
    archiveCard(doc, id('b'), 5);
    archiveCard(doc, id('a'), 9);
    expect(look(doc)).toBe('todo: c, doing: , done: ');
    expect(archive(doc)).toEqual(['a', 'b']);
    expect(restoreCard(doc, id('b'))).toBe(true);
    expect(restoreCard(doc, id('a'))).toBe(true);
    expect(look(doc)).toBe('todo: abc, doing: , done: ');
  });
});

describe('no card is lost', () => {
  test('[B4] an archived column takes its cards along, and brings them back', () => {
    const doc = board('ab', 'c');
    archiveColumn(doc, todo, 7);
    expect(look(doc)).toBe('doing: c, done: ');
    expect(readBoard(doc).archivedCards.map(({ title, archivedAt }) => [title, archivedAt])).toEqual([
      ['a', null],
      ['b', null],
    ]);
    expect(readBoard(doc).archivedColumns).toEqual([{ id: todo, title: 'todo', archivedAt: 7 }]);
    expect(restoreColumn(doc, todo)).toBe(true);
    expect(look(doc)).toBe('todo: ab, doing: c, done: ');
  });

  test('[B4] a card whose column is archived comes back into the first one', () => {
    const doc = board('ab', 'c');
    archiveColumn(doc, todo);
    expect(restoreCard(doc, id('a'))).toBe(true);
    expect(look(doc)).toBe('doing: ca, done: ');
    expect(archive(doc)).toEqual(['b']);
  });

  test('[B4] a card in an unknown column stands in the first, and can be moved among the others', () => {
    const doc = board('ab');
    doc.getMap('b').set(`card/${id('s')}/title`, 's');
    doc.getMap('b').set(`card/${id('s')}/pos`, [id('unknown'), 'V']);
    doc.getMap('b').set(`card/${id('t')}/title`, 't');
    const cards = readBoard(doc).columns[0]?.cards.map(({ title, column }) => [title, column]) ?? [];
    expect(cards).toHaveLength(4);
    expect(cards.every(([, column]) => column === todo)).toBe(true);
    expect(moveCard(doc, id('s'), todo, id('b'))).toBe(true);
    expect(look(doc)).toMatch(/^todo: t?at?st?bt?,/);
    expect(moveCard(doc, id('t'), doing, null)).toBe(true);
    expect(look(doc)).toBe('todo: asb, doing: t, done: ');
  });

  test('[B4] without any column all are in the archive, and none is restored into nothing', () => {
    const doc = new Y.Doc();
    doc.getMap('b').set(`card/${id('s')}/title`, 's');
    expect(archive(doc)).toEqual(['s']);
    expect(restoreCard(doc, id('s'))).toBe(false);
  });

  test('[B4] many cards without a place can still be sorted', () => {
    const doc = board();
    for (const letter of 'abcdefgh') doc.getMap('b').set(`card/${id(letter)}/title`, letter);
    expect(look(doc)).toBe('todo: abcdefgh, doing: , done: ');
    expect(moveCard(doc, id('h'), todo, id('d'))).toBe(true);
    expect(look(doc)).toBe('todo: abchdefg, doing: , done: ');
  });

  test('[R5] a used-up gap: neighbours move in the same transaction', () => {
    fixRandom(1);
    const doc = board('abcdefghijkl');
    let updates = 0;
    doc.on('update', () => updates++);
    for (let i = 0; i < 400; i++) moveCard(doc, id(i % 2 === 0 ? 'a' : 'l'), todo, id('f'));
    expect(updates).toBe(400);
    expect(look(doc)).toBe('todo: bcdealfghijk, doing: , done: ');
    const ranks = readBoard(doc).columns[0]?.cards.map(({ rank }) => rank) ?? [];
    expect(ranks.every(isRank)).toBe(true);
  });
});

describe('the grammar', () => {
  const a = id('a');
  test.each([
    ['title', 'Home'],
    [`col/${a}/title`, 'x'.repeat(200)],
    [`col/${a}/pos`, 'V'],
    [`col/${a}/by`, anna],
    [`col/${a}/arc`, 1],
    [`col/${a}/arc`, undefined],
    [`card/${a}/title`, 'x'.repeat(500)],
    [`card/${a}/pos`, [todo, 'V']],
    [`card/${a}/by`, anna],
    [`card/${a}/arc`, 1_700_000_000_000],
    [`card/${a}/arc`, undefined],
    [`card/${a}/as/${bob}`, 1],
    [`card/${a}/as/${bob}`, undefined],
  ])('[B6] %s may be %j', (key, value) => {
    expect(parseBoardWrite(key, value)).not.toBeNull();
  });

  test('[B6] what is read is what was meant', () => {
    expect(parseBoardWrite(`card/${a}/pos`, [todo, 'V'])).toEqual({
      kind: 'card',
      id: a,
      field: 'pos',
      value: [todo, 'V'],
    });
    expect(parseBoardWrite(`card/${a}/as/${bob}`, undefined)).toEqual({
      kind: 'card',
      id: a,
      field: 'as',
      who: bob,
      value: null,
    });
    expect(parseBoardWrite(`col/${a}/arc`, undefined)).toEqual({ kind: 'column', id: a, field: 'arc', value: null });
    expect(parseBoardKey('title')).toEqual({ kind: 'title' });
  });

  test.each([
    ['title', ''],
    ['title', undefined],
    ['title', 'a\nb'],
    ['title', 'x'.repeat(201)],
    ['title', 1],
    ['Title', 'x'],
    ['', 'x'],
    ['__proto__', 'x'],
    [`title/${a}`, 'x'],
    [`col/${a}`, 'x'],
    [`col/${a}/`, 'x'],
    [`col/${a}/title`, 'x'.repeat(201)],
    [`col/${a}/title`, undefined],
    [`col/${a}/title/x`, 'x'],
    [`col/${a}/pos`, 'V0'],
    [`col/${a}/pos`, undefined],
    [`col/${a}/pos`, [todo, 'V']],
    [`col/${a}/as/${bob}`, 1],
    [`col/A/title`, 'x'],
    [`col/${a}/__proto__`, 'x'],
    [`card/${a}/title`, 'x'.repeat(501)],
    [`card/${a}/title`, { toString: 'x' }],
    [`card/${a}/title`, undefined],
    [`card/${a}/pos`, 'V'],
    [`card/${a}/pos`, [todo]],
    [`card/${a}/pos`, [todo, 'V', 1]],
    [`card/${a}/pos`, ['todo', 'V']],
    [`card/${a}/pos`, [todo, '']],
    [`card/${a}/pos`, { 0: todo, 1: 'V', length: 2 }],
    [`card/${a}/pos`, undefined],
    [`card/${a}/by`, 'Anna'],
    [`card/${a}/by`, undefined],
    [`card/${a}/arc`, true],
    [`card/${a}/arc`, 0],
    [`card/${a}/arc`, 1.5],
    [`card/${a}/as`, 1],
    [`card/${a}/as/Bob`, 1],
    [`card/${a}/as/${bob}`, 2],
    [`card/${a}/as/${bob}`, true],
    [`card/${a}/as/${bob}/x`, 1],
    [`card/${a}/due`, 1],
  ])('[B6] %s may not be %j', (key, value) => {
    expect(parseBoardWrite(key, value)).toBeNull();
  });

  test('[B9] a document full of odd things shows what is right', () => {
    const doc = board('a');
    const before = canonical(readBoard(doc));
    const odd: unknown[] = [
      undefined,
      null,
      1,
      'x\ny',
      [],
      {},
      JSON.parse('{"__proto__": {"name": "x"}}'),
      new Uint8Array(2),
    ];
    odd.forEach((value, i) => {
      for (const key of ['title', 'pos', 'by', 'arc', `as/${bob}`])
        doc.getMap('b').set(`card/${id(`odd${i}x`)}/${key}`, value);
      doc.getMap('b').set('__proto__', value);
      for (const root of ['people', 'rooms', 'heads']) {
        doc.getMap(root).set('__proto__', value);
        doc.getMap(root).set(id(`odd${i}x`), value);
        doc.getMap(root).set(`room/${id(`odd${i}x`)}`, value);
      }
    });
    doc.getMap('b').set(`card/${id('type')}/title`, new Y.Text('x'));
    // A lone `arc` or `by` makes no card.
    doc.getMap('b').set(`card/${id('lone')}/arc`, 5);
    doc.getMap('b').set(`card/${id('lone')}/by`, anna);
    expect(canonical(readBoard(doc))).toBe(before);
    expect([readPeople(doc).size, readRooms(doc).length, readHeads(doc).size]).toEqual([0, 0, 0]);
  });
});

describe('the directory', () => {
  test('[B9] members', () => {
    const doc = new Y.Doc();
    setPerson(doc, { id: anna, username: 'anna', name: 'Anna Ä', role: 'owner' });
    setPerson(doc, { id: bob, username: 'bob', name: 'x'.repeat(500), role: 'viewer' });
    expect([...readPeople(doc).values()]).toEqual([
      { id: anna, username: 'anna', name: 'Anna Ä', role: 'owner' },
      // A name that is none does not hide the member.
      { id: bob, username: 'bob', name: 'bob', role: 'viewer' },
    ]);
    removePerson(doc, bob);
    removePerson(doc, bob);
    expect([...readPeople(doc).keys()]).toEqual([anna]);
  });

  test('[B9] rooms, oldest first', () => {
    const doc = new Y.Doc();
    setRoom(doc, { id: id('r2'), name: 'Two', by: anna, at: 2 });
    setRoom(doc, { id: id('r1'), name: 'One', by: bob, at: 1 });
    expect(readRooms(doc).map(({ name }) => name)).toEqual(['One', 'Two']);
    removeRoom(doc, id('r1'));
    removeRoom(doc, id('r1'));
    expect(readRooms(doc)).toEqual([{ id: id('r2'), name: 'Two', by: anna, at: 2, description: '', archived: null }]);
  });

  test('[B9] a room says what it is for, and since when it is put away', () => {
    const doc = new Y.Doc();
    const room = { id: id('r1'), name: 'One', by: bob, at: 1 };
    setRoom(doc, { ...room, description: 'Where we talk', archived: 7 });
    expect(readRooms(doc)).toEqual([{ ...room, description: 'Where we talk', archived: 7 }]);
    setRoom(doc, room);
    expect(readRooms(doc)).toEqual([{ ...room, description: '', archived: null }]);
    // What cannot be read of it hides neither the room nor its name.
    doc.getMap('rooms').set(room.id, { name: 'One', by: bob, at: 1, description: 5, archived: 'x' });
    expect(readRooms(doc)).toEqual([{ ...room, description: '', archived: null }]);
  });

  test('[B9] a room that is struck off takes its head along', () => {
    const doc = new Y.Doc();
    setRoom(doc, { id: id('r1'), name: 'One', by: bob, at: 1 });
    setHead(doc, `room/${id('r1')}`, { volume: 1, seq: 3, at: 9 });
    removeRoom(doc, id('r1'));
    expect([readRooms(doc).length, readHeads(doc).size]).toEqual([0, 0]);
  });

  test('[B9] heads', () => {
    const doc = new Y.Doc();
    setHead(doc, `room/${id('r1')}`, { volume: 1, seq: 3 });
    setHead(doc, `task/${id('t1')}`, { volume: 2, seq: 600 });
    expect(readHeads(doc)).toEqual(
      new Map([
        [`room/${id('r1')}`, { volume: 1, seq: 3, at: null }],
        [`task/${id('t1')}`, { volume: 2, seq: 600, at: null }],
      ]),
    );
    setHead(doc, `room/${id('r1')}`, { volume: 1, seq: 4, at: 1_700_000_000_000 });
    expect(readHeads(doc).get(`room/${id('r1')}`)).toEqual({ volume: 1, seq: 4, at: 1_700_000_000_000 });
    // A later version may say more, and an earlier one said less.
    doc.getMap('heads').set(`room/${id('r1')}`, [2, 5, 'x', 'y']);
    expect(readHeads(doc).get(`room/${id('r1')}`)).toEqual({ volume: 2, seq: 5, at: null });
  });

  test('[B9] what says nothing new is not written', () => {
    const doc = new Y.Doc();
    const write = () => {
      setPerson(doc, { id: anna, username: 'anna', name: 'Anna', role: 'owner' });
      setRoom(doc, { id: id('r1'), name: 'One', by: bob, at: 1 });
      setHead(doc, `room/${id('r1')}`, { volume: 1, seq: 3 });
    };
    write();
    const before = Y.encodeStateVector(doc);
    write();
    expect(Y.encodeStateVector(doc)).toEqual(before);
  });
});

describe('a reader that stays open', () => {
  test('[B10] only what changed is new', () => {
    const doc = board('abc', 'de', 'f');
    const read = boardReader();
    const before = read(doc);
    expect(read(doc)).toBe(before);
    renameCard(doc, id('d'), 'D');
    const after = read(doc);
    expect(after).not.toBe(before);
    expect(after.columns.map((column, i) => column === before.columns[i])).toEqual([true, false, true]);
    expect(after.columns[1]?.cards[0]).not.toBe(before.columns[1]?.cards[0]);
    expect(after.columns[1]?.cards[1]).toBe(before.columns[1]?.cards[1]);
    setHead(doc, `room/${id('r1')}`, { volume: 1, seq: 3 });
    expect(read(doc)).toBe(after);
  });
});

describe('concurrency', () => {
  test('[B1] rename, move, assign and archive at once: all survive', () => {
    const net = new Replicas(4, seeded(1));
    const [one, two, three, four] = net.docs as [Y.Doc, Y.Doc, Y.Doc, Y.Doc];
    Y.applyUpdate(one, Y.encodeStateAsUpdate(board('ab')));
    net.deliverAll();
    renameCard(one, id('a'), 'A');
    moveCard(two, id('a'), done, null);
    assign(three, id('a'), bob);
    archiveCard(four, id('a'), 5);
    net.deliverAll();
    for (const doc of net.docs) {
      expect(readBoard(doc).archivedCards).toMatchObject([{ title: 'A', assignees: [bob], archivedAt: 5 }]);
    }
    restoreCard(three, id('a'));
    net.deliverAll();
    for (const doc of net.docs) {
      expect(readBoard(doc).columns[2]?.cards).toMatchObject([{ title: 'A', assignees: [bob] }]);
    }
  });

  test.each([1, 2])('[B7][B2][B3] three people, 4,000 acts, any order of delivery (seed %i)', (seed) => {
    const random = fixRandom(seed);
    const net = new Replicas(3, random);
    const [first] = net.docs as [Y.Doc];
    Y.applyUpdate(first, Y.encodeStateAsUpdate(board()));
    net.deliverAll();
    const cards: string[] = [];
    const columns = [todo, doing, done];
    for (let i = 0; i < 4_000; i++) {
      const doc = pick(random, net.docs);
      const act = random();
      const card = cards.length === 0 ? id('none') : pick(random, cards);
      const column = pick(random, columns);
      if (act < 0.05) {
        const added = addCard(doc, anna, column, `card ${i}`, id(`c${i}x`));
        if (added !== null) cards.push(added);
      } else if (act < 0.6) {
        const there = readBoard(doc).columns.find((one) => one.id === column)?.cards ?? [];
        moveCard(doc, card, column, there.length === 0 || random() < 0.2 ? null : pick(random, there).id);
      } else if (act < 0.65) renameCard(doc, card, `renamed ${i}`);
      else if (act < 0.7) assign(doc, card, pick(random, [anna, bob]));
      else if (act < 0.73) unassign(doc, card, pick(random, [anna, bob]));
      else if (act < 0.76) archiveCard(doc, card, i + 1);
      else if (act < 0.8) restoreCard(doc, card);
      else if (act < 0.83) moveColumn(doc, column, random() < 0.3 ? null : pick(random, columns));
      else if (act < 0.835 && columns.length < 8)
        columns.push(addColumn(doc, bob, `column ${i}`, id(`k${i}x`)) ?? todo);
      else if (act < 0.84) archiveColumn(doc, column, i + 1);
      else if (act < 0.86) restoreColumn(doc, column);
      else net.deliver(random() < 0.5 ? 1 : random());
    }
    net.deliverAll();

    expect(new Set(net.docs.map((doc) => contentOf(doc, 'b'))).size).toBe(1);
    expect(new Set(net.docs.map((doc) => canonical(readBoard(doc)))).size).toBe(1);
    const state = readBoard(first);
    const shown = [...state.columns.flatMap((column) => column.cards), ...state.archivedCards].map((card) => card.id);
    expect(shown.length).toBeGreaterThan(100);
    expect(shown.sort()).toEqual([...cards].sort());
    expect([...state.columns, ...state.archivedColumns].map((column) => column.id).sort()).toEqual([...columns].sort());
    for (const column of state.columns) {
      const ranks = column.cards.map(({ rank }) => rank);
      expect(ranks.every(isRank)).toBe(true);
      expect(new Set(ranks).size).toBe(ranks.length);
    }
  });

  test('[B3][R3] everyone inserts at the same gap offline: no ties, one order', () => {
    const random = fixRandom(9);
    const net = new Replicas(3, random);
    const [first] = net.docs as [Y.Doc];
    Y.applyUpdate(first, Y.encodeStateAsUpdate(board('az')));
    net.deliverAll();
    net.docs.forEach((doc, who) => {
      doc.transact(() => {
        for (let i = 0; i < 400; i++) {
          const card = addCard(doc, anna, doing, `${who} ${i}`, id(`p${who}c${i}x`));
          if (card !== null) moveCard(doc, card, todo, id('z'));
        }
      });
    });
    net.deliverAll();
    expect(new Set(net.docs.map((doc) => canonical(readBoard(doc)))).size).toBe(1);
    const cards = readBoard(first).columns[0]?.cards ?? [];
    expect(cards).toHaveLength(1_202);
    expect(new Set(cards.map(({ rank }) => rank)).size).toBe(cards.length);
  });
});
