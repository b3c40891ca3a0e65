import type { BoardId, RoomId, UserId } from '../../src/lib/model/ids.ts';
import type { Database, Tx } from './database.ts';

export interface Room {
  id: RoomId;
  board: BoardId;
  name: string;
  private: boolean;
  by: UserId;
  createdAt: number;
  /** Null while the room is in use. */
  archivedAt: number | null;
}

export interface NewRoom {
  id: RoomId;
  board: BoardId;
  name: string;
  by: UserId;
  private: boolean;
}

export function roomsOf(db: Database) {
  return {
    /** Makes a room with its conversation. Names are unique in a board, whatever their case, among rooms in use. */
    async create(room: NewRoom, tx?: Tx): Promise<'ok' | 'taken-id' | 'taken-name'> {
      const sql = db.sql(tx);
      const { count } = await sql`
        with made as (
          insert into rooms (id, board, name, private, created_by)
          values (${room.id}, ${room.board}, ${room.name}, ${room.private}, ${room.by})
          on conflict do nothing returning id, board
        )
        insert into conversations (ref, board) select 'room/' || id, board from made`;
      if (count === 1) return 'ok';
      const { count: taken } = await sql`select id from rooms where id = ${room.id}`;
      return taken === 1 ? 'taken-id' : 'taken-name';
    },

    /** Also one that is archived. */
    async get(id: RoomId, tx?: Tx): Promise<Room | null> {
      const [room] = await db.sql(tx)<Room[]>`
        select id, board, name, private, created_by as by, created_at as "createdAt", archived_at as "archivedAt"
        from rooms where id = ${id}`;
      return room ?? null;
    },

    /** Those in use, oldest first. */
    async forBoard(board: BoardId, tx?: Tx): Promise<Room[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Room[]>`
          select id, board, name, private, created_by as by, created_at as "createdAt", archived_at as "archivedAt"
          from rooms where board = ${board} and archived_at is null order by created_at, id`),
      ];
    },

    async rename(id: RoomId, name: string, tx?: Tx): Promise<'ok' | 'taken-name' | 'not-found'> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        const [room] = await sql<{ board: BoardId }[]>`
          select r.board from rooms r join boards b on b.id = r.board
          where r.id = ${id} and r.archived_at is null for no key update of b`;
        if (!room) return 'not-found';
        const { count } = await sql`
          update rooms set name = ${name} where id = ${id} and not exists (
            select 1 from rooms o where o.board = ${room.board} and o.id <> ${id} and o.archived_at is null
              and lower(o.name) = lower(${name})
          )`;
        return count === 1 ? 'ok' : 'taken-name';
      });
    },

    /** Takes a room out of use. False when it is not in use. */
    async archive(id: RoomId, tx?: Tx): Promise<boolean> {
      const { count } = await db.sql(tx)`
        update rooms set archived_at = now() where id = ${id} and archived_at is null`;
      return count === 1;
    },
  };
}
