import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../../src/lib/api/errors.ts';

interface Cost {
  /** KiB */
  memory: number;
  passes: number;
  parallelism: number;
}

/** OWASP's recommendation for argon2id. A hash carries its own cost, so that raising this leaves old ones valid. */
const COST: Cost = { memory: 19 * 1024, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Node's thread pool has four threads by default; files and the database's lock need some of them too. */
const AT_ONCE = 2;
/** Half a minute of work at worst; whoever comes later is better told at once. */
const WAITING = 64;
const BUSY_SECONDS = 5;

const ENCODED = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export interface Passwords {
  /** The encoded hash of a new password. Throws `busy` when too many wait. */
  hash(password: string): Promise<string>;
  /** Whether the password belongs to the hash. Null takes as long as a real hash and is never right. Throws `busy`. */
  verify(password: string, encoded: string | null): Promise<boolean>;
}

/** argon2id with a bound on how many run and how many wait: each one takes 19 MiB and a thread. */
export function createPasswords(limits = { atOnce: AT_ONCE, waiting: WAITING }): Passwords {
  let running = 0;
  const queue: (() => void)[] = [];

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= limits.atOnce) {
      if (queue.length >= limits.waiting) {
        throw new ApiError(
          'busy',
          'Too many people are signing in at this moment; try again in a few seconds.',
          BUSY_SECONDS,
        );
      }
      // Whoever finishes hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running--;
    }
  }

  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES);
        return encode(COST, salt, await derive(password, salt, COST, TAG_BYTES));
      }),
    verify: (password, encoded) =>
      inTurn(async () => {
        const known = encoded === null ? null : decode(encoded);
        const { cost, salt, tag } = known ?? { cost: COST, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };
        const same = timingSafeEqual(await derive(password, salt, cost, tag.length), tag);
        return same && known !== null;
      }),
  };
}

function derive(password: string, nonce: Buffer, cost: Cost, tagLength: number): Promise<Buffer> {
  // The same letter typed on two keyboards may differ in composition.
  const message = Buffer.from(password.normalize('NFC'), 'utf8');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, tagLength, ...cost }, (error, tag) => (error ? reject(error) : resolve(tag)));
  });
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** The string form that other argon2 programs read too. */
function encode(cost: Cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(tag)}`;
}

function decode(encoded: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const [, memory, passes, parallelism, salt, tag] = ENCODED.exec(encoded) ?? [];
  if (!salt || !tag) throw new Error('a stored password hash is not readable');
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}
