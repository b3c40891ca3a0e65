import { atLeast, type Role } from '../../../src/lib/model/roles.ts';
import { cleanText } from '../../../server/store/database.ts';
import type { Store } from '../../../server/store/store.ts';
import type { Connection } from './connection.ts';
import { slotKey, toldKey } from './conversations.ts';
import type { BoardRow, View } from './data.ts';
import { insideKey, memberKey } from './keys.ts';
import { roomsWith, takeOut } from './room-members.ts';
import { mustBeThere } from './tables.ts';

const MINUTE_MS = 60_000;

/** Removed so long ago, or by a clock that has been set back since. */
export function isOver(removedAt: number | null, now: number, agoMs: number): boolean {
  return removedAt !== null && (removedAt <= now - agoMs || removedAt > now + MINUTE_MS);
}

function inUse(view: View, id: string): BoardRow | null {
  const board = view.boards.get(id);
  return board?.removedAt === null ? board : null;
}

function isLastOwner({ memberships }: View, board: string, user: string): boolean {
  const owners = memberships.where((row) => row.board === board && row.role === 'owner');
  return owners.length === 1 && owners[0]?.user === user;
}

export function boardsIn(db: Connection): Store['boards'] {
  return {
    create: ({ id, title, owner }, tx) =>
      db.write(tx, ({ boards, memberships, users }) => {
        if (boards.has(id)) return 'taken-id';
        mustBeThere(users.has(owner));
        boards.set(id, { id, title: cleanText(title), by: owner, createdAt: db.steps.now(), removedAt: null });
        memberships.set(memberKey(id, owner), { board: id, user: owner, role: 'owner' });
        return 'ok';
      }),

    get: (id, tx) =>
      db.read(tx, (view) => {
        const board = inUse(view, id);
        return board === null ? null : { id, title: board.title, by: board.by, createdAt: board.createdAt };
      }),

    rename: (id, title, tx) =>
      db.write(tx, (view) => inUse(view, id) !== null && view.boards.update(id, { title: cleanText(title) })),

    remove: (id, tx) =>
      db.write(tx, (view) => inUse(view, id) !== null && view.boards.update(id, { removedAt: db.steps.now() })),

    removed: (limit, agoMs, tx) =>
      db.read(tx, ({ boards }) =>
        boards
          .where((row) => row.title !== '' && isOver(row.removedAt, db.steps.now(), agoMs))
          .sort((a, b) => (a.removedAt ?? 0) - (b.removedAt ?? 0) || compare(a.id, b.id))
          .slice(0, limit)
          .map(({ id }) => id),
      ),

    erase: (id, tx) =>
      db.write(tx, (view) => {
        if (view.boards.get(id)?.removedAt == null) return false;
        view.boards.update(id, { title: '' });
        const refs = view.conversations.where((row) => row.board === id);
        const names = [`board/${id}`, ...view.tasks.where((row) => row.board === id).map((task) => `task/${task.id}`)];
        for (const { ref, head } of refs) for (let n = 1; n <= head; n++) names.push(`${ref}/${n}`);
        for (const name of names) view.documents.delete(name);
        const ofBoard = new Set(refs.map(({ ref }) => ref));
        for (const row of view.notifications.where(({ board }) => board === id))
          view.notifications.delete(toldKey(row));
        for (const row of view.messageEdits.where(({ ref }) => ofBoard.has(ref)))
          view.messageEdits.delete(String(row.nth));
        for (const row of view.messages.where(({ ref }) => ofBoard.has(ref))) view.messages.delete(slotKey(row));
        for (const { ref } of refs) view.conversations.delete(ref);
        for (const room of view.rooms.where(({ board }) => board === id)) {
          view.rooms.delete(room.id);
          for (const row of view.levels.where((one) => one.room === room.id)) {
            view.levels.delete(`${row.room}/${row.user}`);
          }
          for (const row of view.roomMembers.where((one) => one.room === room.id)) {
            view.roomMembers.delete(insideKey(room.id, row.user));
          }
        }
        for (const row of view.memberships.where(({ board }) => board === id)) {
          view.memberships.delete(memberKey(id, row.user));
        }
        return true;
      }),

    forUser: (user, tx) =>
      db.read(tx, (view) =>
        view.memberships
          .where((row) => row.user === user && inUse(view, row.board) !== null)
          .map(({ board, role }) => ({ id: board, title: inUse(view, board)?.title ?? '', role }))
          .sort((a, b) => compare(a.title.toLowerCase(), b.title.toLowerCase()) || compare(a.id, b.id)),
      ),

    members: (board, tx) =>
      db.read(tx, (view) => {
        if (inUse(view, board) === null) return [];
        return view.memberships
          .where((row) => row.board === board)
          .map(({ user, role }) => {
            const { id, username, name } = view.users.get(user) ?? { id: user, username: '', name: '' };
            return { id, username, name, role };
          })
          .sort((a, b) => compare(a.username, b.username));
      }),

    formerMembers: (board, tx) =>
      db.read(tx, (view) =>
        view.boards.get(board) === undefined || inUse(view, board) !== null
          ? []
          : view.memberships
              .where((row) => row.board === board)
              .map(({ user }) => user)
              .sort(compare),
      ),
    role: (board, user, tx) =>
      db.read(tx, (view) =>
        inUse(view, board) === null ? null : (view.memberships.get(memberKey(board, user))?.role ?? null),
      ),

    setMember: (board, user, role, tx) =>
      db.write(tx, (view) => {
        if (inUse(view, board) === null) return 'not-found';
        if (role !== 'owner' && isLastOwner(view, board, user)) return 'last-owner';
        if (!view.users.has(user)) return 'not-found';
        view.memberships.set(memberKey(board, user), { board, user, role });
        return 'ok';
      }),

    removeMember: (board, user, tx) =>
      db.write(tx, (view) => {
        if (inUse(view, board) === null) return 'not-found';
        if (isLastOwner(view, board, user)) return 'last-owner';
        takeOut(view, roomsWith(view, board, user), user, db.steps.now());
        return view.memberships.delete(memberKey(board, user)) ? 'ok' : 'not-found';
      }),
  };
}

