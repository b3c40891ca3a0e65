import type { BoardId, RoomId } from '../../src/lib/model/ids.ts';
import type { ConversationRef } from '../../src/lib/model/names.ts';
import type { Database, Tx } from './database.ts';
import type { Room } from './rooms.ts';

/** What is to be different about a room. */
export interface RoomPatch {
  name?: string | undefined;
  description?: string | undefined;
  archived?: boolean | undefined;
}

/** What becomes of a room after it was made: changed, put away and brought back, removed, erased. */
export function roomLifeOf(db: Database) {
  /** A statement of its own, because one that waits for the lock still sees the rows as they were before. */
  async function lockBoard(room: RoomId, tx: Tx): Promise<void> {
    await db.sql(tx)`
      select b.id from boards b join rooms r on r.board = b.id where r.id = ${room} for no key update of b`;
  }

  return {
    /**
     * Changes a room, all of it or nothing. An archived room is only brought back, by the same change if it is to be
     * another one too. It comes into use, and takes another name, only where no public room in use on its board has that
     * name, whatever its case.
     */
    change(id: RoomId, patch: RoomPatch, tx?: Tx): Promise<'ok' | 'taken-name' | 'archived' | 'not-found'> {
      return db.within(tx, async (tx) => {
        await lockBoard(id, tx);
        const sql = db.sql(tx);
        const [room] = await sql<{ board: BoardId; name: string; description: string; archived: boolean }[]>`
          select r.board, r.name, r.description, r.archived_at is not null as archived
          from rooms r join boards b on b.id = r.board
          where r.id = ${id} and r.removed_at is null and b.removed_at is null`;
        if (room === undefined) return 'not-found';
        const { name = room.name, description = room.description, archived = room.archived } = patch;
        const reworded = name !== room.name || description !== room.description;
        if (room.archived && archived && reworded) return 'archived';
        const chosen = !archived && (room.archived || name !== room.name);
        const { count } = await sql`
          update rooms r set name = ${name}, description = ${description},
            archived_at = case when ${archived}::boolean then coalesce(r.archived_at, now()) end
          where r.id = ${id} and (not ${chosen}::boolean or not exists (
            select 1 from rooms o where o.board = ${room.board} and o.id <> ${id} and o.archived_at is null
              and not o.private and lower(o.name) = lower(${name})
          ))`;
        return count === 1 ? 'ok' : 'taken-name';
      });
    },

    /** The public rooms of a board that are archived, the one archived last first. */
    async archived(board: BoardId, tx?: Tx): Promise<Room[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Room[]>`
          select id, board, name, description, private, created_by as by, created_at as "createdAt",
            archived_at as "archivedAt"
          from rooms where board = ${board} and archived_at is not null and removed_at is null and not private
          order by archived_at desc, id`),
      ];
    },

    /** Hides a room from everyone, at once. Its rows stay until they are erased. */
    async remove(id: RoomId, tx?: Tx): Promise<boolean> {
      const { count } = await db.sql(tx)`
        update rooms set removed_at = now(), archived_at = coalesce(archived_at, now())
        where id = ${id} and removed_at is null`;
      return count === 1;
    },

    /** The board of a room, also of a removed one. */
    async boardOf(id: RoomId, tx?: Tx): Promise<BoardId | null> {
      const [row] = await db.sql(tx)<{ board: BoardId }[]>`select board from rooms where id = ${id}`;
      return row?.board ?? null;
    },

    /** Rooms that were removed so long ago, or in a while (the clock has been set back), and are not erased yet. */
    async removed(limit: number, agoMs: number, tx?: Tx): Promise<{ id: RoomId; board: BoardId }[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<{ id: RoomId; board: BoardId }[]>`
          select id, board from rooms
          where name <> '' and (removed_at <= now() - ${agoMs} * interval '1 millisecond' or removed_at > now() + interval '1 minute')
          order by removed_at, id limit ${limit}`),
      ];
    },

    /**
     * Erases a removed room: its documents, conversation, messages, notifications, people and words. The id stays, so
     * that nobody is given it again. False for a room that is not removed, or is erased already.
     */
    async erase(id: RoomId, tx?: Tx): Promise<boolean> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        const { count } = await sql`
          update rooms set name = '', description = '' where id = ${id} and removed_at is not null and name <> ''`;
        if (count === 0) return false;
        const ref: ConversationRef = `room/${id}`;
        const rows = await sql<{ name: string }[]>`
          select ref || '/' || n as name from conversations, generate_series(1, head) as n where ref = ${ref}`;
        const names = rows.map(({ name }) => name);
        await sql`delete from updates where document = any(${names}::text[])`;
        await sql`delete from updates_set_aside where document = any(${names}::text[])`;
        await sql`delete from documents where name = any(${names}::text[])`;
        await sql`delete from notifications where ref = ${ref}`;
        await sql`delete from conversations where ref = ${ref}`;
        await sql`delete from room_members where room = ${id}`;
        return true;
      });
    },
  };
}
