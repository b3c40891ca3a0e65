import { expect, test } from 'vitest';
import { readRooms } from '../../src/lib/model/board.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { boardDoc } from '../../src/lib/model/names.ts';
import { createLog } from '../../server/log.ts';
import type { Store } from '../../server/store/store.ts';
import { createSync } from '../../server/sync/sync.ts';
import { Data } from '../sim/store/data.ts';
import { openMemoryStore } from '../sim/store/memory-store.ts';

/** Lets the answer to a question that was already asked come late. */
function slowly<A extends unknown[], T>(ask: (...args: A) => Promise<T>) {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let first = true;
  const slow = async (...args: A): Promise<T> => {
    const answer = await ask(...args);
    if (first) {
      first = false;
      asked.resolve();
      await gate.promise;
    }
    return answer;
  };
  return { slow, asked: asked.promise, answer: gate.resolve };
}

test('[S35] a copy that was read earlier is never written over one that was read later', async () => {
  const step = () => new Promise<void>((resolve) => setImmediate(resolve));
  const plain = openMemoryStore(new Data(), { step, now: Date.now, readersWait: false });
  const rooms = slowly(plain.rooms.listed);
  const store: Store = { ...plain, rooms: { ...plain.rooms, listed: rooms.slow } };
  const sync = createSync({
    store,
    log: createLog({ level: 'silent' }),
    auth: { userForToken: () => Promise.resolve(null) },
  });
  const owner = await store.users.create({ username: 'anna', name: 'Anna', passwordHash: '-', admin: false });
  if (typeof owner === 'string') throw new Error(owner);
  const [board, room] = [newId(), newId()];
  await store.boards.create({ id: board, title: 'Plans', owner: owner.id });

  const early = sync.boardChanged(board);
  await rooms.asked;
  await store.rooms.create({ id: room, board, name: 'Talk', by: owner.id, private: false });
  const late = sync.roomChanged(room);
  await new Promise((resolve) => setTimeout(resolve, 20));
  rooms.answer();
  await Promise.all([early, late]);

  expect((await sync.read(boardDoc(board), readRooms)).map(({ id }) => id)).toEqual([room]);
  await sync.stop();
});
