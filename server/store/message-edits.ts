import { EDITS_KEPT } from '../../src/lib/model/limits.ts';
import { isoTime, rowset, type Database, type Tx } from './database.ts';
import type { MessageSlot } from './messages.ts';

/** What a message said until it was edited. */
export interface Wording {
  text: string;
  until: number;
}

export type NewWording = MessageSlot & Wording;

export function messageEditsOf(db: Database) {
  return {
    /** Adds earlier wordings, in this order. The messages must have their places. The newest of each message are kept. */
    async add(rows: readonly NewWording[], tx: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      const timed = rows.map((row, nth) => ({ ...row, nth, until: isoTime(row.until) }));
      await sql`
        insert into message_edits (ref, author, mid, text, until)
        select ref, author, mid, text, until from jsonb_to_recordset(${rowset(sql, timed)})
          as r(ref text, author text, mid text, text text, until timestamptz, nth integer)
        order by nth`;
      await sql`
        delete from message_edits where id in (
          select id from (
            select e.id, row_number() over (partition by e.ref, e.author, e.mid order by e.id desc) as age
            from message_edits e
            where (e.ref, e.author, e.mid) in (
              select ref, author, mid
              from jsonb_to_recordset(${rowset(sql, rows)}) as r(ref text, author text, mid text)
            )
          ) kept where age > ${EDITS_KEPT}
        )`;
    },

    /** The earlier wordings of a message, the oldest first. */
    async of({ ref, author, mid }: MessageSlot, tx?: Tx): Promise<Wording[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Wording[]>`
          select text, until from message_edits
          where ref = ${ref} and author = ${author} and mid = ${mid} order by id`),
      ];
    },

    /** Forgets what these messages ever said. Idempotent. */
    async forget(slots: readonly MessageSlot[], tx?: Tx): Promise<void> {
      if (slots.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        delete from message_edits where (ref, author, mid) in (
          select ref, author, mid
          from jsonb_to_recordset(${rowset(sql, slots)}) as r(ref text, author text, mid text)
        )`;
    },
  };
}
