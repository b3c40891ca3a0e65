import type { UserId } from '../../src/lib/model/ids.ts';
import { isoTime, rowset, type Database, type Tx } from './database.ts';

export function groupCallsOf(db: Database) {
  return {
    /** How many groups each of these people called after one moment and not after another. */
    async between(users: readonly UserId[], after: number, until: number, tx?: Tx): Promise<Map<UserId, number>> {
      if (users.length === 0) return new Map();
      const sql = db.sql(tx);
      const rows = await sql<{ user: UserId; calls: number }[]>`
        select user_id as user, count(*) as calls from group_calls
        where user_id = any(${users}::text[]) and at > ${isoTime(after)} and at <= ${isoTime(until)}
        group by user_id`;
      return new Map(rows.map(({ user, calls }) => [user, Number(calls)]));
    },

    /** Notes that groups were called, and forgets what these people called before `forget`. */
    async add(calls: readonly { user: UserId; at: number }[], forget: number, tx?: Tx): Promise<void> {
      if (calls.length === 0) return;
      await db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        const timed = calls.map(({ user, at }) => ({ user, at: isoTime(at) }));
        await sql`
          delete from group_calls where user_id = any(${calls.map(({ user }) => user)}::text[]) and at <= ${isoTime(forget)}`;
        await sql`
          insert into group_calls (user_id, at)
          select r.user, r.at from jsonb_to_recordset(${rowset(sql, timed)}) as r("user" text, at timestamptz)`;
      });
    },
  };
}