export function invitationsIn(db: Connection): Store['invitations'] {
  const usable = (view: View, codeHash: string) => {
    const row = view.invitations.get(codeHash);
    if (row === undefined || inUse(view, row.board) === null) return null;
    const late = row.expiresAt !== null && row.expiresAt <= db.steps.now();
    const stands = view.memberships.get(memberKey(row.board, row.by))?.role === 'owner';
    return late || row.uses === 0 || !stands ? null : row;
  };
  return {
    create: (row, tx) =>
      db.write(tx, ({ invitations }) => {
        invitations.insert(row.codeHash, { ...row, createdAt: db.steps.now(), nth: db.data.nextId() });
      }),

    get: (codeHash, tx) =>
      db.read(tx, (view) => {
        const row = usable(view, codeHash);
        if (row === null) return null;
        const { nth: _nth, ...invitation } = row;
        return { ...invitation, title: inUse(view, row.board)?.title ?? '' };
      }),

    list: (board, tx) =>
      db.read(tx, (view) =>
        view.invitations
          .where((row) => row.board === board && usable(view, row.codeHash) !== null)
          .sort((a, b) => b.nth - a.nth)
          .map(({ nth: _nth, ...invitation }) => invitation),
      ),

    redeem: (codeHash, user, tx) =>
      db.write(tx, (view): { board: string; role: Role } | null => {
        const row = usable(view, codeHash);
        if (row === null) return null;
        const { board, role, uses } = row;
        const member = view.memberships.get(memberKey(board, user));
        if (member !== undefined && atLeast(member.role, role)) return { board, role: member.role };
        view.memberships.set(memberKey(board, user), { board, user, role });
        if (uses !== null) view.invitations.update(codeHash, { uses: uses - 1 });
        return { board, role };
      }),

    revoke: (board, codeHash, tx) =>
      db.write(tx, ({ invitations }) => invitations.get(codeHash)?.board === board && invitations.delete(codeHash)),
  };
}

export function tasksIn(db: Connection): Store['tasks'] {
  return {
    ensure: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve([]);
      return db.write(tx, ({ tasks, conversations, boards }) => {
        const foreign: string[] = [];
        for (const { id, board } of rows) {
          const known = tasks.get(id);
          if (known !== undefined) {
            if (known.board !== board && !foreign.includes(id)) foreign.push(id);
            continue;
          }
          mustBeThere(boards.has(board));
          tasks.set(id, { id, board });
          const ref = `task/${id}` as const;
          conversations.insert(ref, { ref, board, head: 1, nextSeq: 1, headCount: 0, lastAt: null });
        }
        return foreign;
      });
    },

    boardOf: (id, tx) => db.read(tx, ({ tasks }) => tasks.get(id)?.board ?? null),
  };
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
