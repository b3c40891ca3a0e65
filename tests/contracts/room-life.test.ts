import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { later, onEveryStore, type World } from './engines.ts';

async function ground(world: World) {
  const owner = await world.person();
  const board = await world.board(owner);
  const make = async (name: string) => (await world.room(board, owner, name)).slice('room/'.length);
  return { owner, board, make };
}

describe('the life of a room', () => {
  onEveryStore((world) => {
    test('[DB34] is changed all at once or not at all', async () => {
      const { rooms } = world.store;
      const { make } = await ground(world);
      const [a] = [await make('Kitchen'), await make('Garden')];
      expect(await rooms.change(a, { name: 'Cellar', description: 'Wine\nand more' })).toBe('ok');
      expect(await rooms.get(a)).toMatchObject({ name: 'Cellar', description: 'Wine\nand more', archivedAt: null });
      expect(await rooms.change(a, { name: 'gARDEN', description: 'lost' })).toBe('taken-name');
      expect(await rooms.get(a)).toMatchObject({ name: 'Cellar', description: 'Wine\nand more' });
      expect(await rooms.change(a, { name: 'CELLAR' })).toBe('ok');
      expect(await rooms.change(a, { description: '' })).toBe('ok');
      expect(await rooms.get(a)).toMatchObject({ name: 'CELLAR', description: '' });
      expect(await rooms.change(newId(), { name: 'x' })).toBe('not-found');
    });

    test('[DB34] archived it keeps its words and gives its name free, and comes back under one that is free', async () => {
      const { rooms, conversations } = world.store;
      const { board, make } = await ground(world);
      const a = await make('Kitchen');
      await rooms.change(a, { description: 'Where we cook' });
      expect(await rooms.change(a, { archived: true })).toBe('ok');
      const since = (await rooms.get(a))?.archivedAt;
      expect(since).toBeTypeOf('number');
      expect(await rooms.change(a, { archived: true })).toBe('ok');
      expect((await rooms.get(a))?.archivedAt).toBe(since);
      expect(await rooms.change(a, { description: 'other' })).toBe('archived');
      expect((await rooms.forBoard(board)).map(({ id }) => id)).toEqual([]);
      expect((await rooms.archived(board)).map(({ id }) => id)).toEqual([a]);
      const inUse = (await rooms.forBoard(board)).map(({ id }) => id);
      expect((await rooms.listed(board)).map(({ id }) => id).toSorted()).toEqual([a, ...inUse].toSorted());
      // What was said there can still be read.
      expect((await conversations.forBoard(board)).map(({ ref }) => ref)).toContain(`room/${a}`);
      await later();
      const b = await make('kitchen');
      expect(await rooms.change(a, { archived: false })).toBe('taken-name');
      expect((await rooms.get(a))?.archivedAt).toBe(since);
      expect(await rooms.change(a, { archived: false, name: 'Old kitchen' })).toBe('ok');
      expect(await rooms.get(a)).toMatchObject({
        name: 'Old kitchen',
        description: 'Where we cook',
        archivedAt: null,
      });
      expect((await rooms.forBoard(board)).map(({ id }) => id)).toEqual([a, b]);
      expect(await rooms.archived(board)).toEqual([]);
    });

    test('[DB34] the rooms of a removed board are not changed', async () => {
      const { rooms, boards } = world.store;
      const { board, make } = await ground(world);
      const a = await make('Kitchen');
      await boards.remove(board);
      expect(await rooms.change(a, { name: 'x' })).toBe('not-found');
    });

    test('[DB35] a removed room is hidden at once, then erased; only its id stays', async () => {
      const { rooms, conversations, documents, messages, notifications, transaction } = world.store;
      const { owner, board, make } = await ground(world);
      const [gone, stays] = [await make('Gone'), await make('Stays')];
      const bob = await world.person();
      await conversations.roll(`room/${gone}`, 1);
      const names = [`room/${gone}/1`, `room/${gone}/2`, `room/${stays}/1`, `board/${board}`];
      await documents.append(names.map((name) => ({ name, data: Uint8Array.of(0, 0), author: null })));
      const slots = [gone, stays].map((id) => ({ ref: `room/${id}` as const, author: owner.id, mid: newId() }));
      await transaction((tx) =>
        messages.insert(
          slots.map((slot) => ({ ...slot, seq: 1, volume: 1, at: 1_000 })),
          tx,
        ),
      );
      await notifications.add(
        slots.map((slot) => ({ ...slot, user: bob.id, kind: 'mention', by: owner.id, board, excerpt: 'x', at: 1_000 })),
      );
      expect(await rooms.erase(gone)).toBe(false);
      expect(await rooms.remove(gone)).toBe(true);
      expect(await rooms.remove(gone)).toBe(false);
      expect(await rooms.get(gone)).toBeNull();
      expect(await rooms.boardOf(gone)).toBe(board);
      expect(await rooms.change(gone, { archived: false })).toBe('not-found');
      expect((await rooms.forBoard(board)).map(({ id }) => id)).toEqual([stays]);
      expect(await rooms.archived(board)).toEqual([]);
      expect((await conversations.forBoard(board)).map(({ ref }) => ref)).toEqual([`room/${stays}`]);
      const removed = async (ago: number) => (await rooms.removed(1_000, ago)).map(({ id }) => id);
      expect(await removed(60_000)).not.toContain(gone);
      expect(await rooms.removed(1_000, 0)).toContainEqual({ id: gone, board });

      const pending = async () => [...(await notifications.pending(100)).values()].flat().map(({ ref }) => ref);
      expect(await notifications.withdrawConversation(`room/${gone}`)).toBe(0);
      expect(await pending()).toContain(`room/${stays}`);
      expect(await pending()).not.toContain(`room/${gone}`);
      expect(await rooms.erase(gone)).toBe(true);
      expect(await rooms.erase(gone)).toBe(false);
      expect(await removed(0)).not.toContain(gone);
      expect([...(await documents.heads(names)).keys()].sort()).toEqual(names.slice(2).sort());
      expect(await conversations.get(`room/${gone}`)).toBeNull();
      expect(await messages.byMid(slots[0]?.mid ?? '')).toBeNull();
      expect(await messages.byMid(slots[1]?.mid ?? '')).not.toBeNull();
      const again = { id: gone, board, name: 'Gone', by: owner.id, private: false };
      expect(await rooms.create(again)).toBe('taken-id');
      expect(await rooms.create({ ...again, id: newId() })).toBe('ok');
    });

    test('[DB35] of what inboxes show of a removed room, it is known how much', async () => {
      const { messages, notifications, transaction } = world.store;
      const { owner, board, make } = await ground(world);
      const ref = `room/${await make('Gone')}` as const;
      const bob = await world.person();
      const slot = { ref, author: owner.id, mid: newId() };
      await transaction((tx) => messages.insert([{ ...slot, seq: 1, volume: 1, at: 1_000 }], tx));
      await notifications.add([
        { ...slot, user: bob.id, kind: 'mention', by: owner.id, board, excerpt: 'x', at: 1_000 },
      ]);
      const mine = async () => (await notifications.pending(100)).get(bob.id) ?? [];
      await notifications.markDelivered((await mine()).map(({ id }) => id));
      expect(await notifications.withdrawConversation(ref)).toBe(1);
      expect(await mine()).toMatchObject([{ withdrawn: true, excerpt: '' }]);
      await notifications.markWithdrawn((await mine()).map(({ id }) => id));
      expect(await notifications.withdrawConversation(ref)).toBe(0);
    });
  });
});
