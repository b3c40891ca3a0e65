import { expect, test } from 'vitest';
import type { Card, Column } from '../../model/board.ts';
import { CardDrag, type Place } from './card-drag.svelte.ts';

const card = (id: string, column: string): Card => ({
  id,
  title: `Card ${id}`,
  column,
  rank: id,
  by: null,
  assignees: [],
});
const column = (id: string, ...cards: string[]): Column => ({
  id,
  title: id.toUpperCase(),
  rank: id,
  by: null,
  cards: cards.map((one) => card(one, id)),
});

/** A board that writes down what is done to it. */
class Table {
  columns = $state.raw([column('todo', 'a', 'b', 'c'), column('doing'), column('done', 'x')]);
  readonly moves: { card: string; place: Place }[] = [];
  readonly said: string[] = [];
  readonly drag = new CardDrag({
    columns: () => this.columns,
    move: (moved, place) => this.moves.push({ card: moved, place }),
    say: (sentence) => this.said.push(sentence),
    focus: () => Promise.resolve(true),
  });

  shown(): string[] {
    return this.columns.map((one) =>
      this.drag
        .cards(one)
        .map(({ id }) => id)
        .join(''),
    );
  }
}

test('by keyboard: lifted, carried down and over, dropped; only the landing is written', async () => {
  const table = new Table();
  table.drag.lift('a');
  await table.drag.carry('ArrowDown');
  expect(table.shown()).toEqual(['bac', '', 'x']);
  await table.drag.carry('ArrowRight');
  await table.drag.carry('ArrowRight');
  expect(table.shown()).toEqual(['bc', '', 'ax']);
  expect(table.moves).toEqual([]);
  await table.drag.drop();
  expect(table.moves).toEqual([{ card: 'a', place: { column: 'done', before: 'x' } }]);
  expect(table.drag.lifted).toBe(null);
});

test('Escape puts it back, and nothing is written', async () => {
  const table = new Table();
  table.drag.lift('b');
  await table.drag.carry('ArrowUp');
  await table.drag.putBack();
  expect(table.shown()).toEqual(['abc', '', 'x']);
  expect(table.moves).toEqual([]);
});

test('at the edges it stays where it is', async () => {
  const table = new Table();
  table.drag.lift('a');
  await table.drag.carry('ArrowUp');
  await table.drag.carry('ArrowLeft');
  expect(table.shown()).toEqual(['abc', '', 'x']);
});

test('every step is told: which card, which place, how many, which column', async () => {
  const table = new Table();
  table.drag.lift('b');
  await table.drag.carry('ArrowRight');
  await table.drag.drop();
  expect(table.said[0]).toContain('Picked up “Card b”, 2 of 3 in TODO');
  expect(table.said[1]).toBe('1 of 1 in DOING');
  expect(table.said[2]).toBe('Dropped “Card b”, 1 of 1 in DOING.');
});

test('dropped where it was lifted, nothing is written', async () => {
  const table = new Table();
  table.drag.lift('b');
  await table.drag.drop();
  expect(table.moves).toEqual([]);
});

test('what others do meanwhile is taken in when it lands: its neighbour has left', async () => {
  const table = new Table();
  table.drag.lift('a');
  await table.drag.carry('ArrowDown');
  table.columns = [column('todo', 'a', 'b'), column('doing'), column('done', 'x', 'c')];
  expect(table.shown()[0]).toBe('bac');
  await table.drag.drop();
  expect(table.moves).toEqual([{ card: 'a', place: { column: 'todo', before: null } }]);
});

test('a card that was archived in the air is not moved', async () => {
  const table = new Table();
  table.drag.lift('a');
  await table.drag.carry('ArrowRight');
  table.columns = [column('todo', 'b', 'c'), column('doing'), column('done', 'x')];
  await table.drag.drop();
  expect(table.moves).toEqual([]);
  expect(table.shown()).toEqual(['bc', '', 'x']);
});

test('by pointer: the place is the one before the next card that still stands there', () => {
  const table = new Table();
  const [a] = table.columns[0]!.cards;
  table.drag.consider('todo', table.columns[0]!.cards.slice(1));
  table.drag.consider('done', [a!, ...table.columns[2]!.cards]);
  expect(table.shown()).toEqual(['bc', '', 'ax']);
  table.drag.finalize('done', [a!, ...table.columns[2]!.cards], 'a', true);
  table.drag.finalize('todo', table.columns[0]!.cards.slice(1), 'a', false);
  expect(table.moves).toEqual([{ card: 'a', place: { column: 'done', before: 'x' } }]);
});

test('columns that a carried card does not touch keep their list, object for object', async () => {
  const table = new Table();
  const done = table.columns[2]!;
  table.drag.lift('a');
  await table.drag.carry('ArrowDown');
  expect(table.drag.cards(done)).toBe(done.cards);
});
