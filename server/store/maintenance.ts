import type { Database } from './database.ts';
import type { EngineKind } from './engine.ts';

export function maintenanceOf(db: Database, engine: EngineKind) {
  return {
    /**
     * Gives dead rows back and renews the planner's statistics. The embedded database has no autovacuum, so this is to
     * be called by schedule; a real Postgres does it by itself, and nothing happens. Table by table, because the
     * embedded database does one thing at a time.
     */
    async vacuum(): Promise<void> {
      if (engine === 'postgres') return;
      const tables = await db.pool<{ name: string }[]>`
        select relname as name from pg_stat_user_tables where schemaname = current_schema() order by relname`;
      for (const { name } of tables) await db.pool`vacuum (analyze) ${db.pool(name)}`;
    },
  };
}
