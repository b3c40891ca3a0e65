import 'fake-indexeddb/auto';
import { describe, expect, test, vi } from 'vitest';
import { newId } from '../model/ids.ts';
import { Catalog, documentDatabase, wipeDatabases, type PendingRow } from './catalog.ts';
import { openDatabase } from './idb.ts';

const catalog = (user = newId()): Catalog => new Catalog(user, { failed: () => undefined });
const pending = (name: string, id: string): PendingRow => ({
  name,
  id,
  client: 1,
  clock: 1,
  inserts: true,
  counts: true,
});

describe('catalog', () => {
  test('[L5] waiting changes are listed until removed, and those of a document go with it', async () => {
    const one = catalog();
    for (const row of [pending('board/a', 'x:1'), pending('board/a', 'x:2'), pending('board/ab', 'x:3')]) {
      expect(await one.addPending(row)).toBe(true);
    }
    await one.removePending([{ name: 'board/a', id: 'x:1' }]);
    expect((await one.pending()).map((row) => row.id)).toEqual(['x:2', 'x:3']);
    await one.setAside(null, 'board/a', 'l1', ['x:2']);
    expect((await one.pending()).map((row) => row.id)).toEqual(['x:3']);
    expect(await one.documents()).toMatchObject([{ name: 'board/a', lineage: 'l1', onDevice: false }]);
    await one.close();
  });

  test('[L9] two tabs that keep the same words keep them once', async () => {
    const one = catalog();
    const row = { name: 'room/a/1', reason: 'quota', text: ['poison'], update: new Uint8Array(2) };
    await one.setAside({ ...row, id: '1', at: 1_000 }, row.name, 'l1', []);
    await one.setAside({ ...row, id: '2', at: 1_500 }, row.name, 'l2', []);
    await one.setAside({ ...row, id: '3', at: 1_600, text: ['other'] }, row.name, 'l2', []);
    expect((await one.asides()).map(({ id }) => id)).toEqual(['1', '3']);
    await one.close();
  });

  test('[L9] of two tabs that begin anew the later copy stands, with what waits in it', async () => {
    const one = catalog();
    await one.addPending(pending('room/a/1', 'x:1'));
    await one.note('room/a/1', { lineage: 'l2', onDevice: true });
    await one.addPending(pending('room/a/1', 'y:1'));
    await one.setAside(null, 'room/a/1', 'l1', ['x:1']);
    expect(await one.documents()).toMatchObject([{ lineage: 'l2', onDevice: true }]);
    expect((await one.pending()).map(({ id }) => id)).toEqual(['y:1']);
    await one.setAside(null, 'room/a/1', 'l2', []);
    expect(await one.documents()).toMatchObject([{ lineage: 'l2', onDevice: true }]);
    await one.close();
  });

  test('[L8] a chore is leased to one tab at a time, and comes free', async () => {
    const one = catalog();
    expect(await one.lease('freshen', 'a', 50)).toBe(true);
    expect(await one.lease('freshen', 'b', 50)).toBe(false);
    expect(await one.lease('freshen', 'a', 50)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await one.lease('freshen', 'b', 50)).toBe(true);
    await one.release('freshen', 'a');
    expect(await one.lease('freshen', 'a', 50)).toBe(false);
    await one.release('freshen', 'b');
    expect(await one.lease('freshen', 'a', 50)).toBe(true);
    await one.close();
  });

  test('[L4] what it could not write is written when storage is back', async () => {
    const told: string[] = [];
    const one = new Catalog(newId(), {
      failed: (reason) => told.push(reason),
      recovered: () => told.push('recovered'),
    });
    await one.note('board/a', { rev: 1 });
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    expect(await one.note('board/a', { rev: 2 })).toBe(false);
    expect(await one.note('board/b', { onDevice: true })).toBe(false);
    expect(await one.addPending(pending('board/a', 'x:1'))).toBe(false);
    expect(one.failure).toBe('quota');
    put.mockRestore();
    await one.retry();
    expect(told).toEqual(['quota', 'recovered']);
    expect(await one.documents()).toMatchObject([
      { name: 'board/a', rev: 2 },
      { name: 'board/b', onDevice: true },
    ]);
    await one.close();
  });

  test('[L4] what throws in the middle of writing leaves nothing of it behind', async () => {
    const one = catalog();
    const { put } = IDBObjectStore.prototype;
    let puts = 0;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, row: unknown) {
      puts += 1;
      if (puts === 2) throw new DOMException('odd', 'UnknownError');
      return put.call(this, row);
    });
    const row = { id: '1', at: 1, name: 'room/a/1', reason: 'quota', text: ['kept'], update: new Uint8Array(2) };
    expect(await one.setAside(row, row.name, 'l1', [])).toBe(false);
    vi.restoreAllMocks();
    await one.retry();
    expect(await one.asides()).toEqual([]);
    expect(await one.setAside(row, row.name, 'l1', [])).toBe(true);
    expect(await one.asides()).toHaveLength(1);
    await one.close();
  });

  test('[L11] wiping says what a frozen tab holds back', async () => {
    const user = newId();
    const held = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(documentDatabase(user, 'board/a', ''), 1);
      request.onsuccess = () => resolve(request.result);
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const wiping = wipeDatabases(user, []);
    await vi.advanceTimersByTimeAsync(5_000);
    vi.useRealTimers();
    expect(await wiping).toBe(false);
    held.close();
    expect(await wipeDatabases(user, [])).toBe(true);
  });

  test('[L11] wiping leaves nothing of this person, and everything of others', async () => {
    const [user, other] = [newId(), newId()];
    const names = [documentDatabase(user, 'board/a', ''), documentDatabase(user, 'board/b', 'l1')];
    for (const name of [...names, documentDatabase(other, 'board/a', '')]) {
      (
        await openDatabase(
          name,
          () => undefined,
          () => undefined,
        )
      ).close();
    }
    const mine = catalog(user);
    await mine.note('board/a', { onDevice: true });
    await mine.close();
    await wipeDatabases(user, [names[0]!]);
    const left = (await indexedDB.databases()).map((database) => database.name ?? '');
    expect(left.filter((name) => name.includes(user))).toEqual([]);
    expect(left.filter((name) => name.includes(other))).toHaveLength(1);
  });
});
