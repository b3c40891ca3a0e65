import { describe, expect, test } from 'vitest';
import postgres from 'postgres';
import { newId } from '../../src/lib/model/ids.ts';
import { openStore, StoreRefused, StoreUnavailable } from '../../server/store/store.ts';
import { onBothEngines, onEveryStore, silent } from './engines.ts';

const update = (name: string, value = 1) => ({ name, data: Uint8Array.of(value), author: null });

describe('transactions', () => {
  onEveryStore((world) => {
    test('[DB20] a transaction gives back what its function gives', async () => {
      expect(await world.store.transaction((tx) => world.store.users.count(tx))).toBe(await world.store.users.count());
      expect(await world.store.transaction(() => Promise.resolve([1, 2]))).toEqual([1, 2]);
      await world.store.ping();
    });

    test('[DB20] others do not see what is not committed', async () => {
      const name = `board/${newId()}`;
      let seen: unknown = 'nothing read';
      let wrote: () => void;
      const written = new Promise<void>((resolve) => (wrote = resolve));
      const reader = written.then(async () => {
        seen = await world.store.documents.load(name);
      });
      await world.store
        .transaction(async (tx) => {
          await world.store.documents.append([update(name)], tx);
          wrote();
          throw new Error('undone');
        })
        .catch(() => undefined);
      await reader;
      expect(seen).toBeNull();
    });

    test('[DB20] nothing runs in a transaction that is over', async () => {
      const name = `board/${newId()}`;
      let late: Promise<unknown> = Promise.resolve();
      await world.store.transaction((tx) => {
        late = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
          world.store.documents.append([update(name)], tx),
        );
        return Promise.resolve();
      });
      await expect(late).rejects.toBeInstanceOf(StoreUnavailable);
      expect(await world.store.documents.load(name)).toBeNull();
    });
  });

  onBothEngines((world) => {
    const real = world.engine === 'postgres';

    test('[DB20] what fails inside is undone outside, and its reason is what the caller gets', async () => {
      const name = `board/${newId()}`;
      const duplicate = world.store.transaction(async (tx) => {
        await world.store.documents.append([update(name)], tx);
        const session = { idHash: newId(), userId: 'nobody', expiresAt: Date.now() };
        await world.store.sessions.insert(session, tx);
      });
      await expect(duplicate).rejects.toThrow(/foreign key/);
      expect(await world.store.documents.load(name)).toBeNull();
    });

    test('[DB21] NUL and half a character do not fail a batch', async () => {
      const { users, boards, jobs, conversations } = world.store;
      const odd = 'a\0b\ud800c';
      const kept = 'a\ufffdb\ufffdc';
      const owner = await world.person();
      await users.rename(owner.id, odd);
      expect((await users.byId(owner.id))?.name).toBe(kept);
      const id = newId();
      await boards.create({ id, title: odd, owner: owner.id });
      expect((await boards.get(id))?.title).toBe(kept);
      const kind = newId();
      await jobs.enqueue([{ kind, key: odd, payload: { [odd]: odd } }]);
      expect(await jobs.claim([kind], 1, 1)).toMatchObject([{ key: kept, payload: { [kept]: kept } }]);
      expect(await conversations.get(`room/${odd}`)).toBeNull();
      expect(await world.store.documents.heads([odd, '"', '\\', '{', ',', 'null', ''])).toEqual(new Map());
      await world.store.settings.set('odd', odd);
      expect(await world.store.settings.get('odd')).toBe(kept);
    });

    test('vacuuming changes nothing that is seen', async () => {
      const name = `board/${newId()}`;
      await world.store.documents.append([update(name)]);
      await world.store.maintenance.vacuum();
      expect((await world.store.documents.load(name))?.updates).toHaveLength(1);
    });

    // Connections that can be lost or refused: the embedded engine has none.
    if (real) {
      test('a store that is closed says so, and closing again does no harm', async () => {
        const other = await openStore({ databaseUrl: world.databaseUrl, dataDir: world.dataDir, log: silent });
        await other.close();
        await other.close();
        await expect(other.ping()).rejects.toBeInstanceOf(StoreUnavailable);
      });

      test('[DB20] a lost connection ends its transaction with StoreUnavailable, and nothing else', async () => {
        if (!world.databaseUrl) throw new Error('unreachable');
        const database = new URL(world.databaseUrl).pathname.slice(1);
        const admin = postgres(world.databaseUrl, { max: 1 });
        const acknowledged = new Map<string, number[]>();
        const reasons = new Set<string>();
        let stop = false;
        const writers = Array.from({ length: 8 }, async (_, w) => {
          const name = `board/${newId()}`;
          const mine: number[] = [];
          acknowledged.set(name, mine);
          for (let n = 0; !stop; n++) {
            try {
              const ids = await world.store.transaction(async (tx) => {
                const ids = await world.store.documents.append([update(name, n)], tx);
                // Sometimes the connection goes between two queries, sometimes within one.
                if (n % 2) await new Promise((resolve) => setTimeout(resolve, w % 5));
                await world.store.users.count(tx);
                return ids;
              });
              mine.push(...ids);
            } catch (error) {
              if (!(error instanceof StoreUnavailable)) throw error;
              reasons.add(error.code);
            }
          }
        });
        for (let round = 0; round < 12; round++) {
          await new Promise((resolve) => setTimeout(resolve, 40));
          await admin`
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = ${database} and pid <> pg_backend_pid()`;
        }
        stop = true;
        await Promise.all(writers);
        await admin.end();
        expect(reasons.size).toBeGreaterThan(0);
        for (const [name, ids] of acknowledged) {
          const there = (await world.store.documents.load(name))?.updates.map(({ id }) => id) ?? [];
          expect(there).toEqual(there.map((_, i) => i + 1));
          expect(there).toEqual(expect.arrayContaining(ids));
        }
      });

      test('a database that is not there is refused in one sentence, without its password', async () => {
        if (!world.databaseUrl) throw new Error('unreachable');
        const url = new URL(world.databaseUrl);
        url.pathname = '/not_there';
        url.password = 'secret';
        const refused = await openStore({ databaseUrl: url.href, dataDir: '', log: silent }).catch((e: unknown) => e);
        expect(refused).toBeInstanceOf(StoreRefused);
        expect((refused as Error).message).toContain('/not_there cannot be used');
        expect((refused as Error).message).not.toContain('secret');
      });
    }
  });

  test('[DB20] a database that nobody answers for is unavailable', async () => {
    const away = openStore({ databaseUrl: 'postgres://u:secret@127.0.0.1:1/x', dataDir: '', log: silent });
    await expect(away).rejects.toBeInstanceOf(StoreUnavailable);
  });
});
