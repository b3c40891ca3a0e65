import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import type { User } from '../../server/store/users.ts';
import { later, onEveryStore, type World } from './engines.ts';

/** A board with three members, and a private room that its owner made. */
async function ground(world: World) {
  const { store } = world;
  const [owner, bob, cleo] = [await world.person(), await world.person(), await world.person()];
  const board = await world.board(owner);
  for (const user of [bob, cleo]) await store.boards.setMember(board, user.id, 'member');
  const room = newId();
  const made = await store.rooms.create({ id: room, board, name: 'Plans', by: owner.id, private: true });
  expect(made).toBe('ok');
  return { owner, bob, cleo, board, room, ref: `room/${room}` as const };
}

async function mention(world: World, of: User, by: User, o: { ref: `room/${string}`; board: string; seq: number }) {
  const slot = { ref: o.ref, author: by.id, mid: newId() };
  const place = { ...slot, seq: o.seq, volume: 1, at: 1_000 * o.seq };
  await world.store.transaction((tx) => world.store.messages.insert([place], tx));
  const row = { ...slot, user: of.id, kind: 'mention' as const };
  await world.store.notifications.add([{ ...row, by: by.id, board: o.board, excerpt: 'secret words', at: 1_000 }]);
  return row;
}

const onlyOf = async (world: World, user: User) => (await world.store.notifications.pending(100)).get(user.id) ?? [];

