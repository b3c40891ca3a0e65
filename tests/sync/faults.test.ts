import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as Y from 'yjs';
import { CONVERSATION_ROOTS, readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { mentionToken } from '../../src/lib/model/mentions.ts';
import { StoreUnavailable } from '../../server/store/store.ts';
import { postgresIsAvailable } from '../harness/postgres.ts';
import { Proxy } from './proxy.ts';
import { canonical, World, type Person } from './world.ts';

const count = (doc: Y.Doc): number => readVolume(doc).messages.filter((message) => message.seq !== null).length;

describe('what cannot be stored', () => {
  let world: World;
  let ada: Person;
  let bob: Person;
  let board: string;
  let name: string;
  beforeAll(async () => {
    world = await World.open();
    ada = await world.person('ada');
    bob = await world.person('bob');
    board = await world.board(ada, [bob]);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    name = `room/${await world.room(board, ada)}/1`;
  });

  test('[S4] a commit whose answer is lost: nothing is applied, everyone comes back, and it is there once', async () => {
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    await Promise.all([a.saved(), b.saved()]);
    // Stored all the same: the fault comes after the work.
    world.valve.failNext(new StoreUnavailable('CONNECTION_CLOSED', undefined));
    sendMessage(a.doc, ada.id, { text: 'perhaps' });
    await Promise.all([a.until(() => a.closed !== null), b.until(() => b.closed !== null)]);
    expect([a.closed?.code, b.closed?.code]).toEqual([1013, 1013]);
    expect(a.statuses.filter((status) => status === 1)).toHaveLength(1);
    expect(count(b.doc)).toBe(0);
    await Promise.all([a.connect(), b.connect()]);
    await a.saved();
    await b.until(() => count(b.doc) === 1);
    expect(readVolume(await world.stored(name)).messages).toHaveLength(1);
    sendMessage(b.doc, bob.id, { text: 'next' });
    await a.until(() => count(a.doc) === 2);
  });

  test('[S3] an update that the database refuses costs its own document only', async () => {
    const orphan = await world.room(board, ada);
    const a = await world.open(ada, name);
    const c = await world.open(ada, `room/${orphan}/1`);
    const b = await world.open(bob, name);
    await Promise.all([a.saved(), b.saved(), c.saved()]);
    // A row that says its number is taken: the numbering of that conversation cannot succeed.
    await world.store.transaction((tx) =>
      world.store.messages.insert(
        [{ ref: `room/${orphan}`, seq: 1, author: bob.id, mid: 'z'.repeat(20), volume: 1, at: 1 }],
        tx,
      ),
    );
    world.valve.hold();
    sendMessage(b.doc, bob.id, { text: 'holds the log' });
    await expect.poll(() => world.valve.waiting).toBe(1);
    sendMessage(c.doc, ada.id, { text: 'cannot be stored' });
    sendMessage(a.doc, ada.id, { text: 'can' });
    await expect.poll(() => world.sync.stats().waiting).toBe(3);
    world.valve.release();
    await c.until(() => c.ended !== null);
    expect(c.ended).toBe('refused:bad-value');
    await Promise.all([a.saved(), b.saved()]);
    expect([a.closed, b.closed]).toEqual([null, null]);
    await b.until(() => count(b.doc) === 2);
  });

  test("[S9] the server's own write that fails for its own reason is undone alone", async () => {
    const a = await world.open(ada, name);
    const reason = new Error('no, after all');
    const failing = world.sync.write(name, (doc) => doc.getMap('meta').set('probe', 1), {
      also: () => Promise.reject(reason),
    });
    sendMessage(a.doc, ada.id, { text: 'meanwhile' });
    await expect(failing).rejects.toBe(reason);
    await a.saved();
    expect(a.doc.getMap('meta').has('probe')).toBe(false);
    expect((await world.stored(name)).getMap('meta').has('probe')).toBe(false);
    await world.sync.write(name, (doc) => doc.getMap('meta').set('probe', 2), {
      also: (tx) => world.store.boards.rename(board, 'Renamed', tx).then(() => undefined),
    });
    await a.until(() => a.doc.getMap('meta').get('probe') === 2);
    expect((await world.store.boards.get(board))?.title).toBe('Renamed');
  });

  test('[S9] writes of the server build on each other, and one that changes nothing is free', async () => {
    const before = world.sync.stats().commits;
    await Promise.all(
      Array.from({ length: 10 }, () =>
        world.sync.write(name, (doc) => {
          const meta = doc.getMap<number>('meta');
          meta.set('count', (meta.get('count') ?? 0) + 1);
        }),
      ),
    );
    expect((await world.stored(name)).getMap('meta').get('count')).toBe(10);
    expect((await world.stored(name)).store.clients.size).toBe(1);
    const after = world.sync.stats().commits;
    await world.sync.write(name, () => undefined);
    expect(world.sync.stats().commits).toBe(after);
    expect(after).toBeGreaterThan(before);
  });

  test('[S9] a person writes by other ways than a document through the same gate', async () => {
    const b = await world.open(bob, name);
    const written = await world.sync.writeAs(ada, name, (doc) => sendMessage(doc, ada.id, { text: 'by HTTP' }));
    expect(written.ok).toBe(true);
    await b.until(() => count(b.doc) === 1);
    const forged = await world.sync.writeAs(ada, name, (doc) => sendMessage(doc, bob.id, { text: 'not mine' }));
    expect(forged).toMatchObject({ ok: false });
    const stranger = await world.person();
    expect(await world.sync.writeAs(stranger, name, () => undefined)).toMatchObject({ ok: false, code: 'not-found' });
    for (let i = 0; i < 5; i++)
      await world.sync.writeAs(ada, name, (doc) => sendMessage(doc, ada.id, { text: 'more' }));
    // One clientID of Ada's and one of the server's, whatever the number of requests.
    expect((await world.stored(name)).store.clients.size).toBe(2);
  });
});

describe.skipIf(!postgresIsAvailable())('a real Postgres that goes away', () => {
  let world: World;
  let proxy: Proxy;
  let ada: Person;
  let bob: Person;
  let board: string;
  beforeAll(async () => {
    world = await World.open({}, 'postgres', async (url) => {
      const way = await Proxy.to(url);
      proxy = way.proxy;
      return way.url;
    });
    ada = await world.person('ada');
    bob = await world.person('bob');
    board = await world.board(ada, [bob]);
  });
  afterAll(async () => {
    proxy.mend();
    await world.close();
    await proxy.close();
  });

  test('[S4] sockets close with 1013, open again when it is back, and nothing acknowledged is lost', async () => {
    const name = `room/${await world.room(board, ada)}/1`;
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    const inbox = await world.open(bob, `inbox/${bob.id}`);
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5; i++) {
        const slot = sendMessage(a.doc, ada.id, { text: `${mentionToken({ user: bob.id })} ${round}.${i}` });
        await a.saved();
        acknowledged.add(slot);
      }
      sendMessage(a.doc, ada.id, { text: `${round}: cut` });
      sendMessage(b.doc, bob.id, { text: `${round}: cut` });
      proxy.cut();
      await Promise.all([a.until(() => a.closed !== null || a.clean), b.until(() => b.closed !== null || b.clean)]);
      const refused = await world.open(ada, `room/${name.slice(5, 25)}/1`);
      expect(refused.ended ?? refused.closed?.reason).toBe('unavailable');
      refused.drop();
      proxy.mend();
      for (const peer of [a, b, inbox]) {
        await expect
          .poll(
            async () => {
              if (peer.clean && peer.closed === null) return true;
              await peer.connect();
              await peer.saved().catch(() => undefined);
              return peer.clean;
            },
            { timeout: 20_000 },
          )
          .toBe(true);
      }
    }
    await b.until(() => count(b.doc) === 21);
    const stored = readVolume(await world.stored(name)).messages;
    for (const slot of acknowledged) expect(stored.filter((message) => message.slot === slot)).toHaveLength(1);
    expect(canonical(a.doc, CONVERSATION_ROOTS)).toBe(canonical(b.doc, CONVERSATION_ROOTS));
    await expect
      .poll(
        async () => {
          if (inbox.closed !== null) await inbox.connect();
          return readInbox(inbox.doc).notifications.length;
        },
        { timeout: 20_000 },
      )
      .toBe(15);
  });
});
