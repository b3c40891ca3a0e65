import { createHash } from 'node:crypto';
import { reached } from '../milestones.ts';
import { StoreRefused, type Pool } from './database.ts';
import * as spine from './migrations/0001-spine.ts';
import * as sessionList from './migrations/0002-session-list.ts';
import * as reworded from './migrations/0003-reworded.ts';
import * as roomMembers from './migrations/0004-room-members.ts';
import * as roomLife from './migrations/0005-room-life.ts';
import * as messageEdits from './migrations/0006-message-edits.ts';
import * as told from './migrations/0007-told.ts';
import * as push from './migrations/0008-push.ts';

/** In the order of their numbers, which begin at 1. Only ever appended to: one that has run somewhere never changes. */
const MIGRATIONS: readonly { name: string; sql: string }[] = [
  spine,
  sessionList,
  reworded,
  roomMembers,
  roomLife,
  messageEdits,
  told,
  push,
];

export const LATEST = MIGRATIONS.length;

/** Any number, the same in every TaskFlow: who else locks it waits. */
const LOCK = 7_453_112_806;

function checksum(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

/**
 * Brings the schema up to `upto`, all or nothing, and returns how many migrations ran. Idempotent; several processes
 * at once take turns. Throws `StoreRefused` when the schema is newer than this program, or when a migration that
 * has run is not the one this program knows.
 */
export async function migrate(pool: Pool, upto = LATEST): Promise<number> {
  return pool.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`;
    await sql`
      create table if not exists schema_migrations (
        number integer primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz(3) not null default now()
      )`;
    const applied = await sql<{ number: number; name: string; checksum: string }[]>`
      select number, name, checksum from schema_migrations order by number`;
    for (const { number, name, checksum: was } of applied) {
      const known = MIGRATIONS[number - 1];
      if (!known) {
        throw new StoreRefused(
          `The database was made by a newer TaskFlow (migration ${number}, ${name}); this one knows ${LATEST}.`,
        );
      }
      if (was !== checksum(known.sql)) {
        throw new StoreRefused(
          `Migration ${number} (${name}) ran in another form in this database than the one in this TaskFlow.`,
        );
      }
    }
    const pending = MIGRATIONS.slice(applied.length, upto);
    for (const [i, migration] of pending.entries()) {
      reached('migrate:begun');
      await sql.unsafe(migration.sql);
      reached('migrate:ran');
      await sql`
        insert into schema_migrations (number, name, checksum)
        values (${applied.length + i + 1}, ${migration.name}, ${checksum(migration.sql)})`;
      reached('migrate:recorded');
    }
    return pending.length;
  });
}
