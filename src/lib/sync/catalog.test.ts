import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
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
    await one.setAside(null, 'board/a', 'l1');
    expect((await one.pending()).map((row) => row.id)).toEqual(['x:3']);
    expect(await one.documents()).toMatchObject([{ name: 'board/a', lineage: 'l1', onDevice: false }]);
    await one.close();
  });

  test('[L9] two tabs that keep the same words keep them once', async () => {
    const one = catalog();
    const row = { name: 'room/a/1', reason: 'quota', text: ['poison'], update: new Uint8Array(2) };
    await one.setAside({ ...row, id: '1', at: 1_000 }, row.name, 'l1');
    await one.setAside({ ...row, id: '2', at: 1_500 }, row.name, 'l2');
    await one.setAside({ ...row, id: '3', at: 1_600, text: ['other'] }, row.name, 'l2');
    expect((await one.asides()).map(({ id }) => id)).toEqual(['1', '3']);
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
