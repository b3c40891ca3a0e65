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

/** What its owner is shown of a session. */
export interface ListedSession extends Session {
  /** Names the session; opens nothing and says nothing of its token. */
  id: string;
  /** A browser in words, such as 'Firefox on Linux'. Empty when not known. */
  device: string;
  usedAt: number;
}

export type NewSession = Omit<Session, 'createdAt'> & { device?: string };

export function sessionsOf(db: Database) {
  return {
    async insert({ idHash, userId, expiresAt, device = '' }: NewSession, tx?: Tx): Promise<void> {
      await db.sql(tx)`
        insert into sessions (id_hash, user_id, expires_at, device)
        values (${idHash}, ${userId}, ${expiresAt}, ${device})`;
    },

    /** The session with its user, also when it has expired. Null when it is gone or the account is disabled. */
    async get(idHash: string, tx?: Tx): Promise<{ session: Session & { usedAt: number }; user: User } | null> {
      const [row] = await db.sql(tx)<(User & { started: number; expiresAt: number; usedAt: number })[]>`
        select s.created_at as started, s.expires_at as "expiresAt", s.used_at as "usedAt",
          u.id, u.seq, u.username, u.name, u.admin, u.disabled, u.created_at as "createdAt"
        from sessions s join users u on u.id = s.user_id
        where s.id_hash = ${idHash} and not u.disabled`;
      if (!row) return null;
      const { started, expiresAt, usedAt, ...user } = row;
      return { session: { idHash, userId: user.id, createdAt: started, expiresAt, usedAt }, user };
    },

    async extend(idHash: string, expiresAt: number, tx?: Tx): Promise<void> {
      await db.sql(tx)`update sessions set expires_at = ${expiresAt} where id_hash = ${idHash}`;
    },

    /** Notes that these sessions were used, those that were noted before `olderThan` only. */
    async touch(idHashes: readonly string[], usedAt: number, olderThan: number, tx?: Tx): Promise<void> {
      await db.sql(tx)`
        update sessions set used_at = ${usedAt}
        where id_hash = any(${[...idHashes]}::text[]) and used_at < ${olderThan}`;
    },

    /** Which of these sessions are there, unexpired at `now`, with an account that is not disabled. */
    async alive(idHashes: readonly string[], now: number, tx?: Tx): Promise<Set<string>> {
      const rows = await db.sql(tx)<{ idHash: string }[]>`
        select s.id_hash as "idHash" from sessions s join users u on u.id = s.user_id
        where s.id_hash = any(${[...idHashes]}::text[]) and s.expires_at > ${now} and not u.disabled`;
      return new Set(rows.map(({ idHash }) => idHash));
    },

    async remove(idHash: string, tx?: Tx): Promise<void> {
      await db.sql(tx)`delete from sessions where id_hash = ${idHash}`;
    },

    /** Ends every session of a person, but for the one named, and says which. */
    async removeForUser(userId: UserId, exceptHash: string | null = null, tx?: Tx): Promise<string[]> {
      const rows = await db.sql(tx)<{ idHash: string }[]>`
        delete from sessions where user_id = ${userId} and id_hash is distinct from ${exceptHash}::text
        returning id_hash as "idHash"`;
      return rows.map(({ idHash }) => idHash);
    },

    /** Ends one session of a person by the id that they are shown. Its hash, or null when they have none of that id. */
    async removeById(userId: UserId, id: string, tx?: Tx): Promise<string | null> {
      const [row] = await db.sql(tx)<{ idHash: string }[]>`
        delete from sessions where user_id = ${userId} and id = ${id} returning id_hash as "idHash"`;
      return row?.idHash ?? null;
    },

    /** Newest first, also those that have expired and are not swept yet. */
    async listForUser(userId: UserId, tx?: Tx): Promise<ListedSession[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<ListedSession[]>`
          select id, id_hash as "idHash", user_id as "userId", device, created_at as "createdAt",
            expires_at as "expiresAt", used_at as "usedAt"
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
