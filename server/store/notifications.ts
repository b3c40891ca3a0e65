import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import type { NotificationKind } from '../../src/lib/model/inbox-fields.ts';
import type { ConversationRef } from '../../src/lib/model/names.ts';
import { isoTime, rowset, type Database, type Tx } from './database.ts';
import type { MessageSlot } from './messages.ts';

/** Why someone is told; `quiet` tells the author that a group was not. */
export type TellingKind = NotificationKind | 'quiet';

/** One person is told once of one message. */
export interface NotificationKey extends MessageSlot {
  user: UserId;
}

export interface NewNotification extends NotificationKey {
  kind: TellingKind;
  by: UserId;
  board: BoardId;
  excerpt: string;
  at: number;
}

export interface PendingNotification extends NewNotification {
  id: number;
  /** False: put it into the inbox. True: take it out again. */
  withdrawn: boolean;
  /** Where the message is. */
  volume: number;
  seq: number;
  /** When it was said: earlier than `at` where an edit tells. */
  saidAt: number;
}

export function notificationsOf(db: Database) {
  async function delivered(ids: readonly number[], value: boolean, tx?: Tx): Promise<void> {
    if (ids.length === 0) return;
    await db.sql(tx)`update notifications set delivered = ${value} where id = any(${ids}::bigint[])`;
  }

  return {
    /**
     * Idempotent. One that was withdrawn is wanted again; one of another kind becomes one of this kind. The message must
     * have its place already. Who is not in the private room that it is in is not told, whatever was known when this was
     * asked for.
     */
    async add(rows: readonly NewNotification[], tx?: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      const timed = rows.map((row) => ({ ...row, at: isoTime(row.at) }));
      await sql`
        insert into notifications as n (user_id, ref, author, mid, kind, by_user, board, excerpt, at)
        select distinct on (r.user, r.ref, r.author, r.mid)
          r.user, r.ref, r.author, r.mid, r.kind, r.by, r.board, r.excerpt, r.at
        from jsonb_to_recordset(${rowset(sql, timed)}) as r(
          "user" text, ref text, author text, mid text, kind text, by text, board text, excerpt text, at timestamptz
        )
        where not exists (
          select 1 from rooms p where r.ref like 'room/%' and p.id = substr(r.ref, 6) and p.private
            and not exists (select 1 from room_members m where m.room = p.id and m.user_id = r.user)
        )
        order by r.user, r.ref, r.author, r.mid
        on conflict (user_id, ref, author, mid) do update
          set withdrawn = false, kind = excluded.kind, excerpt = excluded.excerpt, reworded = true
        where n.withdrawn or n.kind <> excluded.kind`;
    },

    /** Idempotent. One that has not reached the inbox yet never will. Its words are forgotten. */
    async withdraw(keys: readonly NotificationKey[], tx?: Tx): Promise<void> {
      if (keys.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        update notifications n set withdrawn = true, reworded = false, excerpt = ''
        from jsonb_to_recordset(${rowset(sql, keys)}) as r("user" text, ref text, author text, mid text)
        where n.user_id = r.user and n.ref = r.ref and n.author = r.author and n.mid = r.mid and not n.withdrawn`;
    },

    /** Withdraws every one of these messages. */
    async withdrawMessages(slots: readonly MessageSlot[], tx?: Tx): Promise<void> {
      if (slots.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        update notifications n set withdrawn = true, reworded = false, excerpt = ''
        from jsonb_to_recordset(${rowset(sql, slots)}) as r(ref text, author text, mid text)
        where n.ref = r.ref and n.author = r.author and n.mid = r.mid and not n.withdrawn`;
    },

    /** Withdraws those of these messages whose reason stood in the words, from all but the ones to keep. */
    async withdrawFromOthers(rows: readonly (MessageSlot & { keep: readonly UserId[] })[], tx?: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        update notifications n set withdrawn = true, reworded = false, excerpt = ''
        from jsonb_to_recordset(${rowset(sql, rows)}) as r(ref text, author text, mid text, keep jsonb)
        where n.ref = r.ref and n.author = r.author and n.mid = r.mid and not n.withdrawn
          and n.kind in ('mention', 'reply', 'group') and not r.keep @> to_jsonb(n.user_id)`;
    },

    /** Withdraws every one of a board. Returns how many an inbox may still show. */
    async withdrawBoard(board: BoardId, tx?: Tx): Promise<number> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        await sql`
          update notifications set withdrawn = true, reworded = false, excerpt = ''
          where board = ${board} and not withdrawn`;
        const { count } = await sql`select id from notifications where board = ${board} and delivered`;
        return count;
      });
    },

    /** Withdraws every one of a conversation. Returns how many an inbox may still show. */
    async withdrawConversation(ref: ConversationRef, tx?: Tx): Promise<number> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        await sql`
          update notifications set withdrawn = true, reworded = false, excerpt = ''
          where ref = ${ref} and not withdrawn`;
        const { count } = await sql`select id from notifications where ref = ${ref} and delivered`;
        return count;
      });
    },

    /**
     * Gives all that are wanted of these messages other words, which their inboxes will show instead. Who has left the
     * board or the private room since hears nothing more of it.
     */
    async reword(rows: readonly (MessageSlot & { excerpt: string })[], tx?: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        update notifications n set excerpt = r.excerpt, reworded = true
        from jsonb_to_recordset(${rowset(sql, rows)}) as r(ref text, author text, mid text, excerpt text)
        where n.ref = r.ref and n.author = r.author and n.mid = r.mid and not n.withdrawn and n.excerpt <> r.excerpt
          and exists (select 1 from memberships b where b.board = n.board and b.user_id = n.user_id)
          and not exists (
            select 1 from rooms p where n.ref like 'room/%' and p.id = substr(n.ref, 6) and p.private
              and not exists (select 1 from room_members m where m.room = p.id and m.user_id = n.user_id)
          )`;
    },

    /** Gives those that are wanted another reason. Nobody is told anew. */
    async setKinds(rows: readonly (NotificationKey & { kind: TellingKind })[], tx?: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        update notifications n set kind = r.kind, reworded = true
        from jsonb_to_recordset(${rowset(sql, rows)}) as r("user" text, ref text, author text, mid text, kind text)
        where n.user_id = r.user and n.ref = r.ref and n.author = r.author and n.mid = r.mid
          and not n.withdrawn and n.kind <> r.kind`;
    },

    /** The oldest `limit` whose inbox does not show yet what is wanted, by person. */
    async pending(limit: number, tx?: Tx): Promise<Map<UserId, PendingNotification[]>> {
      const sql = db.sql(tx);
      const rows = await sql<PendingNotification[]>`
        select n.id, n.user_id as user, n.ref, n.author, n.mid, n.kind, n.by_user as by, n.board, n.excerpt, n.at,
          n.withdrawn, m.volume, m.seq, m.at as "saidAt"
        from notifications n join messages m on m.ref = n.ref and m.author = n.author and m.mid = n.mid
        where n.delivered = n.withdrawn or n.reworded order by n.id limit ${limit}`;
      const byUser = new Map<UserId, PendingNotification[]>();
      for (const row of rows) {
        const list = byUser.get(row.user);
        if (list) list.push(row);
        else byUser.set(row.user, [row]);
      }
      return byUser;
    },

    /** Says that the inbox holds them. Whatever was wanted meanwhile is pending again. */
    async markDelivered(ids: readonly number[], tx?: Tx): Promise<void> {
      await delivered(ids, true, tx);
    },

    /** Says that the inbox shows these words and this kind. Those that are others by now are pending, whoever showed them. */
    async markReworded(rows: readonly { id: number; kind: TellingKind; excerpt: string }[], tx?: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        update notifications n set reworded = n.excerpt <> r.excerpt or n.kind <> r.kind
        from jsonb_to_recordset(${rowset(sql, rows)}) as r(id bigint, kind text, excerpt text)
        where n.id = r.id and not n.withdrawn and n.reworded <> (n.excerpt <> r.excerpt or n.kind <> r.kind)`;
    },

    /** Says that the inbox does not hold them any more. */
    async markWithdrawn(ids: readonly number[], tx?: Tx): Promise<void> {
      await delivered(ids, false, tx);
    },
  };
}
