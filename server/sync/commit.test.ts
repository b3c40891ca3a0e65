import { describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../store/store.ts';
import { GroupCommit, type Waiting } from './commit.ts';
import { Unavailable } from './outcome.ts';

type Item = Waiting & { id: number };
const item = (id: number, more: Partial<Item> = {}): Item => ({
  id,
  name: `doc ${id}`,
  bytes: 1,
  alone: false,
  ...more,
});

/** A group commit over a log that is an array, with what happened to whom. */
function setUp(fail: (batch: readonly Item[], attempt: number) => unknown = () => null) {
  const batches: number[][] = [];
  const applied: number[] = [];
  const abandoned: number[] = [];
  const refused: { id: number; followers: number[] }[] = [];
  let attempts = 0;
  const commit = new GroupCommit<Item, null>({
    store: async (batch) => {
      await Promise.resolve();
      const error = fail(batch, ++attempts);
      if (error !== null) throw error as Error;
      batches.push(batch.map(({ id }) => id));
      return null;
    },
    apply: (batch) => applied.push(...batch.map(({ id }) => id)),
    abandon: (batch) => abandoned.push(...batch.map(({ id }) => id)),
    refuse: ({ id }, _error, followers) => refused.push({ id, followers: followers.map((one) => one.id) }),
  });
  return { commit, batches, applied, abandoned, refused };
}

const settle = (promises: Promise<void>[]) =>
  Promise.allSettled(promises).then((all) => all.map(({ status }) => status));

describe('group commit', () => {
  test('[S2] what arrives while one is stored goes into the next, in order', async () => {
    const { commit, batches, applied } = setUp();
    const first = commit.submit(item(1));
    const rest = Promise.all([commit.submit(item(2)), commit.submit(item(3))]);
    await first;
    const later = commit.submit(item(4));
    await Promise.all([rest, later]);
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(applied).toEqual([1, 2, 3, 4]);
    expect(commit.commits).toBe(2);
    await commit.drain();
    expect(commit.waiting).toBe(0);
  });

  test('[S9] what may fail for its own reason gets a transaction of its own, and its order', async () => {
    const { commit, batches } = setUp();
    await Promise.all([item(1), item(2, { alone: true }), item(3), item(4)].map((one) => commit.submit(one)));
    expect(batches).toEqual([[1], [2], [3, 4]]);
  });

  test('[S9] its failure concerns nobody else, not even its own document', async () => {
    const { commit, applied, refused } = setUp((batch) => (batch.some(({ id }) => id === 2) ? new Error('no') : null));
    const all = [item(1), item(2, { alone: true, name: 'same' }), item(3, { name: 'same' })];
    expect(await settle(all.map((one) => commit.submit(one)))).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(applied).toEqual([1, 3]);
    expect(refused).toEqual([{ id: 2, followers: [] }]);
  });

  test('[S3] one that cannot be stored takes only what follows it in its document with it', async () => {
    const { commit, applied, refused, abandoned } = setUp((batch) =>
      batch.some(({ id }) => id === 2) ? new Error('constraint') : null,
    );
    const all = [1, 2, 3, 4].map((id) => item(id, id % 2 === 0 ? { name: 'even' } : {}));
    expect(await settle(all.map((one) => commit.submit(one)))).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(applied).toEqual([1, 3]);
    expect(refused).toEqual([{ id: 2, followers: [4] }]);
    expect(abandoned).toEqual([]);
  });

  test('[S4] with the database away, everything that waits is given up, and what comes later works', async () => {
    const { commit, applied, abandoned } = setUp((_batch, attempt) =>
      attempt === 1 ? new StoreUnavailable('CONNECTION_CLOSED', undefined) : null,
    );
    const lost = [item(1), item(2, { alone: true }), item(3)].map((one) => commit.submit(one));
    await expect(lost[0]).rejects.toBeInstanceOf(Unavailable);
    expect(await settle(lost)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(abandoned).toEqual([1, 2, 3]);
    await commit.submit(item(4));
    expect(applied).toEqual([4]);
  });

  test('[S4] what a database says it did not store is given up, and no document is taken out of memory for it', async () => {
    const { commit, applied, abandoned } = setUp((_batch, attempt) =>
      attempt === 1 ? new StoreUnavailable('53100', undefined) : null,
    );
    const lost = [item(1), item(2, { alone: true })].map((one) => commit.submit(one));
    expect(await settle(lost)).toEqual(['rejected', 'rejected']);
    await expect(lost[0]).rejects.toBeInstanceOf(Unavailable);
    expect(abandoned).toEqual([]);
    await commit.submit(item(3));
    expect(applied).toEqual([3]);
  });

  test('[S2] a transaction that lost against another runs again', async () => {
    const { commit, applied } = setUp((_batch, attempt) =>
      attempt < 3 ? new StoreUnavailable('40001', undefined) : null,
    );
    await commit.submit(item(1));
    expect(applied).toEqual([1]);
  });

  test('[S4] more than memory should hold is turned away', async () => {
    const { commit, applied } = setUp();
    const huge = [item(1, { bytes: 60_000_000 }), item(2, { bytes: 60_000_000 })].map((one) => commit.submit(one));
    expect(await settle(huge)).toEqual(['fulfilled', 'rejected']);
    expect(applied).toEqual([1]);
  });
});
