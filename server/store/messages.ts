import type { MessageId, UserId } from '../../src/lib/model/ids.ts';
import type { ConversationRef } from '../../src/lib/model/names.ts';
import { isoTime, rowset, type Database, type Tx } from './database.ts';

/** The slot of a message in its conversation. */
export interface MessageSlot {
  ref: ConversationRef;
  author: UserId;
  mid: MessageId;
}

/** The place that a message was given: its text is in the document only. */
export interface MessageRow extends MessageSlot {
  seq: number;
  volume: number;
  at: number;
}

export function messagesOf(db: Database) {
  return {
    /** Those of `slots` that have a place. */
    async existing(slots: readonly MessageSlot[], tx?: Tx): Promise<MessageRow[]> {
      if (slots.length === 0) return [];
      const sql = db.sql(tx);
      return [
        ...(await sql<MessageRow[]>`
          select m.ref, m.author, m.mid, m.seq, m.volume, m.at from messages m
          where (m.ref, m.author, m.mid) in (
            select ref, author, mid
            from jsonb_to_recordset(${rowset(sql, slots)}) as r(ref text, author text, mid text)
          )`),
      ];
    },

    /** Gives messages their places. A slot or a seq that is taken is a broken invariant: it throws. */
    async insert(rows: readonly MessageRow[], tx: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      const timed = rows.map((row) => ({ ...row, at: isoTime(row.at) }));
      await sql`
        insert into messages (ref, seq, author, mid, volume, at)
        select ref, seq, author, mid, volume, at from jsonb_to_recordset(${rowset(sql, timed)})
          as r(ref text, seq bigint, author text, mid text, volume integer, at timestamptz)`;
    },

    /** Who has written in a conversation. */
    async authors(ref: ConversationRef, tx?: Tx): Promise<UserId[]> {
      const rows = await db.sql(tx)<{ author: UserId }[]>`select distinct author from messages where ref = ${ref}`;
      return rows.map(({ author }) => author);
    },

    async get(ref: ConversationRef, author: UserId, mid: MessageId, tx?: Tx): Promise<MessageRow | null> {
      const [row] = await db.sql(tx)<MessageRow[]>`
        select ref, author, mid, seq, volume, at from messages
        where ref = ${ref} and author = ${author} and mid = ${mid}`;
      return row ?? null;
    },

    /** Ids are random, but their authors choose them: of two alike the older one counts, so none can be usurped. */
    async byMid(mid: MessageId, tx?: Tx): Promise<MessageRow | null> {
      const [row] = await db.sql(tx)<MessageRow[]>`
        select ref, author, mid, seq, volume, at from messages where mid = ${mid}
        order by at, ref, author limit 1`;
      return row ?? null;
    },

    /** Says in which volume a message really is, once it was moved. */
    async setVolume({ ref, author, mid }: MessageSlot, volume: number, tx?: Tx): Promise<void> {
      await db.sql(tx)`
        update messages set volume = ${volume} where ref = ${ref} and author = ${author} and mid = ${mid}`;
    },
  };
}
