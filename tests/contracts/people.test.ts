import { describe, expect, test } from 'vitest';
import { onBothEngines } from './engines.ts';

const DAY = 86_400_000;

describe('people', () => {
  onBothEngines((world) => {
    test('[DB6] an account is found by id, name and number', async () => {
      const { users } = world.store;
      const before = await users.count();
      const made = await users.create({ username: 'maria', name: 'María', passwordHash: 'secret', admin: true });
      expect(made).toMatchObject({ username: 'maria', name: 'María', admin: true, disabled: false });
      if (made === 'taken-username') throw new Error('unreachable');
      expect(Math.abs(made.createdAt - Date.now())).toBeLessThan(60_000);
      expect(await users.byId(made.id)).toEqual(made);
      expect(await users.byUsername('maria')).toEqual(made);
      expect(await users.bySeq(made.seq)).toEqual(made);
      expect(await users.list()).toContainEqual(made);
      expect(await users.count()).toBe(before + 1);
      expect(await users.passwordHash('maria')).toBe('secret');
    });

    test('[DB6] a username is given once, also to two at the same time', async () => {
      const { users } = world.store;
      const tries = await Promise.all(
        Array.from({ length: 5 }, () => users.create({ username: 'one', name: '1', passwordHash: '', admin: false })),
      );
      expect(tries.filter((result) => result === 'taken-username')).toHaveLength(4);
    });

    test('[DB6] numbers are never given again', async () => {
      const a = await world.person();
      await world.store
        .transaction(async (tx) => {
          await world.store.users.create({ username: 'never', name: '', passwordHash: '', admin: false }, tx);
          throw new Error('undone');
        })
        .catch(() => undefined);
      const b = await world.person();
      expect(b.seq).toBeGreaterThan(a.seq);
      expect(await world.store.users.byUsername('never')).toBeNull();
    });

    test('absent accounts are null, and cannot be changed', async () => {
      const { users } = world.store;
      expect(await users.byId('nobody')).toBeNull();
      expect(await users.byUsername('nobody')).toBeNull();
      expect(await users.bySeq(2_000_000)).toBeNull();
      expect(await users.passwordHash('nobody')).toBeNull();
      expect(await users.rename('nobody', 'x')).toBe(false);
      expect(await users.setPassword('nobody', 'x')).toBe(false);
      expect(await users.setDisabled('nobody', true)).toBe(false);
    });

    test('names and passwords change', async () => {
      const { users } = world.store;
      const person = await world.person();
      expect(await users.rename(person.id, 'New Name')).toBe(true);
      expect(await users.setPassword(person.id, 'new hash')).toBe(true);
      expect((await users.byId(person.id))?.name).toBe('New Name');
      expect(await users.passwordHash(person.username)).toBe('new hash');
    });

    test('[DB7] a session is found by its hash, with its user', async () => {
      const { sessions } = world.store;
      const user = await world.person();
      const expiresAt = Date.now() + DAY;
      await sessions.insert({ idHash: 'hash-1', userId: user.id, expiresAt });
      const found = await sessions.get('hash-1');
      expect(found?.user).toEqual(user);
      expect(found?.session).toMatchObject({ idHash: 'hash-1', userId: user.id, expiresAt });
      await sessions.extend('hash-1', expiresAt + DAY);
      expect((await sessions.get('hash-1'))?.session.expiresAt).toBe(expiresAt + DAY);
      await sessions.remove('hash-1');
      expect(await sessions.get('hash-1')).toBeNull();
    });

    test('[DB7] all sessions of a person end, or all but one', async () => {
      const { sessions } = world.store;
      const [user, other] = [await world.person(), await world.person()];
      const expiresAt = Date.now() + DAY;
      for (const idHash of ['a', 'b', 'c']) await sessions.insert({ idHash, userId: user.id, expiresAt });
      await sessions.insert({ idHash: 'd', userId: other.id, expiresAt });
      await sessions.removeForUser(user.id, 'b');
      expect((await sessions.listForUser(user.id)).map(({ idHash }) => idHash)).toEqual(['b']);
      await sessions.removeForUser(user.id);
      expect(await sessions.listForUser(user.id)).toEqual([]);
      expect(await sessions.listForUser(other.id)).toHaveLength(1);
    });

    test('[DB7] a session is listed and ended by an id of its own, by its owner only', async () => {
      const { sessions } = world.store;
      const [user, other] = [await world.person(), await world.person()];
      const expiresAt = Date.now() + DAY;
      await sessions.insert({ idHash: 'listed', userId: user.id, expiresAt, device: 'Firefox on Linux' });
      const [listed] = await sessions.listForUser(user.id);
      expect(listed).toMatchObject({ idHash: 'listed', device: 'Firefox on Linux', expiresAt });
      expect(listed?.id).toMatch(/^[0-9a-f]{20}$/);
      expect(await sessions.removeById(other.id, listed?.id ?? '')).toBeNull();
      expect(await sessions.removeById(user.id, listed?.id ?? '')).toBe('listed');
      expect(await sessions.removeById(user.id, listed?.id ?? '')).toBeNull();
      expect(await sessions.listForUser(user.id)).toEqual([]);
    });

    test('[DB7] of many sessions it is told which are good, and their use is noted now and then', async () => {
      const { sessions, users } = world.store;
      const [user, gone] = [await world.person(), await world.person()];
      const now = Date.now();
      await sessions.insert({ idHash: 'good', userId: user.id, expiresAt: now + DAY });
      await sessions.insert({ idHash: 'over', userId: user.id, expiresAt: now - 1 });
      await sessions.insert({ idHash: 'theirs', userId: gone.id, expiresAt: now + DAY });
      expect(await sessions.alive(['good', 'over', 'theirs', 'never'], now)).toEqual(new Set(['good', 'theirs']));
      await sessions.remove('over');
      await users.setDisabled(gone.id, true);
      expect(await sessions.alive(['good', 'theirs'], now)).toEqual(new Set(['good']));
      expect(await sessions.alive([], now)).toEqual(new Set());
      const usedAt = async () => (await sessions.get('good'))?.session.usedAt;
      await sessions.touch(['good'], now + 5_000, now - 60_000);
      expect(await usedAt()).toBeLessThan(now + 5_000);
      await sessions.touch(['good', 'never'], now + 5_000, now + 4_000);
      expect(await usedAt()).toBe(now + 5_000);
    });

    test('[DB7] disabling an account ends its sessions and keeps new ones from working', async () => {
      const { sessions, users } = world.store;
      const user = await world.person();
      await sessions.insert({ idHash: 'old', userId: user.id, expiresAt: Date.now() + DAY });
      await users.setDisabled(user.id, true);
      await sessions.insert({ idHash: 'new', userId: user.id, expiresAt: Date.now() + DAY });
      expect(await sessions.get('old')).toBeNull();
      expect(await sessions.get('new')).toBeNull();
      await users.setDisabled(user.id, false);
      expect(await sessions.get('old')).toBeNull();
      expect((await sessions.get('new'))?.user.disabled).toBe(false);
    });

    test('[DB7] what has expired is still told apart until it is swept', async () => {
      const { sessions } = world.store;
      const user = await world.person();
      const now = Date.now();
      await sessions.insert({ idHash: 'past', userId: user.id, expiresAt: now - 1 });
      await sessions.insert({ idHash: 'future', userId: user.id, expiresAt: now + DAY });
      expect((await sessions.get('past'))?.session.expiresAt).toBe(now - 1);
      expect(await sessions.removeExpired(now)).toBe(1);
      expect(await sessions.get('past')).toBeNull();
      expect(await sessions.get('future')).not.toBeNull();
    });

    test('settings hold any JSON', async () => {
      const { settings } = world.store;
      expect(await settings.get('theme')).toBeNull();
      for (const value of [{ dark: true, list: [1, 'two', null] }, 'text', 7, false]) {
        await settings.set('theme', value);
        expect(await settings.get('theme')).toEqual(value);
      }
    });

    test('[DB8] set-up is claimed once, by the token offered last', async () => {
      const { settings } = world.store;
      expect(await settings.claimSetup('first')).toBe(false);
      expect(await settings.isOffered('first')).toBe(false);
      expect(await settings.offerSetup('first')).toBe(true);
      expect(await settings.offerSetup('second')).toBe(true);
      expect(await settings.claimSetup('first')).toBe(false);
      const undone = world.store.transaction(async (tx) => {
        expect(await settings.claimSetup('second', tx)).toBe(true);
        throw new Error('the account could not be made');
      });
      await expect(undone).rejects.toThrow();
      expect(await settings.isOffered('second')).toBe(true);
      const claims = await Promise.all(Array.from({ length: 5 }, () => settings.claimSetup('second')));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await settings.isOffered('second')).toBe(false);
      expect(await settings.offerSetup('third')).toBe(false);
      expect(await settings.claimSetup('third')).toBe(false);
    });
  });
});
