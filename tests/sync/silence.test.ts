import { afterEach, describe, expect, test, vi } from 'vitest';
import { TYPE } from '../../server/sync/frames.ts';
import { World } from './world.ts';

const SILENCE_MS = 2_000;
const YEAR_MS = 365 * 86_400_000;

let world: World;

afterEach(async () => {
  vi.restoreAllMocks();
  await world.close();
});

describe('silence', () => {
  test.each([
    ['as it goes', 0],
    ['set back by a year', -YEAR_MS],
    ['set forward by a year', YEAR_MS],
  ])('[S69] who says nothing is closed, who asks for a sign of life is not: the clock %s', async (_how, by) => {
    world = await World.open({ silenceMs: SILENCE_MS });
    const ada = await world.person('ada');
    const bob = await world.person('bob');
    const board = await world.board(ada, [bob]);
    const name = `room/${await world.room(board, ada)}/1`;
    const asking = await world.open(ada, name);
    const ask = setInterval(() => asking.send(TYPE.queryAwareness, () => undefined), SILENCE_MS / 8);
    const silent = await world.open(bob, name);
    const now = Date.now.bind(Date);
    vi.spyOn(Date, 'now').mockImplementation(() => now() + by);
    await silent.until(() => silent.closed !== null);
    clearInterval(ask);
    expect(silent.closed).toEqual({ code: 4408, reason: 'silent' });
    expect(asking.closed).toBeNull();
  });
});
