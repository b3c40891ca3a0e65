import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { onBothEngines } from './engines.ts';

const NOW = Date.now();

describe('push subscriptions', () => {
  onBothEngines((world) => {
    async function session(user: string, expiresAt = NOW + 1e9): Promise<string> {
      const idHash = newId();
      await world.store.sessions.insert({ idHash, userId: user, expiresAt });
      return idHash;
    }
    const at = (user: string, endpoint: string) => ({ id: newId(), user, endpoint, p256dh: 'p', auth: 'a' });
    const of = async (user: string, now = NOW) =>
      (await world.store.push.ofUser(user, now)).map(({ endpoint }) => endpoint);

    test('[DB6] the keys that were made first stay', async () => {
      const { push } = world.store;
      const [one, other] = await Promise.all([
        push.vapid({ publicKey: 'a', privateKey: 'b' }),
        push.vapid({ publicKey: 'c', privateKey: 'd' }),
      ]);
      expect(one).toEqual(other);
      expect(await push.vapid({ publicKey: 'e', privateKey: 'f' })).toEqual(one);
    });

    test('[DB6] one for each session, the newest; of one browser only that of the session it has now', async () => {
      const { push } = world.store;
      const { id } = await world.person();
      const [first, second] = [await session(id), await session(id)];
      await push.subscribe(first, at(id, 'x'), 5);
      await push.subscribe(first, at(id, 'y'), 5);
      expect(await of(id)).toEqual(['y']);
      await push.subscribe(second, at(id, 'y'), 5);
      expect(await of(id)).toEqual(['y']);
      await push.unsubscribe(first);
      expect(await of(id)).toEqual(['y']);
      await push.unsubscribe(second);
      expect(await of(id)).toEqual([]);
    });

    test('[DB6] they end with the session, with its time, and with the account', async () => {
      const { push, sessions, users } = world.store;
      const { id } = await world.person();
      const [ended, short] = [await session(id), await session(id, NOW + 10)];
      await push.subscribe(ended, at(id, 'x'), 5);
      await push.subscribe(short, at(id, 'y'), 5);
      expect((await of(id)).sort()).toEqual(['x', 'y']);
      expect(await of(id, NOW + 20)).toEqual(['x']);
      await sessions.remove(ended);
      expect(await of(id)).toEqual(['y']);
      await users.setDisabled(id, true);
      expect(await of(id)).toEqual([]);
    });

    test('[DB6] the oldest make room, and one is forgotten by its id', async () => {
      const { push } = world.store;
      const { id } = await world.person();
      const other = await world.person();
      await push.subscribe(await session(other.id), at(other.id, 'other'), 2);
      for (const endpoint of ['a', 'b', 'c']) await push.subscribe(await session(id), at(id, endpoint), 2);
      expect(await of(id)).toHaveLength(2);
      expect(await of(id)).toContain('c');
      const [one] = await push.ofUser(id, NOW);
      await push.forget(one?.id ?? '');
      expect(await of(id)).toHaveLength(1);
      expect(await of(other.id)).toEqual(['other']);
    });
  });
});
