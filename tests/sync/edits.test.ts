import { afterAll, beforeAll, expect, test } from 'vitest';
import { bodyAt, deleteMessage, editMessage, sendMessage, type Slot } from '../../src/lib/model/conversation.ts';
import { parseSlot } from '../../src/lib/model/message-slots.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let board: string;

beforeAll(async () => {
  world = await World.open();
  ada = await world.person('ada');
  bob = await world.person('bob');
  board = await world.board(ada, [bob]);
});
afterAll(() => world.close());

const midOf = (slot: Slot): string => parseSlot(slot)?.mid ?? '';

test('[S64] each accepted wording is kept with its end; what nobody saw, and what was not edited, is not', async () => {
  const room = await world.room(board, ada);
  const a = await world.open(ada, `room/${room}/1`);
  const wordings = (slot: Slot) =>
    world.store.messageEdits.of({ ref: `room/${room}`, author: ada.id, mid: midOf(slot) });
  const from = Date.now();
  const slot = sendMessage(a.doc, ada.id, { text: 'one' });
  const other = sendMessage(a.doc, ada.id, { text: 'never edited' });
  await a.saved();
  editMessage(a.doc, ada.id, midOf(slot), 'two');
  await a.saved();
  a.drop();
  editMessage(a.doc, ada.id, midOf(slot), 'offline, and gone again');
  editMessage(a.doc, ada.id, midOf(slot), 'three');
  await a.connect();
  await a.saved();
  const kept = await wordings(slot);
  expect(kept.map(({ text }) => text)).toEqual(['one', 'two']);
  for (const { until } of kept) expect(until).toBeGreaterThanOrEqual(from);
  expect(await wordings(other)).toEqual([]);
  // The same again, as a device that never heard the acknowledgement sends it.
  a.drop();
  await a.connect();
  await a.saved();
  expect(await wordings(slot)).toHaveLength(2);
  deleteMessage(a.doc, ada.id, midOf(slot));
  await a.saved();
  expect(await wordings(slot)).toEqual([]);
});

test('[S64] words that a device writes for a deleted message bring no history back', async () => {
  const room = await world.room(board, ada);
  const name = `room/${room}/1`;
  const [a, late] = [await world.open(ada, name), await world.open(ada, name)];
  const slot = sendMessage(a.doc, ada.id, { text: 'one' });
  await a.saved();
  await late.until(() => bodyAt(late.doc, slot) !== null);
  late.drop();
  deleteMessage(a.doc, ada.id, midOf(slot));
  await a.saved();
  editMessage(late.doc, ada.id, midOf(slot), 'two');
  await late.connect();
  await late.saved();
  await late.until(() => bodyAt(late.doc, slot)?.kind === 'tombstone');
  expect(await world.store.messageEdits.of({ ref: `room/${room}`, author: ada.id, mid: midOf(slot) })).toEqual([]);
});
