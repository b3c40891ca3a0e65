import type { BoardId, TaskId } from '../../src/lib/model/ids.ts';
import { rowset, type Database, type Tx } from './database.ts';

export function tasksOf(db: Database) {
  return {
    /**
     * Makes the tasks that are not there yet, each with its conversation. Idempotent. Returns the ids that belong to
     * another board already: a card with such an id must not lead anywhere.
     */
    async ensure(rows: readonly { id: TaskId; board: BoardId }[], tx?: Tx): Promise<TaskId[]> {
      if (rows.length === 0) return [];
      const sql = db.sql(tx);
      const foreign = await sql<{ id: TaskId }[]>`
        with input as (
          select distinct on (id) id, board from jsonb_to_recordset(${rowset(sql, rows)}) as r(id text, board text)
          order by id
        ), made as (
          insert into tasks (id, board) select id, board from input order by id
          on conflict (id) do nothing returning id, board
        ), talk as (
          insert into conversations (ref, board) select 'task/' || id, board from made
        )
        select t.id from tasks t join input i on i.id = t.id where t.board <> i.board`;
      return foreign.map(({ id }) => id);
    },

    async boardOf(id: TaskId, tx?: Tx): Promise<BoardId | null> {
      const [row] = await db.sql(tx)<{ board: BoardId }[]>`select board from tasks where id = ${id}`;
      return row?.board ?? null;
    },
  };
}
