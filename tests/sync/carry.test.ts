import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { StoreUnavailable } from '../../server/store/store.ts';
import { bodyAt, deleteMessage, editMessage, sendMessage } from '../../src/lib/model/conversation.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import { messageKey, parseSlot, type Slot } from '../../src/lib/model/message-slots.ts';
import type { Peer } from './peer.ts';
import { World, type Person } from './world.ts';

const MINUTE = 60_000;

let world: World;
let ada: Person;
let bob: Person;
let cleo: Person;
let board: string;
let ref: `room/${string}`;
let slot: Slot;
/** Bob's device that wrote in a tunnel, and another one that has only the words he wrote there. */
let late: Peer;
let other: Y.Doc;
let cleos: Peer;

beforeAll(async () => {
  world = await World.open({ volume: { entries: 3 } });
  ada = await world.person('ada');
  bob = await world.person('bob');
  cleo = await world.person('cleo');
  board = await world.board(ada, [bob, cleo]);
});
afterAll(() => world.close());

/** A message to Cleo is written into volume 1, offline, while others fill it. */
beforeEach(async () => {
  ref = `room/${await world.room(board, ada)}`;
  cleos = await world.open(cleo, `inbox/${cleo.id}`);
  late = await world.open(bob, `${ref}/1`);
  late.drop();
  slot = sendMessage(late.doc, bob.id, { text: `hello ${at(cleo)}` });
  other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(late.doc));
  const a = await world.open(ada, `${ref}/1`);
  for (let i = 1; i <= 3; i++) sendMessage(a.doc, ada.id, { text: `m${i}` });
  await a.saved();
  a.drop();
});

const at = (who: Person): string => mentionToken({ user: who.id });
const mid = (): string => parseSlot(slot)?.mid ?? '';
const told = (peer: Peer) => readInbox(peer.doc).notifications.filter((one) => one.conversation === ref);
const words = (doc: Y.Doc): string | null => {
  const body = bodyAt(doc, slot);
  return body?.kind === 'message' ? body.text : null;
};
const left = async (): Promise<boolean> => !(await world.stored(`${ref}/1`)).getMap('m').has(messageKey(slot));

async function nothingToCarry(): Promise<void> {
  await expect.poll(() => world.store.jobs.nextAt(['carry']), { timeout: 20_000 }).toBeNull();
}

/** Keeps what is to be carried waiting, as behind a process that died; resolves with what lets it go on. */
async function carriedLater(): Promise<() => Promise<void>> {
  const { jobs } = world.store;
  await nothingToCarry();
  // The runner may be quicker; this job says nothing to it.
  let [job] = [] as Awaited<ReturnType<typeof jobs.claim>>;
  while (job === undefined) {
    await jobs.enqueue([{ kind: 'carry', key: `${ref}/1`, payload: null }]);
    [job] = await jobs.claim(['carry'], 1, MINUTE);
  }
  const { id } = job;
  return () => jobs.done(id);
}

describe('a message that was moved', () => {
  test('[S14] what its author wrote where it stands is not undone by who comes late to clear its old place', async () => {
    const goOn = await carriedLater();
    await late.connect();
    await late.saved();
    const head = await world.open(bob, `${ref}/2`);
    expect(words(head.doc)).toBe(`hello ${at(cleo)}`);
    editMessage(head.doc, bob.id, mid(), 'better');
    await head.saved();
    await goOn();
    await expect.poll(left, { timeout: 20_000 }).toBe(true);
    expect(words(await world.stored(`${ref}/2`))).toBe('better');
    expect([...(await world.stored(`${ref}/1`)).getMap('meta').keys()]).toContain(`moved/${slot}`);
  });

  test('[S14] what is carried leaves its old place in the same transaction, and is not carried again', async () => {
    await late.connect();
    await late.saved();
    await expect.poll(left, { timeout: 20_000 }).toBe(true);
    const goOn = await carriedLater();
    const device = world.peer(bob, `${ref}/1`, other);
    editMessage(other, bob.id, mid(), 'from the other device');
    await device.connect();
    await device.saved();
    // Both are in memory, so that the fault meets no loading.
    await world.open(ada, `${ref}/2`);
    // Stored all the same: the fault comes after the work, as when the process dies then.
    world.valve.failNext(new StoreUnavailable('CONNECTION_CLOSED', undefined));
    await goOn();
    const moved = async () => words(await world.stored(`${ref}/2`));
    await expect.poll(moved, { timeout: 20_000 }).toBe('from the other device');
    expect(await left()).toBe(true);
    const head = await world.open(bob, `${ref}/2`);
    editMessage(head.doc, bob.id, mid(), 'last words');
    await head.saved();
    await nothingToCarry();
    expect(words(await world.stored(`${ref}/2`))).toBe('last words');
  });

  test('[S16] an edit in its old place takes back from whom it no longer names', async () => {
    const adas = await world.open(ada, `inbox/${ada.id}`);
    await late.connect();
    await late.saved();
    await cleos.until(() => told(cleos).length === 1);
    await expect.poll(left, { timeout: 20_000 }).toBe(true);
    const device = world.peer(bob, `${ref}/1`, other);
    editMessage(other, bob.id, mid(), `rather ${at(ada)}`);
    await device.connect();
    await device.saved();
    await Promise.all([cleos.until(() => told(cleos).length === 0), adas.until(() => told(adas).length === 1)]);
    expect(told(adas)[0]).toMatchObject({ slot, volume: 2, excerpt: 'rather @ada' });
  });

  test('[S16] a deletion in its old place takes it back, and nobody is told of what comes after it', async () => {
    await late.connect();
    await late.saved();
    await cleos.until(() => told(cleos).length === 1);
    await expect.poll(left, { timeout: 20_000 }).toBe(true);
    const again = new Y.Doc();
    Y.applyUpdate(again, Y.encodeStateAsUpdate(other));
    const device = world.peer(bob, `${ref}/1`, other);
    deleteMessage(other, bob.id, mid());
    await device.connect();
    await device.saved();
    await cleos.until(() => told(cleos).length === 0);
    const third = world.peer(bob, `${ref}/1`, again);
    editMessage(again, bob.id, mid(), `still ${at(cleo)}`);
    await third.connect();
    await third.saved();
    await nothingToCarry();
    await expect.poll(async () => (await world.store.notifications.pending(10)).size).toBe(0);
    expect(told(cleos)).toEqual([]);
    expect(words(await world.stored(`${ref}/2`))).toBeNull();
  });
});
