import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import type { ConversationRef } from '../../src/lib/model/names.ts';
import { rowset, type Database, type Tx } from './database.ts';

export interface Conversation {
  ref: ConversationRef;
  board: BoardId;
  /** The volume that new messages go into. */
  head: number;
  /** What the next message gets: one more than the last one has. */
  nextSeq: number;
  /** Messages in the head volume. */
  headCount: number;
  /** When the last message came; null before the first. */
  lastAt: number | null;
}

/** What someone may look at. Boards by the last word that they see there, those without a conversation last. */
export interface Seen {
  boards: BoardId[];
  conversations: Conversation[];
}

export function conversationsOf(db: Database) {
  return {
    async get(ref: ConversationRef, tx?: Tx): Promise<Conversation | null> {
      const [row] = await db.sql(tx)<Conversation[]>`
        select ref, board, head, next_seq as "nextSeq", head_count as "headCount", last_at as "lastAt"
        from conversations where ref = ${ref}`;
      return row ?? null;
    },

    /** Holds them until the transaction ends, in one order for everybody, so that two holders never wait in a ring. */
    async lock(refs: readonly ConversationRef[], tx: Tx): Promise<Conversation[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Conversation[]>`
          select ref, board, head, next_seq as "nextSeq", head_count as "headCount", last_at as "lastAt"
          from conversations where ref = any(${refs}::text[]) order by ref for update`),
      ];
    },

    /** Counts `by` new messages in each head volume. */
    async advance(rows: readonly { ref: ConversationRef; by: number }[], tx: Tx): Promise<void> {
      if (rows.length === 0) return;
      const sql = db.sql(tx);
      await sql`
        update conversations c
        set next_seq = c.next_seq + r.by, head_count = c.head_count + r.by, last_at = now()
        from (
          select ref, sum(by)::integer as by from jsonb_to_recordset(${rowset(sql, rows)}) as r(ref text, by integer)
          group by ref
        ) r
        where c.ref = r.ref`;
    },

    /** Opens the next volume, once: null when `fromVolume` is not the head any more. */
    async roll(ref: ConversationRef, fromVolume: number, tx?: Tx): Promise<{ volume: number; first: number } | null> {
      const [row] = await db.sql(tx)<{ volume: number; first: number }[]>`
        update conversations set head = head + 1, head_count = 0 where ref = ${ref} and head = ${fromVolume}
        returning head as volume, next_seq as first`;
      return row ?? null;
    },

    /** The conversations of a board that all its members see: public rooms and tasks, also those nobody spoke in yet. */
    async forBoard(board: BoardId, tx?: Tx): Promise<Conversation[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Conversation[]>`
          select ref, board, head, next_seq as "nextSeq", head_count as "headCount", last_at as "lastAt"
          from conversations c where board = ${board} and not exists (
            select 1 from rooms r
            where r.board = ${board} and (r.private or r.removed_at is not null) and 'room/' || r.id = c.ref
          )
          order by last_at desc nulls last, ref`),
      ];
    },

    /** Those of the private rooms that someone is in, of boards in use. */
    async privateFor(user: UserId, tx?: Tx): Promise<Conversation[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Conversation[]>`
          select c.ref, c.board, c.head, c.next_seq as "nextSeq", c.head_count as "headCount", c.last_at as "lastAt"
          from room_members m join rooms r on r.id = m.room join conversations c on c.ref = 'room/' || r.id
            join boards b on b.id = c.board
          where m.user_id = ${user} and b.removed_at is null and r.removed_at is null order by c.last_at desc nulls last, c.ref`),
      ];
    },

    /** All that someone sees: their boards in use, `forBoard` of each, and `privateFor`. As they were last spoken in. */
    async seenBy(user: UserId, tx?: Tx): Promise<Seen> {
      const sql = db.sql(tx);
      type Row = Conversation | { ref: null; board: BoardId };
      const rows = await sql<Row[]>`
        select b.id as board, c.ref, c.head, c.next_seq as "nextSeq", c.head_count as "headCount", c.last_at as "lastAt"
        from memberships m join boards b on b.id = m.board left join (
          conversations c left join rooms r on c.ref like 'room/%' and r.id = substr(c.ref, 6)
        ) on c.board = b.id and (r.id is null or (r.removed_at is null and (
          not r.private or exists (select 1 from room_members p where p.room = r.id and p.user_id = ${user})
        )))
        where m.user_id = ${user} and b.removed_at is null
        order by c.last_at desc nulls last, c.ref, b.id`;
      return {
        boards: [...new Set(rows.map(({ board }) => board))],
        conversations: rows.filter((row) => row.ref !== null),
      };
    },
  };
}
