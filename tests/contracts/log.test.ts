import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { onEveryStore } from './engines.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('the log', () => {
  onEveryStore((world) => {
    const board = () => `board/${newId()}`;

    test('[DB1] a batch gets its ids in order, counted from 1 in each document', async () => {
      const { documents } = world.store;
      const [a, b] = [board(), board()];
      const rows = [a, b, a, a, b].map((name, i) => ({ name, data: bytes(i), author: null }));
      expect(await documents.append(rows)).toEqual([1, 1, 2, 3, 2]);
      expect(await documents.append([{ name: a, data: bytes(9), author: null }])).toEqual([4]);
      expect((await documents.load(a))?.updates).toEqual([
        { id: 1, data: bytes(0) },
        { id: 2, data: bytes(2) },
        { id: 3, data: bytes(3) },
        { id: 4, data: bytes(9) },
      ]);
    });

    test('[DB1] what was cut out of the one parameter is each update byte for byte', async () => {
      const { documents } = world.store;
      const name = board();
      const rows = [0, 1, 255, 256, 70_000].map((length, i) => ({
        name,
        data: Uint8Array.from({ length }, (_, n) => (n * 31 + i * 7) & 255),
        author: null,
      }));
      await documents.append(rows);
      expect((await documents.load(name))?.updates.map(({ data }) => data)).toEqual(rows.map(({ data }) => data));
      expect(await documents.append([])).toEqual([]);
    });

    test('[DB1] appends at the same time leave no gap and lose nothing', async () => {
      const { documents } = world.store;
      const names = [board(), board(), board()];
      const ids = await Promise.all(
        Array.from({ length: 40 }, (_, i) => {
          // Every order of the three, so that two batches would wait for each other were they not sorted.
          const order = [names[i % 3]!, names[(i + 1) % 3]!, names[(i + 2) % 3]!];
          return documents.append(order.map((name) => ({ name, data: bytes(i), author: null })));
        }),
      );
      expect(ids.flat()).toHaveLength(120);
      for (const name of names) {
        const updates = (await documents.load(name))?.updates ?? [];
        expect(updates.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
      }
    });

    test('[DB1] a higher id is never seen before a lower one', async () => {
      const { documents } = world.store;
      const name = board();
      let done = false;
      const writers = Array.from({ length: 6 }, async () => {
        for (let i = 0; i < 15; i++) {
          await world.store.transaction(async (tx) => {
            await documents.append([{ name, data: bytes(i), author: null }], tx);
          });
        }
      });
      const reader = (async () => {
        while (!done) {
          const seen = (await documents.load(name))?.updates.map(({ id }) => id) ?? [];
          expect(seen).toEqual(seen.map((_, i) => i + 1));
        }
      })();
      await Promise.all(writers);
      done = true;
      await reader;
    });

    test('[DB20] an append that is undone leaves nothing, not even a number', async () => {
      const { documents } = world.store;
      const name = board();
      const attempt = world.store.transaction(async (tx) => {
        await documents.append([{ name, data: bytes(1), author: null }], tx);
        throw new Error('changed my mind');
      });
      await expect(attempt).rejects.toThrow('changed my mind');
      expect(await documents.load(name)).toBeNull();
      expect(await documents.append([{ name, data: bytes(2), author: null }])).toEqual([1]);
    });

    test('[DB2] a document nobody wrote to is null', async () => {
      expect(await world.store.documents.load(board())).toBeNull();
    });

    test('[DB3] a snapshot takes the place of what it covers, and of nothing else', async () => {
      const { documents } = world.store;
      const name = board();
      await documents.append([1, 2, 3].map((n) => ({ name, data: bytes(n), author: null })));
      expect(await documents.compact(name, bytes(42), 2)).toBe(true);
      expect(await documents.load(name)).toEqual({
        epoch: 1,
        snapshot: bytes(42),
        snapshotUpto: 2,
        updates: [{ id: 3, data: bytes(3) }],
      });
    });

    test('[DB3] a snapshot that comes too late, or claims too much, changes nothing', async () => {
      const { documents } = world.store;
      const name = board();
      await documents.append([1, 2, 3].map((n) => ({ name, data: bytes(n), author: null })));
      expect(await documents.compact(name, bytes(42), 3)).toBe(true);
      expect(await documents.compact(name, bytes(7), 2)).toBe(false);
      expect(await documents.compact(name, bytes(7), 4)).toBe(false);
      expect(await documents.compact(board(), bytes(7), 0)).toBe(false);
      expect(await documents.load(name)).toMatchObject({ snapshot: bytes(42), snapshotUpto: 3, updates: [] });
    });

    test('[DB3] appends during compactions are all there in the end', async () => {
      const { documents } = world.store;
      const name = board();
      const WRITERS = 4;
      const EACH = 25;
      const seen = new Set<string>();
      let writing = true;
      const writers = Array.from({ length: WRITERS }, async (_, w) => {
        for (let i = 0; i < EACH; i++) await documents.append([{ name, data: bytes(w, i), author: null }]);
      });
      // The snapshot of this test is the list of all updates that it covers, two bytes each.
      const compactor = (async () => {
        while (writing) {
          const stored = await documents.load(name);
          const last = stored?.updates.at(-1);
          if (!stored || !last) continue;
          const parts = [stored.snapshot ?? bytes(), ...stored.updates.map(({ data }) => data)];
          expect(await documents.compact(name, Uint8Array.from(parts.flatMap((part) => [...part])), last.id)).toBe(
            true,
          );
        }
      })();
      await Promise.all(writers);
      writing = false;
      await compactor;
      const stored = await documents.load(name);
      const all = [...(stored?.snapshot ?? []), ...(stored?.updates.flatMap(({ data }) => [...data]) ?? [])];
      for (let i = 0; i < all.length; i += 2) seen.add(`${all[i]}/${all[i + 1]}`);
      expect(all).toHaveLength(WRITERS * EACH * 2);
      expect(seen.size).toBe(WRITERS * EACH);
    });

    test('[DB4] an update that is set aside is out of the document, and the others stay', async () => {
      const { documents } = world.store;
      const name = board();
      await documents.append([1, 2, 3].map((n) => ({ name, data: bytes(n), author: null })));
      await documents.setAside(name, 2, 'cannot be decoded');
      await documents.setAside(name, 2, 'once more');
      expect((await documents.load(name))?.updates.map(({ id }) => id)).toEqual([1, 3]);
      expect(await documents.append([{ name, data: bytes(4), author: null }])).toEqual([4]);
    });

    test('[DB5] heads count on, whatever a snapshot has taken in', async () => {
      const { documents } = world.store;
      const [a, b] = [board(), board()];
      await documents.append([a, a, b].map((name) => ({ name, data: bytes(1), author: null })));
      await documents.compact(a, bytes(1), 2);
      expect(await documents.heads([a, b, board()])).toEqual(
        new Map([
          [a, 2],
          [b, 1],
        ]),
      );
      expect(await documents.heads([])).toEqual(new Map());
    });

    test('[DB5] the backlog names the longest first, and none below the least', async () => {
      const { documents } = world.store;
      const [long, short] = [board(), board()];
      await documents.append(Array.from({ length: 300 }, () => ({ name: long, data: bytes(1), author: null })));
      await documents.append(Array.from({ length: 290 }, () => ({ name: short, data: bytes(1), author: null })));
      expect(await documents.backlog(290, 5)).toEqual([
        { name: long, rows: 300 },
        { name: short, rows: 290 },
      ]);
      expect(await documents.backlog(290, 1)).toEqual([{ name: long, rows: 300 }]);
      await documents.compact(long, bytes(1), 299);
      expect(await documents.backlog(290, 5)).toEqual([{ name: short, rows: 290 }]);
      await documents.remove([short]);
      expect(await documents.backlog(290, 5)).toEqual([]);
    });

    test('a removed document is gone with all of it', async () => {
      const { documents } = world.store;
      const [gone, stays] = [board(), board()];
      await documents.append([gone, gone, stays].map((name) => ({ name, data: bytes(1), author: null })));
      await documents.setAside(gone, 2, 'bad');
      await documents.remove([gone]);
      expect(await documents.load(gone)).toBeNull();
      expect(await documents.load(stays)).not.toBeNull();
    });
  });
});
