import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { later, onEveryStore } from './engines.ts';

const HOUR = 3_600_000;

onEveryStore((world) => {
  describe('boards', () => {
    test('a board begins with its owner, and its id may be taken', async () => {
      const { boards } = world.store;
      const [owner, other] = [await world.person(), await world.person()];
      const id = newId();
      expect(await boards.create({ id, title: 'Plans', owner: owner.id })).toBe('ok');
      expect(await boards.create({ id, title: 'Mine', owner: other.id })).toBe('taken-id');
      expect(await boards.get(id)).toMatchObject({ id, title: 'Plans', by: owner.id });
      expect(await boards.members(id)).toEqual([
        { id: owner.id, username: owner.username, name: owner.name, role: 'owner' },
      ]);
      expect(await boards.role(id, owner.id)).toBe('owner');
      expect(await boards.role(id, other.id)).toBeNull();
      expect(await boards.get(newId())).toBeNull();
    });

    test('a person sees their boards by title', async () => {
      const { boards } = world.store;
      const [owner, guest] = [await world.person(), await world.person()];
      const [b, a] = [await world.board(owner), await world.board(owner)];
      await boards.rename(b, 'beta');
      await boards.rename(a, 'Alpha');
      await boards.setMember(b, guest.id, 'viewer');
      expect((await boards.forUser(owner.id)).map(({ title }) => title)).toEqual(['Alpha', 'beta']);
      expect(await boards.forUser(guest.id)).toEqual([{ id: b, title: 'beta', role: 'viewer' }]);
    });

    test('[DB9] the last owner neither goes nor steps down', async () => {
      const { boards } = world.store;
      const [owner, second] = [await world.person(), await world.person()];
      const id = await world.board(owner);
      expect(await boards.removeMember(id, owner.id)).toBe('last-owner');
      expect(await boards.setMember(id, owner.id, 'viewer')).toBe('last-owner');
      expect(await boards.setMember(id, owner.id, 'owner')).toBe('ok');
      expect(await boards.setMember(id, second.id, 'owner')).toBe('ok');
      expect(await boards.setMember(id, owner.id, 'viewer')).toBe('ok');
      expect(await boards.removeMember(id, owner.id)).toBe('ok');
      expect(await boards.removeMember(id, owner.id)).toBe('not-found');
      expect(await boards.setMember(id, newId(), 'viewer')).toBe('not-found');
      expect(await boards.setMember(newId(), owner.id, 'viewer')).toBe('not-found');
    });

    test('[DB9] two owners who remove each other at the same time leave one', async () => {
      const { boards } = world.store;
      for (let round = 0; round < 8; round++) {
        const [a, b] = [await world.person(), await world.person()];
        const id = await world.board(a);
        await boards.setMember(id, b.id, 'owner');
        const answers = await Promise.all([
          boards.removeMember(id, a.id),
          round % 2 ? boards.removeMember(id, b.id) : boards.setMember(id, b.id, 'member'),
        ]);
        expect(answers.sort()).toEqual(['last-owner', 'ok']);
        expect((await boards.members(id)).filter(({ role }) => role === 'owner')).toHaveLength(1);
      }
    });

    test('[DB10] a removed board is nobody’s', async () => {
      const { boards, invitations } = world.store;
      const [owner, guest] = [await world.person(), await world.person()];
      const id = await world.board(owner);
      const codeHash = newId();
      await invitations.create({ codeHash, board: id, role: 'member', by: owner.id, expiresAt: null, uses: null });
      expect(await boards.remove(id)).toBe(true);
      expect(await boards.remove(id)).toBe(false);
      expect(await boards.get(id)).toBeNull();
      expect(await boards.role(id, owner.id)).toBeNull();
      expect(await boards.members(id)).toEqual([]);
      expect(await boards.forUser(owner.id)).toEqual([]);
      expect(await boards.rename(id, 'x')).toBe(false);
      expect(await boards.setMember(id, guest.id, 'member')).toBe('not-found');
      expect(await boards.create({ id, title: 'again', owner: guest.id })).toBe('taken-id');
      expect(await invitations.get(codeHash)).toBeNull();
      expect(await invitations.redeem(codeHash, guest.id)).toBeNull();
    });

    test('[DB10] a removed board that is erased has left its id and those of its tasks', async () => {
      const { boards, conversations, documents, rooms, tasks } = world.store;
      const owner = await world.person();
      const [id, other] = [await world.board(owner), await world.board(owner)];
      const [task, kept] = [newId(), newId()];
      const ref = await world.room(id, owner);
      const keptRef = await world.room(other, owner);
      await tasks.ensure([
        { id: task, board: id },
        { id: kept, board: other },
      ]);
      await conversations.roll(ref, 1);
      const gone = [`board/${id}`, `task/${task}`, `task/${task}/1`, `${ref}/1`, `${ref}/2`];
      const stay = [`board/${other}`, `task/${kept}`, `task/${kept}/1`, `${keptRef}/1`];
      await documents.append([...gone, ...stay].map((name) => ({ name, data: Uint8Array.of(0, 0), author: null })));
      expect(await boards.erase(id)).toBe(false);
      expect(await boards.removed(10, 0)).not.toContain(id);
      await boards.remove(id);
      expect(await boards.removed(10, 60_000)).not.toContain(id);
      expect(await boards.removed(10, 0)).toContain(id);
      expect(await boards.erase(id)).toBe(true);
      expect(await boards.removed(10, 0)).not.toContain(id);
      expect([...(await documents.heads([...gone, ...stay])).keys()].sort()).toEqual(stay.sort());
      expect(await rooms.get(ref.slice('room/'.length))).toBeNull();
      expect(await conversations.get(ref)).toBeNull();
      expect(await conversations.get(keptRef)).not.toBeNull();
      expect(await boards.role(other, owner.id)).toBe('owner');
      expect(await boards.create({ id, title: 'again', owner: owner.id })).toBe('taken-id');
      expect(await tasks.ensure([{ id: task, board: other }])).toEqual([task]);
    });
  });

  describe('invitations', () => {
    const invite = async (o: { uses?: number | null; expiresAt?: number | null; role?: 'member' | 'viewer' } = {}) => {
      const owner = await world.person();
      const board = await world.board(owner);
      const invitation = {
        codeHash: newId(),
        board,
        role: o.role ?? ('member' as const),
        by: owner.id,
        expiresAt: o.expiresAt ?? null,
        uses: o.uses ?? null,
      };
      await world.store.invitations.create(invitation);
      return { ...invitation, owner };
    };

    test('[DB11] one use redeemed by ten at once lets one in', async () => {
      const { codeHash, board } = await invite({ uses: 1 });
      const people = await Promise.all(Array.from({ length: 10 }, () => world.person()));
      const answers = await Promise.all(people.map(({ id }) => world.store.invitations.redeem(codeHash, id)));
      expect(answers.filter((answer) => answer !== null)).toEqual([{ board, role: 'member' }]);
      expect(await world.store.boards.members(board)).toHaveLength(2);
      expect(await world.store.invitations.get(codeHash)).toBeNull();
    });

    test('[DB11] who comes again costs no use, and keeps the higher role', async () => {
      const { invitations, boards } = world.store;
      const { codeHash, board, owner } = await invite({ uses: 2, role: 'viewer' });
      const guest = await world.person();
      expect(await invitations.redeem(codeHash, owner.id)).toEqual({ board, role: 'owner' });
      expect(await invitations.redeem(codeHash, guest.id)).toEqual({ board, role: 'viewer' });
      expect(await invitations.redeem(codeHash, guest.id)).toEqual({ board, role: 'viewer' });
      expect((await invitations.get(codeHash))?.uses).toBe(1);
      expect(await boards.role(board, owner.id)).toBe('owner');
    });

    test('[DB11] it ends with its maker’s being an owner, and stands again with it', async () => {
      const { invitations, boards } = world.store;
      const { codeHash, board, owner } = await invite({ role: 'member' });
      const other = await world.person();
      await boards.setMember(board, other.id, 'owner');
      await boards.setMember(board, owner.id, 'member');
      expect(await invitations.get(codeHash)).toBeNull();
      expect(await invitations.list(board)).toEqual([]);
      await boards.removeMember(board, owner.id);
      expect(await invitations.redeem(codeHash, owner.id)).toBeNull();
      expect(await boards.role(board, owner.id)).toBeNull();
      await boards.setMember(board, owner.id, 'owner');
      expect(await invitations.get(codeHash)).toMatchObject({ board });
    });

    test('[DB11] a higher role lifts a member', async () => {
      const { codeHash, board } = await invite({ role: 'member' });
      const guest = await world.person();
      await world.store.boards.setMember(board, guest.id, 'viewer');
      expect(await world.store.invitations.redeem(codeHash, guest.id)).toEqual({ board, role: 'member' });
      expect(await world.store.boards.role(board, guest.id)).toBe('member');
    });

    test('[DB11] unknown, revoked and expired are one answer', async () => {
      const { invitations } = world.store;
      const guest = await world.person();
      const expired = await invite({ expiresAt: Date.now() - HOUR });
      const revoked = await invite();
      const elsewhere = await invite();
      expect(await invitations.revoke(elsewhere.board, revoked.codeHash)).toBe(false);
      expect(await invitations.revoke(revoked.board, revoked.codeHash)).toBe(true);
      expect(await invitations.revoke(revoked.board, revoked.codeHash)).toBe(false);
      for (const codeHash of [newId(), expired.codeHash, revoked.codeHash]) {
        expect(await invitations.get(codeHash)).toBeNull();
        expect(await invitations.redeem(codeHash, guest.id)).toBeNull();
      }
    });

    test('[DB11] a redemption that is undone costs nothing', async () => {
      const { codeHash, board } = await invite({ uses: 1 });
      const guest = await world.person();
      const undone = world.store.transaction(async (tx) => {
        expect(await world.store.invitations.redeem(codeHash, guest.id, tx)).toEqual({ board, role: 'member' });
        throw new Error('the name was taken');
      });
      await expect(undone).rejects.toThrow('the name was taken');
      expect(await world.store.invitations.redeem(codeHash, guest.id)).toEqual({ board, role: 'member' });
    });

    test('an owner sees those that still work, newest first', async () => {
      const { invitations } = world.store;
      const owner = await world.person();
      const board = await world.board(owner);
      const base = { board, role: 'viewer' as const, by: owner.id };
      const expiresAt = Date.now() + HOUR;
      await invitations.create({ ...base, codeHash: 'first', expiresAt, uses: 3 });
      await invitations.create({ ...base, codeHash: 'over', expiresAt: Date.now() - 1, uses: 3 });
      await later();
      await invitations.create({ ...base, codeHash: 'second', expiresAt: null, uses: null });
      const list = await invitations.list(board);
      expect(list.map(({ codeHash }) => codeHash)).toEqual(['second', 'first']);
      expect(list[1]).toMatchObject({ board, role: 'viewer', by: owner.id, expiresAt, uses: 3 });
      expect(await invitations.get('first')).toMatchObject({ title: 'Board', role: 'viewer' });
    });
  });

  describe('rooms and tasks', () => {
    test('a room begins with its conversation', async () => {
      const { rooms, conversations } = world.store;
      const owner = await world.person();
      const board = await world.board(owner);
      const id = newId();
      expect(await rooms.create({ id, board, name: 'General', by: owner.id, private: true })).toBe('ok');
      expect(await rooms.get(id)).toMatchObject({
        id,
        board,
        name: 'General',
        private: true,
        by: owner.id,
        archivedAt: null,
      });
      expect(await conversations.get(`room/${id}`)).toEqual({
        ref: `room/${id}`,
        board,
        head: 1,
        nextSeq: 1,
        headCount: 0,
        lastAt: null,
      });
      expect(await rooms.get(newId())).toBeNull();
    });

    test('[DB12] names are unique among the rooms in use, whatever their case', async () => {
      const { rooms } = world.store;
      const owner = await world.person();
      const [board, other] = [await world.board(owner), await world.board(owner)];
      const room = (id: string, name: string, on = board) =>
        rooms.create({ id, board: on, name, by: owner.id, private: false });
      const [a, b, c] = [newId(), newId(), newId()];
      expect(await room(a, 'General')).toBe('ok');
      expect(await room(a, 'Another')).toBe('taken-id');
      expect(await room(b, 'GENERAL')).toBe('taken-name');
      expect(await room(c, 'general', other)).toBe('ok');
      await later();
      expect(await room(b, 'Second')).toBe('ok');
      expect(await rooms.change(b, { name: 'GENERAL' })).toBe('taken-name');
      expect(await rooms.change(b, { name: 'SECOND' })).toBe('ok');
      expect((await rooms.forBoard(board)).map(({ name }) => name)).toEqual(['General', 'SECOND']);
      expect(await rooms.change(a, { archived: true })).toBe('ok');
      expect(await rooms.change(a, { name: 'x' })).toBe('archived');
      expect(await rooms.change(b, { name: 'General' })).toBe('ok');
      expect((await rooms.forBoard(board)).map(({ id }) => id)).toEqual([b]);
      expect((await rooms.get(a))?.archivedAt).toBeTypeOf('number');
    });

    test('[DB12] of five who take one name at the same time one gets it', async () => {
      const owner = await world.person();
      const board = await world.board(owner);
      const answers = await Promise.all(
        Array.from({ length: 5 }, () =>
          world.store.rooms.create({ id: newId(), board, name: 'Same', by: owner.id, private: false }),
        ),
      );
      expect(answers.sort()).toEqual(['ok', 'taken-name', 'taken-name', 'taken-name', 'taken-name']);
    });

    test('[DB12] a refusal leaves its transaction usable', async () => {
      const owner = await world.person();
      const board = await world.board(owner);
      const room = { id: newId(), board, name: 'Lobby', by: owner.id, private: false };
      await world.store.rooms.create(room);
      const answer = await world.store.transaction(async (tx) => {
        const refused = await world.store.rooms.create(room, tx);
        await world.store.rooms.create({ ...room, id: newId(), name: 'Bar' }, tx);
        return refused;
      });
      expect(answer).toBe('taken-id');
      expect(await world.store.rooms.forBoard(board)).toHaveLength(2);
    });

    test('[DB13] a task is made once, with its conversation, and stays in its board', async () => {
      const { tasks, conversations } = world.store;
      const owner = await world.person();
      const [board, other] = [await world.board(owner), await world.board(owner)];
      const [a, b] = [newId(), newId()];
      expect(
        await tasks.ensure([
          { id: a, board },
          { id: a, board },
        ]),
      ).toEqual([]);
      expect(
        await tasks.ensure([
          { id: a, board: other },
          { id: b, board: other },
        ]),
      ).toEqual([a]);
      expect(await tasks.ensure([{ id: a, board }])).toEqual([]);
      expect(await tasks.boardOf(a)).toBe(board);
      expect(await tasks.boardOf(b)).toBe(other);
      expect(await tasks.boardOf(newId())).toBeNull();
      expect((await conversations.forBoard(board)).map(({ ref }) => ref)).toEqual([`task/${a}`]);
      expect(await tasks.ensure([])).toEqual([]);
    });

    test('[DB13] made by many at the same time it is still made once', async () => {
      const owner = await world.person();
      const board = await world.board(owner);
      const rows = Array.from({ length: 5 }, () => ({ id: newId(), board }));
      await Promise.all([rows, [...rows].reverse(), rows].map((batch) => world.store.tasks.ensure(batch)));
      expect(await world.store.conversations.forBoard(board)).toHaveLength(5);
    });
  });
});
