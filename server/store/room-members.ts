import type { BoardId, RoomId, UserId } from '../../src/lib/model/ids.ts';
import type { ConversationRef } from '../../src/lib/model/names.ts';
import type { Database, Tx } from './database.ts';
import type { Room } from './rooms.ts';

/** A room with who is in it, by id. */
export interface PrivateRoom extends Room {
  people: UserId[];
}

/**
 * Holds the conversations of private rooms: whoever numbers a message holds them too, so that it is settled who is in
 * a room when its words are told. Always before the lock of a board's row, which the numbering takes second.
 */
async function hold(db: Database, rooms: readonly RoomId[], tx: Tx): Promise<void> {
  const refs = rooms.map((id): ConversationRef => `room/${id}`);
  await db.sql(tx)`select ref from conversations where ref = any(${refs}::text[]) order by ref for update`;
}

/** The private rooms of a board that someone is in. */
async function roomsWith(db: Database, board: BoardId, user: UserId, tx: Tx): Promise<RoomId[]> {
  const rows = await db.sql(tx)<{ id: RoomId }[]>`
    select r.id from room_members m join rooms r on r.id = m.room
    where m.user_id = ${user} and r.board = ${board} order by r.id`;
  return rows.map(({ id }) => id);
}

/** Takes someone out of rooms that are held, with what their inbox shows of them. One that is empty then is archived. */
async function takeOut(db: Database, user: UserId, rooms: readonly RoomId[], tx: Tx): Promise<number> {
  if (rooms.length === 0) return 0;
  const sql = db.sql(tx);
  const { count } = await sql`
    delete from room_members where user_id = ${user} and room = any(${rooms}::text[])`;
  const refs = rooms.map((id): ConversationRef => `room/${id}`);
  await sql`
    update notifications set withdrawn = true, reworded = false, excerpt = ''
    where user_id = ${user} and ref = any(${refs}::text[]) and not withdrawn`;
  await sql`
    update rooms r set archived_at = now()
    where r.id = any(${rooms}::text[]) and r.private and r.archived_at is null
      and not exists (select 1 from room_members m where m.room = r.id)`;
  return count;
}

/** Holds the private rooms of a board that someone is in. Call before the board's row is locked. */
export async function holdRoomsWith(db: Database, board: BoardId, user: UserId, tx: Tx): Promise<void> {
  await hold(db, await roomsWith(db, board, user, tx), tx);
}

/** Takes someone who leaves a board out of its private rooms. */
export async function leaveRooms(db: Database, board: BoardId, user: UserId, tx: Tx): Promise<void> {
  await takeOut(db, user, await roomsWith(db, board, user, tx), tx);
}

export function roomMembersOf(db: Database) {
  return {
    /** Who is in a room; null for a public one, which everybody in its board is in. Nobody is in one that is not there. */
    async of(room: RoomId, tx?: Tx): Promise<UserId[] | null> {
      const [row] = await db.sql(tx)<{ private: boolean; people: UserId[] | null }[]>`
        select r.private, (select jsonb_agg(m.user_id order by m.user_id) from room_members m where m.room = r.id) as people
        from rooms r where r.id = ${room}`;
      return row?.private === false ? null : (row?.people ?? []);
    },

    /** True for who is in a room, archived or not; null for a public one. */
    async has(room: RoomId, user: UserId, tx?: Tx): Promise<boolean | null> {
      const [row] = await db.sql(tx)<{ private: boolean; inside: boolean }[]>`
        select r.private, exists (select 1 from room_members m where m.room = r.id and m.user_id = ${user}) as inside
        from rooms r where r.id = ${room}`;
      return row?.private === false ? null : (row?.inside ?? false);
    },

    /** The private rooms that someone is in, in use or also the archived ones, with everyone in them, oldest first; of one board if it is given. */
    async roomsFor(user: UserId, board: BoardId | null = null, archived = false, tx?: Tx): Promise<PrivateRoom[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<PrivateRoom[]>`
          select r.id, r.board, r.name, r.description, r.private, r.created_by as by, r.created_at as "createdAt",
            r.archived_at as "archivedAt",
            (select jsonb_agg(o.user_id order by o.user_id) from room_members o where o.room = r.id) as people
          from room_members m join rooms r on r.id = m.room join boards b on b.id = r.board
          where m.user_id = ${user} and r.removed_at is null and b.removed_at is null
            and (${archived}::boolean or r.archived_at is null) and (${board}::text is null or r.board = ${board})
          order by r.created_at, r.id`),
      ];
    },

    /** Lets a member of the board in. `not-found` for anybody else, and for a room that is public, archived or not there. */
    async add(room: RoomId, user: UserId, tx?: Tx): Promise<'ok' | 'not-found'> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        await hold(db, [room], tx);
        // A statement of its own: who leaves the board meanwhile has this lock, and is gone for the next statement.
        await sql`select b.id from boards b join rooms r on r.board = b.id where r.id = ${room} for no key update of b`;
        const { count } = await sql`
          insert into room_members (room, user_id)
          select r.id, m.user_id from rooms r
          join boards b on b.id = r.board join memberships m on m.board = r.board
          where r.id = ${room} and r.private and r.archived_at is null and b.removed_at is null and m.user_id = ${user}
          on conflict (room, user_id) do update set room = excluded.room`;
        return count === 1 ? 'ok' : 'not-found';
      });
    },

    /** Takes someone out, and what their inbox shows of the room. When nobody is left the room is archived. */
    async remove(room: RoomId, user: UserId, tx?: Tx): Promise<'ok' | 'not-found'> {
      return db.within(tx, async (tx) => {
        await hold(db, [room], tx);
        return (await takeOut(db, user, [room], tx)) === 1 ? 'ok' : 'not-found';
      });
    },
  };
}
