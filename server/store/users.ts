import { newId, type UserId } from '../../src/lib/model/ids.ts';
import type { Database, Tx } from './database.ts';

export interface User {
  id: UserId;
  /** The small number in a person's clientIDs. Never given twice. */
  seq: number;
  username: string;
  name: string;
  admin: boolean;
  disabled: boolean;
  createdAt: number;
}

export interface NewUser {
  username: string;
  name: string;
  passwordHash: string;
  admin: boolean;
}

export function usersOf(db: Database) {
  async function one(rows: Promise<readonly User[]>): Promise<User | null> {
    return (await rows)[0] ?? null;
  }
  return {
    /** Makes an account. The username is taken as it is: callers have it in lower case. */
    async create({ username, name, passwordHash, admin }: NewUser, tx?: Tx): Promise<User | 'taken-username'> {
      const sql = db.sql(tx);
      const [user] = await sql<User[]>`
        insert into users (id, username, name, password_hash, admin)
        values (${newId()}, ${username}, ${name}, ${passwordHash}, ${admin})
        on conflict (username) do nothing
        returning id, seq, username, name, admin, disabled, created_at as "createdAt"`;
      return user ?? 'taken-username';
    },

    async byId(id: UserId, tx?: Tx): Promise<User | null> {
      return one(db.sql(tx)<User[]>`
        select id, seq, username, name, admin, disabled, created_at as "createdAt" from users where id = ${id}`);
    },

    async byUsername(username: string, tx?: Tx): Promise<User | null> {
      return one(db.sql(tx)<User[]>`
        select id, seq, username, name, admin, disabled, created_at as "createdAt"
        from users where username = ${username}`);
    },

    async bySeq(seq: number, tx?: Tx): Promise<User | null> {
      return one(db.sql(tx)<User[]>`
        select id, seq, username, name, admin, disabled, created_at as "createdAt" from users where seq = ${seq}`);
    },

    async count(tx?: Tx): Promise<number> {
      const [row] = await db.sql(tx)<{ count: number }[]>`select count(*) as count from users`;
      return row?.count ?? 0;
    },

    /** Oldest first. */
    async list(tx?: Tx): Promise<User[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<User[]>`
          select id, seq, username, name, admin, disabled, created_at as "createdAt" from users order by seq`),
      ];
    },

    async passwordHash(username: string, tx?: Tx): Promise<string | null> {
      const [row] = await db.sql(tx)<{ hash: string }[]>`
        select password_hash as hash from users where username = ${username}`;
      return row?.hash ?? null;
    },

    /** False when there is no such account. So with the two below. */
    async setPassword(id: UserId, passwordHash: string, tx?: Tx): Promise<boolean> {
      const { count } = await db.sql(tx)`update users set password_hash = ${passwordHash} where id = ${id}`;
      return count === 1;
    },

    /** Changes the display name. */
    async rename(id: UserId, name: string, tx?: Tx): Promise<boolean> {
      const { count } = await db.sql(tx)`update users set name = ${name} where id = ${id}`;
      return count === 1;
    },

    /** Disabling an account ends its sessions. */
    async setDisabled(id: UserId, disabled: boolean, tx?: Tx): Promise<boolean> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        const { count } = await sql`update users set disabled = ${disabled} where id = ${id}`;
        if (disabled) await sql`delete from sessions where user_id = ${id}`;
        return count === 1;
      });
    },
  };
}
