import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import type { NewNotification } from '../../server/store/notifications.ts';
import type { User } from '../../server/store/users.ts';
import { onEveryStore, type World } from './engines.ts';

async function setting(world: World) {
  const [ann, ben] = [await world.person(), await world.person()];
  const board = await world.board(ann);
  await world.store.boards.setMember(board, ben.id, 'member');
  return { ann, ben, board, ref: await world.room(board, ann) };
}

/** What the corridor does for new messages: lock, number, insert, count. */
async function say(world: World, ref: `room/${string}`, author: User, mids: string[]): Promise<number[]> {
  const { conversations, messages } = world.store;
  return world.store.transaction(async (tx) => {
    const [conversation] = await conversations.lock([ref], tx);
    if (!conversation) throw new Error('The test forgot its room');
    const { nextSeq, head } = conversation;
    const rows = mids.map((mid, i) => ({
      ref,
      author: author.id,
      mid,
      seq: nextSeq + i,
      volume: head,
      at: Date.now(),
    }));
    await messages.insert(rows, tx);
    await conversations.advance([{ ref, by: rows.length }], tx);
    return rows.map(({ seq }) => seq);
  });
}

onEveryStore((world) => {
  describe('conversations', () => {
    test('[DB14] those who write at the same time are numbered one after the other', async () => {
      const { ann, ben, ref } = await setting(world);
      const rounds = await Promise.all(
        Array.from({ length: 12 }, (_, i) => say(world, ref, i % 2 ? ann : ben, [newId(), newId()])),
      );
      expect(rounds.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
      const conversation = await world.store.conversations.get(ref);
      expect(conversation).toMatchObject({ head: 1, nextSeq: 25, headCount: 24 });
      expect(Math.abs((conversation?.lastAt ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    test('[DB14] locks are taken in one order, whatever the order they are named in', async () => {
      const { conversations } = world.store;
      const { ann, board, ref } = await setting(world);
      const refs = [ref, await world.room(board, ann), await world.room(board, ann)];
      await Promise.all(
        Array.from({ length: 9 }, (_, i) =>
          world.store.transaction(async (tx) => {
            const named = [refs[i % 3]!, refs[(i + 1) % 3]!, refs[(i + 2) % 3]!];
            const locked = await conversations.lock(named, tx);
            expect(locked.map((row) => row.ref)).toEqual([...refs].sort());
            await conversations.advance(
              [
                { ref: named[0]!, by: 1 },
                { ref: named[0]!, by: 1 },
              ],
              tx,
            );
          }),
        ),
      );
      for (const each of refs) expect((await conversations.get(each))?.nextSeq).toBe(7);
    });

    test('[DB15] a volume is followed by the next one once', async () => {
      const { conversations } = world.store;
      const { ann, ref } = await setting(world);
      await say(world, ref, ann, [newId(), newId()]);
      const rolls = await Promise.all(Array.from({ length: 4 }, () => conversations.roll(ref, 1)));
      expect(rolls.filter((roll) => roll !== null)).toEqual([{ volume: 2, first: 3 }]);
      expect(await conversations.get(ref)).toMatchObject({ head: 2, headCount: 0, nextSeq: 3 });
      expect(await conversations.roll('room/unknown', 1)).toBeNull();
    });

    test('a board’s conversations, the last to be spoken in first', async () => {
      const { ann, board, ref } = await setting(world);
      const other = await world.room(board, ann);
      const task = newId();
      await world.store.tasks.ensure([{ id: task, board }]);
      await say(world, other, ann, [newId()]);
      await say(world, ref, ann, [newId()]);
      const all = await world.store.conversations.forBoard(board);
      expect(all.map((row) => row.ref)).toEqual([ref, other, `task/${task}`]);
      expect(await world.store.conversations.get('task/unknown')).toBeNull();
    });

    test('[DB16] a message has its place, and is found by it', async () => {
      const { messages } = world.store;
      const { ann, ben, ref } = await setting(world);
      const [mid, absent] = [newId(), newId()];
      await say(world, ref, ann, [mid]);
      const row = await messages.get(ref, ann.id, mid);
      expect(row).toMatchObject({ ref, author: ann.id, mid, seq: 1, volume: 1 });
      expect(await messages.byMid(mid)).toEqual(row);
      expect(
        await messages.existing([
          { ref, author: ann.id, mid: absent },
          { ref, author: ann.id, mid },
        ]),
      ).toEqual([row]);
      expect(await messages.existing([])).toEqual([]);
      expect(await messages.get(ref, ben.id, mid)).toBeNull();
      expect(await messages.byMid(absent)).toBeNull();
      await expect(say(world, ref, ann, [mid])).rejects.toThrow(/duplicate key/);
      expect((await world.store.conversations.get(ref))?.nextSeq).toBe(2);
      await messages.setVolume({ ref, author: ann.id, mid }, 3);
      expect((await messages.byMid(mid))?.volume).toBe(3);
    });

    test('[DB16] who takes another’s message id does not take its place', async () => {
      const { ann, ben, board, ref } = await setting(world);
      const mid = newId();
      await say(world, ref, ann, [mid]);
      await new Promise((resolve) => setTimeout(resolve, 2));
      await say(world, await world.room(board, ben), ben, [mid]);
      expect((await world.store.messages.byMid(mid))?.author).toBe(ann.id);
    });
  });

  describe('notifications', () => {
    const mention = async (): Promise<NewNotification> => {
      const { ann, ben, board, ref } = await setting(world);
      const mid = newId();
      await say(world, ref, ann, [mid]);
      const at = Date.now();
      return { user: ben.id, ref, author: ann.id, mid, kind: 'mention', by: ann.id, board, excerpt: 'Hi', at };
    };
    const pendingFor = async (user: string) => (await world.store.notifications.pending(1_000)).get(user) ?? [];

    test('[DB17] one message tells one person once', async () => {
      const { notifications } = world.store;
      const row = await mention();
      await notifications.add([row, row]);
      await notifications.add([row]);
      const pending = await pendingFor(row.user);
      const saidAt = (await world.store.messages.get(row.ref, row.author, row.mid))?.at;
      const where = { volume: 1, seq: 1, saidAt };
      expect(pending).toEqual([{ ...row, id: expect.any(Number) as number, withdrawn: false, ...where }]);
      await notifications.markDelivered(pending.map(({ id }) => id));
      await notifications.add([row]);
      expect(await pendingFor(row.user)).toEqual([]);
    });

    test('[DB17] one withdrawn before it was delivered leaves nothing to do, until it is wanted again', async () => {
      const { notifications } = world.store;
      const row = await mention();
      await notifications.add([row]);
      await notifications.withdraw([row]);
      expect(await pendingFor(row.user)).toEqual([]);
      await notifications.add([{ ...row, excerpt: 'Hello' }]);
      expect(await pendingFor(row.user)).toMatchObject([{ withdrawn: false, excerpt: 'Hello' }]);
    });

    test('[DB17] one withdrawn after it was delivered is taken out again, once', async () => {
      const { notifications } = world.store;
      const row = await mention();
      await notifications.add([row]);
      const [first] = await pendingFor(row.user);
      await notifications.markDelivered([first!.id]);
      await notifications.withdraw([row]);
      await notifications.withdraw([row]);
      expect(await pendingFor(row.user)).toMatchObject([{ id: first!.id, withdrawn: true }]);
      await notifications.markWithdrawn([first!.id]);
      expect(await pendingFor(row.user)).toEqual([]);
      await notifications.add([row]);
      expect(await pendingFor(row.user)).toMatchObject([{ id: first!.id, withdrawn: false }]);
    });

    test('[DB17] what changes while the inbox is written is pending again', async () => {
      const { notifications } = world.store;
      const row = await mention();
      await notifications.add([row]);
      const [first] = await pendingFor(row.user);
      await notifications.withdraw([row]);
      await notifications.markDelivered([first!.id]);
      expect(await pendingFor(row.user)).toMatchObject([{ withdrawn: true }]);
      // Its inbox may show other words than those of now.
      await notifications.add([{ ...row, excerpt: 'Hello' }]);
      expect(await pendingFor(row.user)).toMatchObject([{ id: first!.id, withdrawn: false, excerpt: 'Hello' }]);
      await notifications.markDelivered([first!.id]);
      await notifications.markReworded([{ id: first!.id, kind: 'mention', excerpt: 'Hello' }]);
      expect(await pendingFor(row.user)).toEqual([]);
    });

    test('[DB17] one that is edited is pending until its inbox shows the words of now', async () => {
      const { notifications } = world.store;
      const row = await mention();
      await notifications.add([row]);
      const [first] = await pendingFor(row.user);
      await notifications.reword([{ ...row, excerpt: 'second' }]);
      await notifications.markDelivered([first!.id]);
      await notifications.markReworded([{ id: first!.id, kind: 'mention', excerpt: row.excerpt }]);
      expect(await pendingFor(row.user)).toMatchObject([{ excerpt: 'second', withdrawn: false }]);
      await notifications.markReworded([{ id: first!.id, kind: 'mention', excerpt: 'second' }]);
      expect(await pendingFor(row.user)).toEqual([]);
      await notifications.reword([{ ...row, excerpt: 'second' }]);
      expect(await pendingFor(row.user)).toEqual([]);
      await notifications.reword([{ ...row, excerpt: 'third' }]);
      expect(await pendingFor(row.user)).toMatchObject([{ id: first!.id, excerpt: 'third' }]);
      await notifications.markReworded([{ id: first!.id, kind: 'mention', excerpt: 'third' }]);
      expect(await pendingFor(row.user)).toEqual([]);
      // A slow job of before writes what it had read.
      await notifications.markReworded([{ id: first!.id, kind: 'mention', excerpt: 'second' }]);
      expect(await pendingFor(row.user)).toMatchObject([{ id: first!.id, excerpt: 'third' }]);
      await notifications.markReworded([{ id: first!.id, kind: 'mention', excerpt: 'third' }]);
    });

    test('[DB17] one that is withdrawn keeps no words, and is not edited any more', async () => {
      const { notifications } = world.store;
      const row = await mention();
      await notifications.add([row]);
      const [first] = await pendingFor(row.user);
      await notifications.markDelivered([first!.id]);
      await notifications.withdraw([row]);
      await notifications.reword([{ ...row, excerpt: 'later' }]);
      expect(await pendingFor(row.user)).toMatchObject([{ withdrawn: true, excerpt: '' }]);
      await notifications.markWithdrawn([first!.id]);
      expect(await pendingFor(row.user)).toEqual([]);
    });

    test('the oldest come first, by person, as many as are asked for', async () => {
      const { notifications } = world.store;
      const left = [...(await notifications.pending(1_000)).values()].flat();
      await notifications.markDelivered(left.map(({ id }) => id));
      await notifications.markReworded(left);
      const [a, b] = [await mention(), await mention()];
      await notifications.add([a]);
      await notifications.add([b]);
      expect([...(await notifications.pending(1)).keys()]).toEqual([a.user]);
      expect([...(await notifications.pending(2)).keys()].sort()).toEqual([a.user, b.user].sort());
      await notifications.add([]);
      await notifications.withdraw([]);
      await notifications.markDelivered([]);
    });
  });
});