describe('who is in a private room', () => {
  onEveryStore((world) => {
    test('[DB31] it begins with its maker; members of the board are let in, nobody else', async () => {
      const { roomMembers } = world.store;
      const { owner, bob, board, room } = await ground(world);
      const stranger = await world.person();
      expect(await roomMembers.of(room)).toEqual([owner.id]);
      expect(await roomMembers.add(room, bob.id)).toBe('ok');
      expect(await roomMembers.add(room, bob.id)).toBe('ok');
      expect(await roomMembers.add(room, stranger.id)).toBe('not-found');
      expect(await roomMembers.add(newId(), bob.id)).toBe('not-found');
      expect(await roomMembers.of(room)).toEqual([owner.id, bob.id].sort());
      expect(await roomMembers.has(room, bob.id)).toBe(true);
      expect(await roomMembers.has(room, stranger.id)).toBe(false);

      const open = (await world.room(board, owner)).slice('room/'.length);
      expect(await roomMembers.of(open)).toBeNull();
      expect(await roomMembers.has(open, owner.id)).toBeNull();
      expect(await roomMembers.of(newId())).toEqual([]);
      expect(await roomMembers.has(newId(), owner.id)).toBe(false);
      expect(await roomMembers.add(open, bob.id)).toBe('not-found');
    });

    test('[DB31] each person has their own list of rooms, with everyone in them', async () => {
      const { roomMembers, rooms, boards } = world.store;
      const { owner, bob, cleo, board, room } = await ground(world);
      const second = newId();
      await later();
      await rooms.create({ id: second, board, name: 'Second', by: bob.id, private: true });
      await roomMembers.add(room, bob.id);
      const people = [owner.id, bob.id].sort();
      const list = await roomMembers.roomsFor(bob.id);
      expect(list.map(({ id, people }) => [id, people])).toEqual([
        [room, people],
        [second, [bob.id]],
      ]);
      expect(list[0]).toMatchObject({ board, name: 'Plans', private: true, by: owner.id, archivedAt: null });
      expect(await roomMembers.roomsFor(bob.id, board)).toHaveLength(2);
      expect(await roomMembers.roomsFor(bob.id, await world.board(bob))).toEqual([]);
      expect(await roomMembers.roomsFor(cleo.id)).toEqual([]);
      await rooms.change(second, { archived: true });
      expect((await roomMembers.roomsFor(bob.id)).map(({ id }) => id)).toEqual([room]);
      await boards.remove(board);
      expect(await roomMembers.roomsFor(bob.id)).toEqual([]);
    });

    test('[DB31] the lists of a board name no private room, also not to its owner', async () => {
      const { rooms, conversations, roomMembers } = world.store;
      const { owner, bob, board, ref, room } = await ground(world);
      expect(await rooms.forBoard(board)).toEqual([]);
      expect(await conversations.forBoard(board)).toEqual([]);
      expect((await conversations.privateFor(owner.id)).map((one) => one.ref)).toEqual([ref]);
      expect(await conversations.privateFor(bob.id)).toEqual([]);
      await roomMembers.add(room, bob.id);
      expect((await conversations.privateFor(bob.id)).map((one) => one.ref)).toEqual([ref]);
      await world.store.boards.remove(board);
      expect(await conversations.privateFor(bob.id)).toEqual([]);
    });

    test('[DB31] what someone sees is what the lists of their boards hold, and their private rooms', async () => {
      const { boards, rooms, conversations, roomMembers, tasks } = world.store;
      const { owner, bob, cleo, board, ref, room } = await ground(world);
      const other = await world.board(bob);
      const [open, gone] = [newId(), newId()];
      await rooms.create({ id: open, board, name: 'Open', by: owner.id, private: false });
      await rooms.create({ id: gone, board, name: 'Gone', by: owner.id, private: false });
      await rooms.remove(gone);
      await tasks.ensure([
        { id: newId(), board },
        { id: newId(), board: other },
      ]);
      const told = async (user: User) => (await conversations.seenBy(user.id)).conversations.map((one) => one.ref);
      const listed = async (user: User) => {
        const of = (await boards.forUser(user.id)).map(({ id }) => id);
        const lists = await Promise.all([
          ...of.map((id) => conversations.forBoard(id)),
          conversations.privateFor(user.id),
        ]);
        return {
          boards: of.sort(),
          refs: lists
            .flat()
            .map((one) => one.ref)
            .sort(),
        };
      };
      const same = async (user: User) => {
        const seen = await conversations.seenBy(user.id);
        const refs = seen.conversations.map((one) => one.ref);
        expect({ boards: seen.boards.sort(), refs: refs.sort() }).toEqual(await listed(user));
      };
      await same(owner);
      await same(bob);
      await same(cleo);
      expect(await told(owner)).toContain(ref);
      expect(await told(bob)).not.toContain(ref);
      expect(await told(bob)).toHaveLength(3);
      await roomMembers.add(room, bob.id);
      await same(bob);
      expect(await told(bob)).toContain(ref);
      await world.store.transaction((tx) => conversations.advance([{ ref, by: 1 }], tx));
      const seen = await conversations.seenBy(bob.id);
      expect([seen.conversations[0]?.ref, seen.boards]).toEqual([ref, [board, other]]);
      await boards.remove(board);
      expect(await told(owner)).toEqual([]);
      expect(await told(bob)).toHaveLength(1);
      const bare = await world.board(bob);
      expect((await conversations.seenBy(bob.id)).boards).toEqual([other, bare]);
      await same(bob);
    });

    test('[DB12] a private room keeps its name from nobody who does not see it', async () => {
      const { rooms, roomMembers } = world.store;
      const { owner, bob, cleo, board, room } = await ground(world);
      const make = (by: User, hidden: boolean, name = 'PLANS') =>
        rooms.create({ id: newId(), board, name, by: by.id, private: hidden });
      expect(await make(owner, true)).toBe('taken-name');
      expect(await make(owner, false)).toBe('taken-name');
      expect(await make(bob, true)).toBe('ok');
      await roomMembers.add(room, cleo.id);
      expect(await make(cleo, true)).toBe('taken-name');
      const open = newId();
      expect(await rooms.create({ id: open, board, name: 'plans', by: bob.id, private: true })).toBe('taken-name');
      await rooms.create({ id: open, board, name: 'Open', by: bob.id, private: false });
      expect(await rooms.change(open, { name: 'plans' })).toBe('ok');
      expect(await make(cleo, true)).toBe('taken-name');
      expect(await rooms.change(room, { name: 'Other' })).toBe('ok');
      expect(await rooms.change(room, { name: 'PLANS' })).toBe('taken-name');
    });

    test('[DB31] who leaves is out, and the last one takes the room out of use', async () => {
      const { rooms, roomMembers } = world.store;
      const { owner, bob, cleo, room } = await ground(world);
      await roomMembers.add(room, bob.id);
      expect(await roomMembers.remove(room, cleo.id)).toBe('not-found');
      expect(await roomMembers.remove(room, owner.id)).toBe('ok');
      expect(await roomMembers.remove(room, owner.id)).toBe('not-found');
      expect((await rooms.get(room))?.archivedAt).toBeNull();
      expect(await roomMembers.remove(room, bob.id)).toBe('ok');
      expect((await rooms.get(room))?.archivedAt).toBeTypeOf('number');
      expect(await roomMembers.of(room)).toEqual([]);
      expect(await roomMembers.add(room, bob.id)).toBe('not-found');
    });

    test('[DB31] of all who leave at the same time one is the last', async () => {
      const { rooms, roomMembers } = world.store;
      const { owner, bob, cleo, room } = await ground(world);
      for (const user of [bob, cleo]) await roomMembers.add(room, user.id);
      const answers = await Promise.all([owner, bob, cleo].map((user) => roomMembers.remove(room, user.id)));
      expect(answers).toEqual(['ok', 'ok', 'ok']);
      expect((await rooms.get(room))?.archivedAt).toBeTypeOf('number');
    });

    test('[DB31] who leaves the board leaves its private rooms, and coming back brings none', async () => {
      const { boards, roomMembers, rooms } = world.store;
      const { owner, bob, board, room } = await ground(world);
      const [alone, other] = [newId(), newId()];
      await rooms.create({ id: alone, board, name: 'Alone', by: bob.id, private: true });
      const elsewhere = await world.board(bob);
      await rooms.create({ id: other, board: elsewhere, name: 'Other', by: bob.id, private: true });
      await roomMembers.add(room, bob.id);
      expect(await boards.removeMember(board, owner.id)).toBe('last-owner');
      expect(await roomMembers.has(room, owner.id)).toBe(true);
      expect(await boards.removeMember(board, bob.id)).toBe('ok');
      await boards.setMember(board, bob.id, 'owner');
      expect(await roomMembers.of(room)).toEqual([owner.id]);
      expect((await roomMembers.roomsFor(bob.id)).map(({ id }) => id)).toEqual([other]);
      expect((await rooms.get(alone))?.archivedAt).toBeTypeOf('number');
    });

    test('[DB32] nobody is told of a private room’s words who is not in it', async () => {
      const { owner, bob, cleo, board, room, ref } = await ground(world);
      await world.store.roomMembers.add(room, bob.id);
      await mention(world, cleo, owner, { ref, board, seq: 1 });
      expect(await onlyOf(world, cleo)).toEqual([]);
      await mention(world, bob, owner, { ref, board, seq: 2 });
      expect(await onlyOf(world, bob)).toMatchObject([{ excerpt: 'secret words', withdrawn: false }]);
    });

    test.each(['room', 'board'] as const)('[DB32] who leaves the %s keeps none of its words', async (what) => {
      const { owner, bob, board, room, ref } = await ground(world);
      await world.store.roomMembers.add(room, bob.id);
      const [shown, waiting] = [
        await mention(world, bob, owner, { ref, board, seq: 1 }),
        await mention(world, bob, owner, { ref, board, seq: 2 }),
      ];
      const first = (await onlyOf(world, bob)).find((one) => one.mid === shown.mid);
      await world.store.notifications.markDelivered([first?.id ?? 0]);
      if (what === 'room') await world.store.roomMembers.remove(room, bob.id);
      else await world.store.boards.removeMember(board, bob.id);
      const left = await onlyOf(world, bob);
      expect(left).toMatchObject([{ mid: shown.mid, withdrawn: true, excerpt: '' }]);
      expect(left.some((one) => one.mid === waiting.mid)).toBe(false);
    });
  });
});
