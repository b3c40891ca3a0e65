import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import type { Role } from '../../src/lib/model/roles.ts';
import type { Database, Tx } from './database.ts';
import { holdRoomsWith, leaveRooms } from './room-members.ts';

export interface Board {
  id: BoardId;
  title: string;
  by: UserId;
  createdAt: number;
}

export interface Member {
  id: UserId;
  username: string;
  name: string;
  role: Role;
}

export function boardsOf(db: Database) {
  /**
   * Membership changes of one board take turns: whether another owner remains is only known under this lock. A
   * statement of its own, because one that waits for the lock still sees the rows as they were before.
   */
  async function lock(board: BoardId, tx: Tx): Promise<boolean> {
    const { count } = await db.sql(tx)`
      select id from boards where id = ${board} and removed_at is null for no key update`;
    return count === 1;
  }

  async function isLastOwner(board: BoardId, user: UserId, tx: Tx): Promise<boolean> {
    const owners = await db.sql(tx)<{ user: UserId }[]>`
      select user_id as user from memberships where board = ${board} and role = 'owner'`;
    return owners.length === 1 && owners[0]?.user === user;
  }

  return {
    /** Makes a board and its first owner. The id may come from a client, so it may be taken. */
    async create(
      { id, title, owner }: { id: BoardId; title: string; owner: UserId },
      tx?: Tx,
    ): Promise<'ok' | 'taken-id'> {
      const { count } = await db.sql(tx)`
        with made as (
          insert into boards (id, title, created_by) values (${id}, ${title}, ${owner})
          on conflict (id) do nothing returning id
        )
        insert into memberships (board, user_id, role) select id, ${owner}, 'owner' from made`;
      return count === 1 ? 'ok' : 'taken-id';
    },

    /** Null when it never was, or was removed. */
    async get(id: BoardId, tx?: Tx): Promise<Board | null> {
      const [board] = await db.sql(tx)<Board[]>`
        select id, title, created_by as by, created_at as "createdAt"
        from boards where id = ${id} and removed_at is null`;
      return board ?? null;
    },

    async rename(id: BoardId, title: string, tx?: Tx): Promise<boolean> {
      const { count } = await db.sql(tx)`
        update boards set title = ${title} where id = ${id} and removed_at is null`;
      return count === 1;
    },

    /** Hides the board from everyone, at once. Its rows stay until they are erased. */
    async remove(id: BoardId, tx?: Tx): Promise<boolean> {
      const { count } = await db.sql(tx)`
        update boards set removed_at = now() where id = ${id} and removed_at is null`;
      return count === 1;
    },

    /** Boards that were removed so long ago, or in a while (the clock has been set back), and are not erased yet. */
    async removed(limit: number, agoMs: number, tx?: Tx): Promise<BoardId[]> {
      const rows = await db.sql(tx)<{ id: BoardId }[]>`
        select id from boards
        where title <> '' and (removed_at <= now() - ${agoMs} * interval '1 millisecond' or removed_at > now() + interval '1 minute')
        order by removed_at, id limit ${limit}`;
      return rows.map(({ id }) => id);
    },

    /**
     * Erases a removed board: its documents, conversations, rooms, invitations and members. The ids of board and tasks
     * stay, so that nobody is given them again. False for a board that is in use, or that is not there.
     */
    async erase(id: BoardId, tx?: Tx): Promise<boolean> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        const { count } = await sql`
          update boards set title = '' where id = ${id} and removed_at is not null`;
        if (count === 0) return false;
        const names = await sql<{ name: string }[]>`
          select d.name from documents d join (
            select 'board/' || ${id} as name
            union all select 'task/' || id from tasks where board = ${id}
            union all select ref || '/' || n from conversations, generate_series(1, head) as n where board = ${id}
          ) of_board on of_board.name = d.name`;
        const list = names.map(({ name }) => name);
        await sql`delete from updates where document = any(${list}::text[])`;
        await sql`delete from updates_set_aside where document = any(${list}::text[])`;
        await sql`delete from documents where name = any(${list}::text[])`;
        await sql`delete from notifications where board = ${id}`;
        await sql`delete from conversations where board = ${id}`;
        await sql`delete from levels where room in (select id from rooms where board = ${id})`;
        await sql`delete from rooms where board = ${id}`;
        await sql`delete from invitations where board = ${id}`;
        await sql`delete from memberships where board = ${id}`;
        return true;
      });
    },

    /** By title. */
    async forUser(user: UserId, tx?: Tx): Promise<{ id: BoardId; title: string; role: Role }[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<{ id: BoardId; title: string; role: Role }[]>`
          select b.id, b.title, m.role from memberships m join boards b on b.id = m.board
          where m.user_id = ${user} and b.removed_at is null order by lower(b.title), b.id`),
      ];
    },

    /** By username. */
    async members(board: BoardId, tx?: Tx): Promise<Member[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Member[]>`
          select u.id, u.username, u.name, m.role
          from memberships m join users u on u.id = m.user_id join boards b on b.id = m.board
          where m.board = ${board} and b.removed_at is null order by u.username`),
      ];
    },

    /** Who was a member of a board when it was removed, until it is erased. Nobody for a board in use. */
    async formerMembers(board: BoardId, tx?: Tx): Promise<UserId[]> {
      const rows = await db.sql(tx)<{ user: UserId }[]>`
        select m.user_id as user from memberships m join boards b on b.id = m.board
        where m.board = ${board} and b.removed_at is not null order by m.user_id`;
      return rows.map(({ user }) => user);
    },

    /** Null for who is no member, and for everyone once the board is removed. */
    async role(board: BoardId, user: UserId, tx?: Tx): Promise<Role | null> {
      const [row] = await db.sql(tx)<{ role: Role }[]>`
        select m.role from memberships m join boards b on b.id = m.board
        where m.board = ${board} and m.user_id = ${user} and b.removed_at is null`;
      return row?.role ?? null;
    },

    /** Adds a member or changes a role. At least one owner remains. */
    async setMember(board: BoardId, user: UserId, role: Role, tx?: Tx): Promise<'ok' | 'last-owner' | 'not-found'> {
      return db.within(tx, async (tx) => {
        if (!(await lock(board, tx))) return 'not-found';
        if (role !== 'owner' && (await isLastOwner(board, user, tx))) return 'last-owner';
        const { count } = await db.sql(tx)`
          insert into memberships (board, user_id, role)
          select ${board}, id, ${role} from users where id = ${user}
          on conflict (board, user_id) do update set role = excluded.role`;
        return count === 1 ? 'ok' : 'not-found';
      });
    },

    /** Also from the private rooms of the board. At least one owner remains. */
    async removeMember(board: BoardId, user: UserId, tx?: Tx): Promise<'ok' | 'last-owner' | 'not-found'> {
      return db.within(tx, async (tx) => {
        await holdRoomsWith(db, board, user, tx);
        if (!(await lock(board, tx))) return 'not-found';
        if (await isLastOwner(board, user, tx)) return 'last-owner';
        await leaveRooms(db, board, user, tx);
        const { count } = await db.sql(tx)`
          delete from memberships where board = ${board} and user_id = ${user}`;
        return count === 1 ? 'ok' : 'not-found';
      });
    },
  };
}
