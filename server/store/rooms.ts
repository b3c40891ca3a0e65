import type { BoardId, RoomId, UserId } from '../../src/lib/model/ids.ts';
import type { Database, Tx } from './database.ts';
import { roomLifeOf } from './room-life.ts';

export interface Room {
  id: RoomId;
  board: BoardId;
  name: string;
  /** '' for none. */
  description: string;
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
    ...roomLifeOf(db),

    /**
     * Makes a room with its conversation; a private one with its maker in it. A name stands once, whatever its case,
     * among the public rooms in use; and nobody makes a room of the name of one that they see. One that they do not see
     * keeps no name from them: the answer would tell of it.
     */
    async create(room: NewRoom, tx?: Tx): Promise<'ok' | 'taken-id' | 'taken-name'> {
      const sql = db.sql(tx);
      const { count } = await sql`
        with made as (
          insert into rooms (id, board, name, private, created_by)
          select ${room.id}, ${room.board}, ${room.name}, ${room.private}, ${room.by}
          where not exists (
            select 1 from rooms o where o.board = ${room.board} and o.archived_at is null
              and lower(o.name) = lower(${room.name}) and (
                not o.private
                or exists (select 1 from room_members m where m.room = o.id and m.user_id = ${room.by})
              )
          )
          on conflict do nothing returning id, board, private, created_by
        ), first as (
          insert into room_members (room, user_id) select id, created_by from made where private
        )
        insert into conversations (ref, board) select 'room/' || id, board from made`;
      if (count === 1) return 'ok';
      const { count: taken } = await sql`select id from rooms where id = ${room.id}`;
      return taken === 1 ? 'taken-id' : 'taken-name';
    },

    /** Also one that is archived. Null when it never was, or was removed. */
    async get(id: RoomId, tx?: Tx): Promise<Room | null> {
      const [room] = await db.sql(tx)<Room[]>`
        select id, board, name, description, private, created_by as by, created_at as "createdAt",
          archived_at as "archivedAt"
        from rooms where id = ${id} and removed_at is null`;
      return room ?? null;
    },

    /** The public ones in use, oldest first. The private ones are known by who is in them: `roomMembers.roomsFor`. */
    async forBoard(board: BoardId, tx?: Tx): Promise<Room[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Room[]>`
          select id, board, name, description, private, created_by as by, created_at as "createdAt",
            archived_at as "archivedAt"
          from rooms where board = ${board} and archived_at is null and not private order by created_at, id`),
      ];
    },

    /** The public ones, in use or archived, as they are at one moment. */
    async listed(board: BoardId, tx?: Tx): Promise<Room[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Room[]>`
          select id, board, name, description, private, created_by as by, created_at as "createdAt",
            archived_at as "archivedAt"
          from rooms where board = ${board} and removed_at is null and not private order by created_at, id`),
      ];
    },
  };
}
