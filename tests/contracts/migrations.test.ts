import { describe, expect, test } from 'vitest';
import type { Pool } from '../../server/store/database.ts';
import { openPostgres } from '../../server/store/engine.ts';
import { LATEST, migrate } from '../../server/store/migrate.ts';
import { openEmbedded } from '../../server/store/embedded/embedded.ts';
import { StoreRefused } from '../../server/store/store.ts';
import { onBothEngines, silent, type World } from './engines.ts';

/** The engine under the store, with its schema emptied. */
async function bare(world: World, run: (pool: Pool) => Promise<void>): Promise<void> {
  await world.store.close();
  const engine = world.databaseUrl
    ? await openPostgres(world.databaseUrl, silent)
    : await openEmbedded(world.dataDir, silent);
  try {
    await engine.pool`drop schema public cascade`;
    await engine.pool`create schema public`;
    await run(engine.pool);
  } finally {
    await engine.pool`drop schema public cascade`;
    await engine.pool`create schema public`;
    await engine.close();
  }
}

describe('migrations', () => {
  onBothEngines((world) => {
    test('[DB22] run from every version to the latest, once', async () => {
      await bare(world, async (pool) => {
        for (let from = 0; from <= LATEST; from++) {
          await pool`drop schema public cascade`;
          await pool`create schema public`;
          expect(await migrate(pool, from)).toBe(from);
          expect(await migrate(pool)).toBe(LATEST - from);
          expect(await migrate(pool)).toBe(0);
        }
        const rows = await pool<{ number: number }[]>`select number from schema_migrations order by number`;
        expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: LATEST }, (_, i) => i + 1));
      });
    });

    test('[DB22] several at the same time take turns', async () => {
      await bare(world, async (pool) => {
        const runs = await Promise.all([migrate(pool), migrate(pool), migrate(pool)]);
        expect(runs.sort()).toEqual([0, 0, LATEST]);
      });
    });

    test('[DB22] a migration that ran in another form is refused, and nothing is changed', async () => {
      await bare(world, async (pool) => {
        await migrate(pool);
        await pool`update schema_migrations set checksum = 'other' where number = 1`;
        await expect(migrate(pool)).rejects.toThrow(StoreRefused);
        await expect(migrate(pool)).rejects.toThrow(/^Migration 1 \(spine\) ran in another form/);
      });
    });

    test('[DB22] a schema of a newer program is refused', async () => {
      await bare(world, async (pool) => {
        await migrate(pool);
        await pool`
          insert into schema_migrations (number, name, checksum) values (${LATEST + 1}, 'from the future', 'x')`;
        await expect(migrate(pool)).rejects.toThrow(/made by a newer TaskFlow .*from the future/);
      });
    });

    test('[DB22] one that fails leaves nothing behind', async () => {
      await bare(world, async (pool) => {
        await pool`create table users (id text)`;
        await expect(migrate(pool)).rejects.toThrow(/already exists/);
        const [row] = await pool<{ tables: number }[]>`
          select count(*) as tables from pg_tables where schemaname = 'public'`;
        expect(row?.tables).toBe(1);
      });
    });
  });
});
