import type { RoomId, UserId } from '../../src/lib/model/ids.ts';
import { DEFAULT_LEVEL, type Level } from '../../src/lib/model/levels.ts';
import { rowset, type Database, type Tx } from './database.ts';

/** How much of a room someone wants to be told of. */
export interface ChosenLevel {
  room: RoomId;
  user: UserId;
  level: Level;
}

export function levelsOf(db: Database) {
  return {
    /** Keeps what people chose; of several for one room and person, the last. Idempotent. */
    async set(rows: readonly ChosenLevel[], tx?: Tx): Promise<void> {
      if (rows.length === 0) return;
      const last = [...new Map(rows.map((row) => [`${row.room}/${row.user}`, row])).values()];
      await db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        await sql`
          delete from levels l using jsonb_to_recordset(${rowset(sql, last)}) as r(room text, "user" text)
          where l.room = r.room and l.user_id = r.user`;
        await sql`
          insert into levels (room, user_id, level)
          select r.room, r.user, r.level
          from jsonb_to_recordset(${rowset(sql, last)}) as r(room text, "user" text, level text)
          where r.level <> ${DEFAULT_LEVEL}
          on conflict (room, user_id) do update set level = excluded.level`;
      });
    },

    /** Who wants other than the usual in these rooms. */
    async inRooms(rooms: readonly RoomId[], tx?: Tx): Promise<Map<RoomId, Map<UserId, Level>>> {
      const levels = new Map<RoomId, Map<UserId, Level>>();
      if (rooms.length === 0) return levels;
      const sql = db.sql(tx);
      const rows = await sql<ChosenLevel[]>`
        select room, user_id as user, level from levels where room = any(${rooms}::text[])`;
      for (const { room, user, level } of rows) {
        const inRoom = levels.get(room);
        if (inRoom === undefined) levels.set(room, new Map([[user, level]]));
        else inRoom.set(user, level);
      }
      return levels;
    },
  };
}
