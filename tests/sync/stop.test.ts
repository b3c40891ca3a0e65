import { describe, expect, test } from 'vitest';
import { readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { World } from './world.ts';

describe('stopping', () => {
  test('[S39] finishes what has arrived, tells everyone to come back, and ends soon', async () => {
    const world = await World.open();
    const ada = await world.person('ada');
    const board = await world.board(ada);
    const name = `room/${await world.room(board, ada)}/1`;
    const peers = await Promise.all(Array.from({ length: 20 }, () => world.open(ada, name)));
    await Promise.all(peers.map((peer) => peer.saved()));
    world.valve.hold();
    for (const peer of peers) sendMessage(peer.doc, ada.id, { text: 'at the last moment' });
    await expect.poll(() => world.sync.stats().waiting).toBe(20);
    const before = performance.now();
    const stopped = world.sync.stop();
    world.valve.release();
    await stopped;
    expect(performance.now() - before).toBeLessThan(10_000);
    await Promise.all(peers.map((peer) => peer.until(() => peer.closed !== null)));
    expect(new Set(peers.map((peer) => peer.closed?.code))).toEqual(new Set([1012]));
    expect(peers.every((peer) => peer.statuses.at(-1) === 1 && peer.statuses.length === 2)).toBe(true);
    expect(readVolume(await world.stored(name)).messages).toHaveLength(20);
    expect(world.sync.stats()).toMatchObject({ sockets: 0, documents: 0, waiting: 0 });
    const late = await world.open(ada, name);
    expect(late.closed?.code).toBe(1012);
    await world.close();
  });

  test('[S39] ends although the database does not answer', async () => {
    const world = await World.open();
    const ada = await world.person('ada');
    const board = await world.board(ada);
    const name = `room/${await world.room(board, ada)}/1`;
    const a = await world.open(ada, name);
    await a.saved();
    world.valve.hold();
    sendMessage(a.doc, ada.id, { text: 'never stored' });
    await expect.poll(() => world.sync.stats().waiting).toBe(1);
    const before = performance.now();
    await world.sync.stop();
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(a.statuses).toEqual([1]);
    world.valve.release();
    await world.close();
  });
});
