import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import type { NewNotification } from '../../server/store/notifications.ts';
import type { User } from '../../server/store/users.ts';
import { onEveryStore, type World } from './engines.ts';

/** A message by the first of some people, and what tells each of the others of it. */
async function message(world: World, others: number) {
  const [author, ...people] = await Promise.all(Array.from({ length: 1 + others }, () => world.person()));
  if (author === undefined) throw new Error('nobody');
  const board = await world.board(author);
  for (const { id } of people) await world.store.boards.setMember(board, id, 'member');
  const ref = await world.room(board, author);
  const slot = { ref, author: author.id, mid: newId() };
  const at = Date.now();
  await world.store.transaction(async (tx) => {
    await world.store.conversations.lock([ref], tx);
    await world.store.messages.insert([{ ...slot, seq: 1, volume: 1, at }], tx);
    await world.store.conversations.advance([{ ref, by: 1 }], tx);
  });
  const row = (user: User, kind: NewNotification['kind']): NewNotification => ({
    ...slot,
    user: user.id,
    kind,
    by: author.id,
    board,
    excerpt: 'Hi',
    at,
  });
  return { author, people, board, slot, row };
}

onEveryStore((world) => {
  const pendingFor = async (user: User) => (await world.store.notifications.pending(5_000)).get(user.id) ?? [];

  describe('telling', () => {
    test('[DB17] one message tells one person once, whatever the reasons', async () => {
      const { notifications } = world.store;
      const { people, row } = await message(world, 1);
      const [ben] = people as [User];
      await notifications.add([row(ben, 'group')]);
      await notifications.add([row(ben, 'mention')]);
      const pending = await pendingFor(ben);
      expect(pending).toMatchObject([{ kind: 'mention' }]);
      const id = pending[0]?.id ?? 0;
      await notifications.markDelivered([id]);
      await notifications.markReworded([{ id, kind: 'group', excerpt: 'Hi' }]);
      expect(await pendingFor(ben)).toMatchObject([{ id, kind: 'mention' }]);
      await notifications.markReworded([{ id, kind: 'mention', excerpt: 'Hi' }]);
      expect(await pendingFor(ben)).toEqual([]);
    });

    test('[DB17] another reason changes what is wanted, and makes nobody told', async () => {
      const { notifications } = world.store;
      const { people, row, slot } = await message(world, 2);
      const [ben, cleo] = people as [User, User];
      await notifications.add([row(ben, 'mention')]);
      await notifications.setKinds([
        { ...slot, user: ben.id, kind: 'group' },
        { ...slot, user: cleo.id, kind: 'group' },
      ]);
      expect(await pendingFor(ben)).toMatchObject([{ kind: 'group', excerpt: 'Hi' }]);
      expect(await pendingFor(cleo)).toEqual([]);
      await notifications.withdraw([{ ...slot, user: ben.id }]);
      await notifications.setKinds([{ ...slot, user: ben.id, kind: 'reply' }]);
      expect(await pendingFor(ben)).toEqual([]);
    });

    test('[DB17] who is named no longer is told no longer, whoever they are; who hears of everything is', async () => {
      const { notifications } = world.store;
      const [one, other] = [await message(world, 5), await message(world, 1)];
      const [ben, cleo, dan, eve, fay] = one.people as [User, User, User, User, User];
      const [gil] = other.people as [User];
      await notifications.add([
        one.row(ben, 'mention'),
        one.row(cleo, 'group'),
        one.row(dan, 'reply'),
        one.row(eve, 'message'),
        one.row(fay, 'quiet'),
        other.row(gil, 'group'),
      ]);
      await notifications.withdrawFromOthers([{ ...one.slot, keep: [ben.id] }]);
      const kinds = await Promise.all([ben, cleo, dan, eve, fay, gil].map(pendingFor));
      expect(kinds.map((rows) => rows.map(({ kind }) => kind))).toEqual([
        ['mention'],
        [],
        [],
        ['message'],
        ['quiet'],
        ['group'],
      ]);
      await notifications.withdrawFromOthers([{ ...one.slot, keep: [] }]);
      expect(await pendingFor(ben)).toEqual([]);
      await notifications.withdrawFromOthers([]);
    });

    test('[DB17] a message that is over is withdrawn from all; another one stays', async () => {
      const { notifications } = world.store;
      const [one, other] = [await message(world, 2), await message(world, 1)];
      await notifications.add([
        ...one.people.map((user) => one.row(user, 'group')),
        other.row(other.people[0]!, 'reply'),
      ]);
      await notifications.withdrawMessages([one.slot]);
      for (const user of one.people) expect(await pendingFor(user)).toEqual([]);
      expect(await pendingFor(other.people[0]!)).toHaveLength(1);
      await notifications.withdrawMessages([]);
    });

    test('[DB17] new words reach all who were told, but not who has left the board', async () => {
      const { notifications, boards } = world.store;
      const { people, row, slot, board } = await message(world, 3);
      const [ben, cleo, dan] = people as [User, User, User];
      await notifications.add([row(ben, 'mention'), row(cleo, 'group')]);
      await boards.removeMember(board, cleo.id);
      await notifications.reword([{ ...slot, excerpt: 'Later' }]);
      expect(await pendingFor(ben)).toMatchObject([{ kind: 'mention', excerpt: 'Later' }]);
      expect((await pendingFor(cleo)).map(({ excerpt }) => excerpt)).not.toContain('Later');
      expect(await pendingFor(dan)).toEqual([]);
    });

    test('[DB36] a level is kept for one room and person, and the usual one not at all', async () => {
      const { levels } = world.store;
      const { people } = await message(world, 2);
      const [ben, cleo] = people as [User, User];
      const [room, other] = [newId(), newId()];
      await levels.set([
        { room, user: ben.id, level: 'none' },
        { room, user: ben.id, level: 'all' },
        { room, user: cleo.id, level: 'direct' },
        { room: other, user: ben.id, level: 'none' },
      ]);
      const chosen = new Map([
        [ben.id, 'all'],
        [cleo.id, 'direct'],
      ]);
      expect(await levels.inRooms([room])).toEqual(new Map([[room, chosen]]));
      await levels.set([
        { room, user: ben.id, level: 'mentions' },
        { room, user: cleo.id, level: 'none' },
      ]);
      expect(await levels.inRooms([room, other, newId()])).toEqual(
        new Map([
          [room, new Map([[cleo.id, 'none']])],
          [other, new Map([[ben.id, 'none']])],
        ]),
      );
      await levels.set([]);
      expect(await levels.inRooms([])).toEqual(new Map());
    });

    test('[DB36] a level that is undone with its transaction was never chosen', async () => {
      const { people } = await message(world, 1);
      const room = newId();
      await expect(
        world.store.transaction(async (tx) => {
          await world.store.levels.set([{ room, user: people[0]!.id, level: 'none' }], tx);
          throw new Error('undone');
        }),
      ).rejects.toThrow('undone');
      expect(await world.store.levels.inRooms([room])).toEqual(new Map());
    });

    test('[DB37] calls of groups are counted for each person, and forgotten with the next ones', async () => {
      const { groupCalls } = world.store;
      const { author, people } = await message(world, 1);
      const [ben] = people as [User];
      const at = Date.now();
      await groupCalls.add(
        [
          { user: author.id, at: at - 90_000 },
          { user: author.id, at: at - 1 },
          { user: author.id, at },
          { user: ben.id, at: at - 90_000 },
        ],
        at - 100_000,
      );
      const both = [author.id, ben.id];
      expect(await groupCalls.between(both, at - 60_000, at + 60_000)).toEqual(new Map([[author.id, 2]]));
      expect(await groupCalls.between(both, at - 100_000, at + 60_000)).toEqual(
        new Map([
          [author.id, 3],
          [ben.id, 1],
        ]),
      );
      await groupCalls.add([{ user: author.id, at: at + 1 }], at - 60_000);
      expect(await groupCalls.between(both, at - 100_000, at + 60_000)).toEqual(
        new Map([
          [author.id, 3],
          [ben.id, 1],
        ]),
      );
      expect(await groupCalls.between(both, at - 60_000, at)).toEqual(new Map([[author.id, 2]]));
      await groupCalls.add([], at);
      expect(await groupCalls.between([], at, at)).toEqual(new Map());
    });

    test('[DB16] who has written in a conversation', async () => {
      const { author, slot } = await message(world, 1);
      expect(await world.store.messages.authors(slot.ref)).toEqual([author.id]);
      expect(await world.store.messages.authors('task/unknown')).toEqual([]);
    });

    test('[DB17] a board of three hundred people is told by one statement', async () => {
      const { notifications } = world.store;
      const { author, board, slot, row } = await message(world, 0);
      const people: User[] = [];
      for (let i = 0; i < 300; i++) people.push(await world.person());
      for (const { id } of people) await world.store.boards.setMember(board, id, 'member');
      await notifications.add(people.map((user) => row(user, 'group')));
      const pending = await notifications.pending(5_000);
      expect(people.filter(({ id }) => pending.get(id)?.length === 1)).toHaveLength(300);
      expect(pending.has(author.id)).toBe(false);
      await notifications.withdrawMessages([slot]);
      expect(people.some((user) => pending.get(user.id) === undefined)).toBe(false);
      expect([...(await notifications.pending(5_000)).keys()].some((id) => people.some((one) => one.id === id))).toBe(
        false,
      );
    });
  });
});
