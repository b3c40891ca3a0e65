import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { LONGEST_WAIT_MS } from '../../server/store/jobs.ts';
import { onEveryStore } from './engines.ts';

const MINUTE = 60_000;

describe('jobs', () => {
  onEveryStore((world) => {
    test('[DB18] waiting jobs of one kind and key are one, with the newest payload and the earliest time', async () => {
      const { jobs } = world.store;
      const kind = newId();
      const soon = Date.now() - MINUTE;
      await jobs.enqueue([
        { kind, key: 'a', payload: { n: 1 }, runAt: Date.now() + MINUTE },
        { kind, key: 'a', payload: { n: 2 }, runAt: soon },
        { kind, key: 'b', payload: null },
      ]);
      await jobs.enqueue([{ kind, key: 'a', payload: { n: 3 }, runAt: Date.now() + MINUTE }]);
      expect(await jobs.nextAt([kind])).toBe(soon);
      expect(await jobs.claim([kind], 10, MINUTE)).toEqual([
        { id: expect.any(Number) as number, kind, key: 'a', payload: { n: 3 }, attempts: 1 },
        { id: expect.any(Number) as number, kind, key: 'b', payload: null, attempts: 1 },
      ]);
      await jobs.enqueue([]);
    });

    test('[DB18] what comes while a job runs is a new one, and waits for it', async () => {
      const { jobs } = world.store;
      const kind = newId();
      await jobs.enqueue([{ kind, key: 'a', payload: 1 }]);
      const [first] = await jobs.claim([kind], 10, MINUTE);
      await jobs.enqueue([{ kind, key: 'a', payload: 2 }]);
      expect(await jobs.claim([kind], 10, MINUTE)).toEqual([]);
      await jobs.done(first!.id);
      expect(await jobs.claim([kind], 10, MINUTE)).toMatchObject([{ payload: 2, attempts: 1 }]);
    });

    test('[DB18] a job is enqueued with the transaction or not at all', async () => {
      const { jobs } = world.store;
      const kind = newId();
      await world.store
        .transaction(async (tx) => {
          await jobs.enqueue([{ kind, key: 'a', payload: 1 }], tx);
          throw new Error('undone');
        })
        .catch(() => undefined);
      expect(await jobs.nextAt([kind])).toBeNull();
    });

    test('[DB19] one that is not due yet is not claimed', async () => {
      const { jobs } = world.store;
      const kind = newId();
      const runAt = Date.now() + MINUTE;
      await jobs.enqueue([{ kind, key: 'a', payload: 1, runAt }]);
      expect(await jobs.claim([kind], 10, MINUTE)).toEqual([]);
      expect(await jobs.nextAt([kind])).toBe(runAt);
    });

    test('[DB42] what a clock put off that has been set back since is due, and its leases are over', async () => {
      const { jobs } = world.store;
      const kind = newId();
      await jobs.enqueue([
        { kind, key: 'a', payload: 1, runAt: Date.now() + LONGEST_WAIT_MS + MINUTE },
        { kind, key: 'b', payload: 2, runAt: Date.now() + LONGEST_WAIT_MS - MINUTE },
      ]);
      const [job, ...rest] = await jobs.claim([kind], 10, 365 * 24 * 60 * MINUTE);
      expect(job).toMatchObject({ key: 'a', attempts: 1 });
      expect(rest).toEqual([]);
      expect(await jobs.claim([kind], 10, MINUTE)).toEqual([{ ...job, attempts: 2 }]);
      expect(await jobs.claim([kind], 10, MINUTE)).toEqual([]);
    });

    // The embedded engine has one connection, and so one transaction at a time.
    if (world.engine === 'postgres') {
      test('[DB19] what is claimed by a transaction that began later is not claimed again', async () => {
        const { jobs } = world.store;
        const kind = newId();
        await jobs.enqueue([{ kind, key: 'a', payload: 1 }]);
        const [first, second] = await world.store.transaction(async (tx) => {
          expect(await jobs.claim([newId()], 1, MINUTE, tx)).toEqual([]);
          return [await jobs.claim([kind], 10, MINUTE), await jobs.claim([kind], 10, MINUTE, tx)];
        });
        expect([first?.map(({ key }) => key), second]).toEqual([['a'], []]);
      });
    }

    test('[DB19] many who claim at the same time share the jobs', async () => {
      const { jobs } = world.store;
      const kind = newId();
      await jobs.enqueue(Array.from({ length: 20 }, (_, i) => ({ kind, key: String(i), payload: i })));
      const claims = await Promise.all(Array.from({ length: 6 }, () => jobs.claim([kind], 5, MINUTE)));
      const keys = claims.flat().map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      expect([...keys, ...(await jobs.claim([kind], 20, MINUTE)).map(({ key }) => key)]).toHaveLength(20);
    });

    test('[DB19] a lease that ran out is taken again, before what waits behind it', async () => {
      const { jobs } = world.store;
      const kind = newId();
      await jobs.enqueue([{ kind, key: 'a', payload: 1 }]);
      const [dead] = await jobs.claim([kind], 10, 0);
      await jobs.enqueue([{ kind, key: 'a', payload: 2 }]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await jobs.claim([kind], 10, MINUTE)).toEqual([{ ...dead, attempts: 2 }]);
      expect(await jobs.claim([kind], 10, MINUTE)).toEqual([]);
    });

    test('[DB19] a retry comes later, with its attempts', async () => {
      const { jobs } = world.store;
      const kind = newId();
      await jobs.enqueue([{ kind, key: 'a', payload: { deep: [1] } }]);
      const [job] = await jobs.claim([kind], 10, MINUTE);
      const earliest = Date.now() + MINUTE - 1;
      await jobs.retry(job!.id, 'the mail server is away', MINUTE);
      expect(await jobs.claim([kind], 10, MINUTE)).toEqual([]);
      const at = await jobs.nextAt([kind]);
      expect(at).toBeGreaterThanOrEqual(earliest);
      expect(at).toBeLessThanOrEqual(Date.now() + MINUTE + 1_000);
      await jobs.enqueue([{ kind, key: 'a', payload: { deep: [2] }, runAt: Date.now() - 1 }]);
      expect(await jobs.claim([kind], 10, MINUTE)).toMatchObject([{ payload: { deep: [2] }, attempts: 2 }]);
    });

    test('[DB19] a retry leaves the place to a newer one that waits', async () => {
      const { jobs } = world.store;
      const kind = newId();
      await jobs.enqueue([{ kind, key: 'a', payload: 'old' }]);
      const [job] = await jobs.claim([kind], 10, MINUTE);
      await jobs.enqueue([{ kind, key: 'a', payload: 'new' }]);
      await jobs.retry(job!.id, 'failed', MINUTE);
      const [next, ...rest] = await jobs.claim([kind], 10, MINUTE);
      expect(next).toMatchObject({ payload: 'new', attempts: 2 });
      expect(rest).toEqual([]);
      await jobs.retry(123_456_789, 'unknown', 0);
    });
  });
});
