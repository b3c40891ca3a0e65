import type { UserId } from '../../src/lib/model/ids.ts';
import type { Database, Tx } from './database.ts';
import type { User } from './users.ts';

export interface Session {
  /** SHA-256 of the token: the database never holds a usable one. */
  idHash: string;
  userId: UserId;
  createdAt: number;
  expiresAt: number;
}

export type NewSession = Omit<Session, 'createdAt'>;

export function sessionsOf(db: Database) {
  return {
    async insert({ idHash, userId, expiresAt }: NewSession, tx?: Tx): Promise<void> {
      await db.sql(tx)`
        insert into sessions (id_hash, user_id, expires_at) values (${idHash}, ${userId}, ${expiresAt})`;
    },

    /** The session with its user, also when it has expired. Null when it is gone or the account is disabled. */
    async get(idHash: string, tx?: Tx): Promise<{ session: Session; user: User } | null> {
      const [row] = await db.sql(tx)<(User & { started: number; expiresAt: number })[]>`
        select s.created_at as started, s.expires_at as "expiresAt",
          u.id, u.seq, u.username, u.name, u.admin, u.disabled, u.created_at as "createdAt"
        from sessions s join users u on u.id = s.user_id
        where s.id_hash = ${idHash} and not u.disabled`;
      if (!row) return null;
      const { started, expiresAt, ...user } = row;
      return { session: { idHash, userId: user.id, createdAt: started, expiresAt }, user };
    },

    async extend(idHash: string, expiresAt: number, tx?: Tx): Promise<void> {
      await db.sql(tx)`update sessions set expires_at = ${expiresAt} where id_hash = ${idHash}`;
    },

    async remove(idHash: string, tx?: Tx): Promise<void> {
      await db.sql(tx)`delete from sessions where id_hash = ${idHash}`;
    },

    /** Ends every session of a person, but for the one named. */
    async removeForUser(userId: UserId, exceptHash: string | null = null, tx?: Tx): Promise<void> {
      await db.sql(tx)`
        delete from sessions where user_id = ${userId} and id_hash is distinct from ${exceptHash}::text`;
    },

    /** Newest first. */
    async listForUser(userId: UserId, tx?: Tx): Promise<Session[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Session[]>`
          select id_hash as "idHash", user_id as "userId", created_at as "createdAt", expires_at as "expiresAt"
          from sessions where user_id = ${userId} order by created_at desc, id_hash`),
      ];
    },

    /** Deletes what expired before `now`, and says how many there were. */
    async removeExpired(now: number, tx?: Tx): Promise<number> {
      const { count } = await db.sql(tx)`delete from sessions where expires_at < ${now}`;
      return count;
    },
  };
}
