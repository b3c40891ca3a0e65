import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import { atLeast, type Role } from '../../src/lib/model/roles.ts';
import type { Database, Tx } from './database.ts';

export interface Invitation {
  /** SHA-256 of the code in the link. */
  codeHash: string;
  board: BoardId;
  role: Role;
  by: UserId;
  createdAt: number;
  /** Null: never. */
  expiresAt: number | null;
  /** How many people may still come by it. Null: any number. */
  uses: number | null;
}

export type NewInvitation = Omit<Invitation, 'createdAt'>;

export function invitationsOf(db: Database) {
  /** Of an invitation `i`: neither expired nor used up, and who made it is still an owner. */
  const stands = (tx?: Tx) => db.sql(tx)`
    (i.expires_at is null or i.expires_at > now()) and (i.uses is null or i.uses > 0)
    and exists (select 1 from memberships m where m.board = i.board and m.user_id = i.created_by and m.role = 'owner')`;

  return {
    async create({ codeHash, board, role, by, expiresAt, uses }: NewInvitation, tx?: Tx): Promise<void> {
      await db.sql(tx)`
        insert into invitations (code_hash, board, role, created_by, expires_at, uses)
        values (${codeHash}, ${board}, ${role}, ${by}, ${expiresAt}, ${uses})`;
    },

    /** One that can still be redeemed, with the title of its board. */
    async get(codeHash: string, tx?: Tx): Promise<(Invitation & { title: string }) | null> {
      const [row] = await db.sql(tx)<(Invitation & { title: string })[]>`
        select i.code_hash as "codeHash", i.board, i.role, i.created_by as by, i.created_at as "createdAt",
          i.expires_at as "expiresAt", i.uses, b.title
        from invitations i join boards b on b.id = i.board
        where i.code_hash = ${codeHash} and b.removed_at is null and ${stands(tx)}`;
      return row ?? null;
    },

    /** Those of a board that can still be redeemed, newest first. */
    async list(board: BoardId, tx?: Tx): Promise<Invitation[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<Invitation[]>`
          select i.code_hash as "codeHash", i.board, i.role, i.created_by as by, i.created_at as "createdAt",
            i.expires_at as "expiresAt", i.uses
          from invitations i where i.board = ${board} and ${stands(tx)}
          order by i.created_at desc, i.code_hash`),
      ];
    },

    /**
     * Makes `user` a member, and says as what. Null when the invitation is unknown, revoked, expired or used up, its
     * board is removed, or its maker is no owner of it any more. Who has that role or a higher one already keeps it, and costs no use.
     */
    async redeem(codeHash: string, user: UserId, tx?: Tx): Promise<{ board: BoardId; role: Role } | null> {
      return db.within(tx, async (tx) => {
        const sql = db.sql(tx);
        // Two statements, because one that waits for a lock still sees memberships as they were before.
        await sql`
          select from invitations i join boards b on b.id = i.board where i.code_hash = ${codeHash}
          for no key update of i, b`;
        const [invitation] = await sql<{ board: BoardId; role: Role }[]>`
          select i.board, i.role from invitations i join boards b on b.id = i.board
          where i.code_hash = ${codeHash} and b.removed_at is null and ${stands(tx)}`;
        if (!invitation) return null;
        const { board, role } = invitation;
        const [member] = await sql<{ role: Role }[]>`
          select role from memberships where board = ${board} and user_id = ${user}`;
        if (member && atLeast(member.role, role)) return { board, role: member.role };
        await sql`
          insert into memberships (board, user_id, role) values (${board}, ${user}, ${role})
          on conflict (board, user_id) do update set role = excluded.role`;
        await sql`update invitations set uses = uses - 1 where code_hash = ${codeHash}`;
        return { board, role };
      });
    },

    /** False when the board has no such invitation. */
    async revoke(board: BoardId, codeHash: string, tx?: Tx): Promise<boolean> {
      const { count } = await db.sql(tx)`
        delete from invitations where board = ${board} and code_hash = ${codeHash}`;
      return count === 1;
    },
  };
}
