import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

const RFC_9106_TAG = '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659';

describe('passwords', () => {
  it('stand on an argon2id that gives the tag of RFC 9106', () => {
    const tag = argon2Sync('argon2id', {
      message: Buffer.alloc(32, 1),
      nonce: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      associatedData: Buffer.alloc(12, 4),
      memory: 32,
      passes: 3,
      parallelism: 4,
      tagLength: 32,
    });
    expect(tag.toString('hex')).toBe(RFC_9106_TAG);
  });

  it('[H11] verify what they hashed, in the standard form, and nothing else', async () => {
    const passwords = createPasswords();
    const hash = await passwords.hash('correct horse');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await passwords.verify('correct horse', hash)).toBe(true);
    expect(await passwords.verify('correct horsf', hash)).toBe(false);
    expect(await passwords.verify('correct horse', null)).toBe(false);
    expect(await passwords.hash('correct horse')).not.toBe(hash);
  });

  it('are the same however an accent is composed', async () => {
    const passwords = createPasswords();
    expect(await passwords.verify('cafe\u0301-noir', await passwords.hash('caf\u00e9-noir'))).toBe(true);
  });

  it('[H11] refuse when too many wait, and recover', async () => {
    const passwords = createPasswords({ atOnce: 1, waiting: 2 });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.verify('x', null)));
    expect(results.map((r) => r.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(results[4]).toMatchObject({ reason: { code: 'busy', status: 503 } });
    expect(await passwords.verify('x', null)).toBe(false);
  });

  it('free their place when a stored hash is not readable', async () => {
    const passwords = createPasswords({ atOnce: 1, waiting: 0 });
    await expect(passwords.verify('x', 'nonsense')).rejects.toThrow('not readable');
    expect(await passwords.verify('x', null)).toBe(false);
  });
});
