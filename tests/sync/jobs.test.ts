import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../server/store/store.ts';
import { JobRunner, type Handler } from '../../server/jobs/runner.ts';
import { sendMessage, readVolume } from '../../src/lib/model/conversation.ts';
import * as Y from 'yjs';
import { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

async function runner(handler: Handler, kind: string): Promise<JobRunner> {
  const jobs = new JobRunner({ store: world.store, log: world.log, handlers: { [kind]: handler }, periodic: [] });
  jobs.start();
  await Promise.resolve();
  return jobs;
}

const enqueue = (kind: string, key: string): Promise<void> => world.store.jobs.enqueue([{ kind, key, payload: null }]);

describe('jobs', () => {
  test('[S37] one that fails is tried again until it is done', async () => {
    const attempts: number[] = [];
    const jobs = await runner(({ attempts: n }) => {
      attempts.push(n);
      return n < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
    }, 'stubborn');
    await enqueue('stubborn', 'a');
    jobs.wake();
    await expect.poll(() => attempts, { timeout: 10_000 }).toEqual([1, 2, 3]);
    await expect.poll(() => world.store.jobs.nextAt(['stubborn'])).toBeNull();
    await jobs.stop();
  });

  test('[S37] what a process that died had begun is taken over when its lease ends', async () => {
    await enqueue('orphan', 'a');
    expect(await world.store.jobs.claim(['orphan'], 1, 200)).toHaveLength(1);
    const done: string[] = [];
    const jobs = await runner(({ key }) => Promise.resolve(void done.push(key)), 'orphan');
    await expect.poll(() => done, { timeout: 10_000 }).toEqual(['a']);
    await jobs.stop();
  });

  test('[S37] however many of one kind there are, one hand is left to the others', async () => {
    const free = Promise.withResolvers<void>();
    let slow = 0;
    let quick = 0;
    const handlers = {
      slow: async () => {
        slow += 1;
        await free.promise;
      },
      quick: () => Promise.resolve(void (quick += 1)),
    };
    for (let i = 0; i < 20; i++) await enqueue('slow', `key ${i}`);
    const jobs = new JobRunner({ store: world.store, log: world.log, handlers, periodic: [] });
    jobs.start();
    await expect.poll(() => slow, { timeout: 10_000 }).toBe(3);
    for (let i = 0; i < 10; i++) await enqueue('quick', `key ${i}`);
    jobs.wake();
    await expect.poll(() => quick, { timeout: 10_000 }).toBe(10);
    expect(slow).toBe(3);
    free.resolve();
    await expect.poll(() => slow, { timeout: 10_000 }).toBe(20);
    await jobs.stop();
  });

  test('[S37] two of one kind and key take turns, others do not wait; a stop waits for what runs', async () => {
    let running = 0;
    let most = 0;
    const order: string[] = [];
    const free = Promise.withResolvers<void>();
    const jobs = await runner(async ({ key }) => {
      if (key === 'same') most = Math.max(most, ++running);
      if (key === 'same' && order.length === 0) await free.promise;
      order.push(key);
      if (key === 'same') running -= 1;
    }, 'turns');
    await enqueue('turns', 'same');
    jobs.wake();
    await expect.poll(() => running).toBe(1);
    await enqueue('turns', 'same');
    await enqueue('turns', 'other');
    jobs.wake();
    await expect.poll(() => order, { timeout: 10_000 }).toEqual(['other']);
    free.resolve();
    await expect.poll(() => order, { timeout: 10_000 }).toEqual(['other', 'same', 'same']);
    expect(most).toBe(1);
    await jobs.stop();
  });
});

describe('the log', () => {
  test('[S2] those who wait share one transaction', async () => {
    const ada = await world.person();
    const board = await world.board(ada);
    const name = `room/${await world.room(board, ada)}/1`;
    const peers = await Promise.all(Array.from({ length: 12 }, () => world.open(ada, name)));
    await Promise.all(peers.map((peer) => peer.saved()));
    const before = world.sync.stats().commits;
    world.valve.hold();
    for (const peer of peers) sendMessage(peer.doc, ada.id, { text: 'at once' });
    await expect.poll(() => world.sync.stats().waiting).toBe(12);
    world.valve.release();
    await Promise.all(peers.map((peer) => peer.saved()));
    expect(world.sync.stats().commits - before).toBeLessThanOrEqual(2);
    for (const peer of peers) peer.drop();
  });

  test('[S12] a slot that arrives from two devices at the same moment has one number', async () => {
    const ada = await world.person();
    const board = await world.board(ada);
    const name = `room/${await world.room(board, ada)}/1`;
    const origin = new Y.Doc();
    const one = world.peer(ada, name, origin);
    const slot = sendMessage(origin, ada.id, { text: 'once' });
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(origin));
    const other = world.peer(ada, name, copy);
    await Promise.all([one.connect(), other.connect()]);
    await Promise.all([one.saved(), other.saved()]);
    const stored = await world.stored(name);
    expect(readVolume(stored).messages.map((message) => [message.slot, message.seq])).toEqual([[slot, 1]]);
    expect(stored.getMap('log').size).toBe(1);
  });

  test("[S19] the server's clientID is the same within a process, and another one in the next", async () => {
    const ada = await world.person();
    const board = await world.board(ada);
    const name = `room/${await world.room(board, ada)}/1`;
    const write = (value: number) => world.sync.write(name, (doc) => doc.getMap('meta').set('probe', value));
    for (let i = 0; i < 3; i++) await write(i);
    expect((await world.stored(name)).store.clients.size).toBe(1);
    await world.restart();
    await write(3);
    expect((await world.stored(name)).store.clients.size).toBe(2);
    // Stored, as it turns out, but nobody told us so.
    const reader = await world.open(ada, name);
    world.valve.failNext(new StoreUnavailable('CONNECTION_CLOSED', undefined));
    await expect(write(4)).rejects.toThrow();
    await reader.until(() => reader.closed !== null);
    await write(5);
    const stored = await world.stored(name);
    expect(stored.store.clients.size).toBe(3);
    expect(stored.getMap('meta').get('probe')).toBe(5);
  });
});
