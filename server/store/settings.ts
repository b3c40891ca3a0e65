import type postgres from 'postgres';
import type { Database, Tx } from './database.ts';

export type SettingValue = postgres.JSONValue;

/** The row that says whether the first account may still be made, and by which token. */
const SETUP = 'setup';

export function settingsOf(db: Database) {
  return {
    /** Null when it was never set. */
    async get(key: string, tx?: Tx): Promise<unknown> {
      const [row] = await db.sql(tx)<{ value: unknown }[]>`select value from settings where key = ${key}`;
      return row?.value ?? null;
    },

    async set(key: string, value: SettingValue, tx?: Tx): Promise<void> {
      const sql = db.sql(tx);
      await sql`
        insert into settings (key, value) values (${key}, ${sql.json(value)})
        on conflict (key) do update set value = excluded.value`;
    },

    /** Offers a set-up token in place of the one before. False when the instance has been set up. */
    async offerSetup(tokenHash: string, tx?: Tx): Promise<boolean> {
      const sql = db.sql(tx);
      const { count } = await sql`
        insert into settings as s (key, value) values (${SETUP}, ${sql.json({ offered: tokenHash })})
        on conflict (key) do update set value = excluded.value where s.value ? 'offered'`;
      return count === 1;
    },

    /** Whether this is the set-up token offered last, and nobody has used it. */
    async isOffered(tokenHash: string, tx?: Tx): Promise<boolean> {
      const { count } = await db.sql(tx)`
        select from settings where key = ${SETUP} and value ->> 'offered' = ${tokenHash}`;
      return count === 1;
    },

    /** True once, for the token offered last. Make the first account in the same transaction. */
    async claimSetup(tokenHash: string, tx?: Tx): Promise<boolean> {
      const sql = db.sql(tx);
      const { count } = await sql`
        update settings set value = ${sql.json({ claimed: true })}
        where key = ${SETUP} and value ->> 'offered' = ${tokenHash}`;
      return count === 1;
    },
  };
}
