import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { EDITS_KEPT } from '../../src/lib/model/limits.ts';
import { onEveryStore, type World } from './engines.ts';

async function message(world: World) {
  const { store } = world;
  const owner = await world.person();
  const board = await world.board(owner);
  const room = newId();
  await store.rooms.create({ id: room, board, name: `Room ${room}`, by: owner.id, private: false });
  const slot = { ref: `room/${room}` as const, author: owner.id, mid: newId() };
  await store.transaction((tx) => store.messages.insert([{ ...slot, seq: 1, volume: 1, at: 1_000 }], tx));
  return { board, slot };
}

describe('what messages said before', () => {
  onEveryStore((world) => {
    test('[DB40] wordings are kept in their order, each with its end, and only of their message', async () => {
      const { store } = world;
      const [{ slot }, other] = [await message(world), await message(world)];
      await store.transaction((tx) =>
        store.messageEdits.add(
          [
            { ...slot, text: 'one', until: 2_000 },
            { ...other.slot, text: 'else', until: 2_000 },
            { ...slot, text: 'two', until: 2_000 },
          ],
          tx,
        ),
      );
      await store.transaction((tx) => store.messageEdits.add([{ ...slot, text: 'three', until: 1_500 }], tx));
      expect(await store.messageEdits.of(slot)).toEqual([
        { text: 'one', until: 2_000 },
        { text: 'two', until: 2_000 },
        { text: 'three', until: 1_500 },
      ]);
      await store.messageEdits.forget([slot]);
      await store.messageEdits.forget([slot]);
      expect(await store.messageEdits.of(slot)).toEqual([]);
      expect(await store.messageEdits.of(other.slot)).toEqual([{ text: 'else', until: 2_000 }]);
    });

    test('[DB40] of very many the newest are kept', async () => {
      const { store } = world;
      const { slot } = await message(world);
      const rows = Array.from({ length: EDITS_KEPT + 7 }, (_, i) => ({ ...slot, text: `${i}`, until: i }));
      await store.transaction((tx) => store.messageEdits.add(rows.slice(0, 20), tx));
      await store.transaction((tx) => store.messageEdits.add(rows.slice(20), tx));
      expect(await store.messageEdits.of(slot)).toEqual(rows.slice(7).map(({ text, until }) => ({ text, until })));
    });

    test('[DB40] none without its message, none of an undone transaction, none of an erased board', async () => {
      const { store } = world;
      const { board, slot } = await message(world);
      const lost = { ...slot, mid: newId(), text: 'x', until: 1 };
      await expect(store.transaction((tx) => store.messageEdits.add([lost], tx))).rejects.toThrow();
      const undone = store.transaction(async (tx) => {
        await store.messageEdits.add([{ ...slot, text: 'x', until: 1 }], tx);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(await store.messageEdits.of(slot)).toEqual([]);
      await store.transaction((tx) => store.messageEdits.add([{ ...slot, text: 'x', until: 1 }], tx));
      await store.boards.remove(board);
      expect(await store.boards.erase(board)).toBe(true);
      expect(await store.messageEdits.of(slot)).toEqual([]);
    });
  });
});
