import type postgres from 'postgres';
import { isoTime, rowset, type Database, type Tx } from './database.ts';

/**
 * The longest that a job may be put off. One that seems to wait longer was put off by a clock that has been set back
 * since, by whatever it was: it is due.
 */
export const LONGEST_WAIT_MS = 6 * 60_000;

/**
 * Of two who claim at the same time, the transaction of one began later: a lease that ends later than one's own would by no
 * more than this is another's who is alive.
 */
export const LEASES_APART_MS = 60_000;

export interface NewJob {
  kind: string;
  /** Two waiting jobs of one kind and key are one. */
  key: string;
  payload: postgres.JSONValue;
  /** At most `LONGEST_WAIT_MS` from now. Default: at once. */
  runAt?: number;
}

export interface Job {
  id: number;
  kind: string;
  key: string;
  payload: unknown;
  /** Counts this one. */
  attempts: number;
}

export function jobsOf(db: Database) {
  return {
    /**
     * Adds jobs. One that waits already takes the new payload and the earlier time. One that is running does not
     * count as waiting: what happens while it runs is a new job.
     */
    async enqueue(rows: readonly NewJob[], tx?: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        insert into jobs as j (kind, key, payload, run_at)
        select kind, key, payload, coalesce(run_at, now())
        from jsonb_to_recordset(${rowset(sql, merged(rows))})
          as r(kind text, key text, payload jsonb, run_at timestamptz)
        order by kind, key
        on conflict (kind, key) where leased_until is null
        do update set payload = excluded.payload, run_at = least(j.run_at, excluded.run_at)`;
    },

    /**
     * Takes up to `limit` jobs that are due, the longest due first, for `leaseMs`. A lease that ran out (its holder
     * died) is taken again, and so is one that would last longer than any. Two jobs of one kind and key never run at
     * the same time.
     */
    async claim(kinds: readonly string[], limit: number, leaseMs: number, tx?: Tx): Promise<Job[]> {
      const sql = db.sql(tx);
      const rows = await sql<(Job & { runAt: number })[]>`
        with due as (
          select j.id from jobs j
          where j.kind = any(${kinds}::text[])
            and (j.run_at <= now() or j.run_at > now() + ${LONGEST_WAIT_MS} * interval '1 millisecond')
            and (j.leased_until < now() or j.leased_until > now() + ${leaseMs + LEASES_APART_MS} * interval '1 millisecond'
              or (j.leased_until is null and not exists (
                select 1 from jobs r where r.kind = j.kind and r.key = j.key and r.leased_until is not null
              )))
          order by j.run_at, j.id limit ${limit} for update skip locked
        )
        update jobs j set attempts = j.attempts + 1, leased_until = now() + ${leaseMs} * interval '1 millisecond'
        from due where j.id = due.id
        returning j.id, j.kind, j.key, j.payload, j.attempts, j.run_at as "runAt"`;
      return [...rows]
        .sort((a, b) => a.runAt - b.runAt || a.id - b.id)
        .map(({ id, kind, key, payload, attempts }) => ({ id, kind, key, payload, attempts }));
    },

    async done(id: number, tx?: Tx): Promise<void> {
      await db.sql(tx)`delete from jobs where id = ${id}`;
    },

    /** Gives a job back for another attempt. Where a newer one of its kind and key waits, that one stands for both. */
    async retry(id: number, error: string, afterMs: number, tx?: Tx): Promise<void> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        const [job] = await sql<{ kind: string; key: string; payload: unknown; attempts: number }[]>`
          delete from jobs where id = ${id} returning kind, key, payload, attempts`;
        if (!job) return;
        await sql`
          insert into jobs as j (kind, key, payload, run_at, attempts, last_error)
          values (${job.kind}, ${job.key}, ${sql.json(job.payload as postgres.JSONValue)},
            now() + ${afterMs} * interval '1 millisecond', ${job.attempts}, ${error})
          on conflict (kind, key) where leased_until is null
          do update set attempts = excluded.attempts, last_error = excluded.last_error`;
      });
    },

    /** When the next one of these kinds is due, also one whose lease runs out then. Null when there is none. */
    async nextAt(kinds: readonly string[], tx?: Tx): Promise<number | null> {
      const [row] = await db.sql(tx)<{ at: number | null }[]>`
        select min(greatest(run_at, leased_until)) as at from jobs where kind = any(${kinds}::text[])`;
      return row?.at ?? null;
    },
  };
}

/** Ends every lease. For when it is known that nobody lives who could hold one. */
export async function endLeases(db: Database): Promise<void> {
  await db.pool`update jobs set leased_until = now() where leased_until is not null`;
}

/** A statement may not meet the same waiting job twice. */
function merged(rows: readonly NewJob[]) {
  const out = new Map<string, { kind: string; key: string; payload: postgres.JSONValue; run_at: string | null }>();
  for (const { kind, key, payload, runAt } of rows) {
    const id = JSON.stringify([kind, key]);
    const at = runAt === undefined ? null : isoTime(runAt);
    const before = out.get(id);
    // Null is now, and ISO times sort as text.
    const earlier = !before
      ? at
      : before.run_at === null || at === null
        ? null
        : before.run_at < at
          ? before.run_at
          : at;
    out.set(id, { kind, key, payload, run_at: earlier });
  }
  return [...out.values()];
}
