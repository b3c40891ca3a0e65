import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { findBinaries, OwnPostgres } from './own-postgres.ts';

export interface TestPostgres {
  /** A superuser's address, of the database `postgres`. */
  url: string;
  /** The process that began it; null when it was there before (DATABASE_URL). */
  pid: number | null;
  /** Ends this Postgres, and no other, and removes its files. Idempotent. */
  stop(): Promise<void>;
}

/** True when `startPostgres` can give one: from DATABASE_URL, or from installed binaries. */
export function postgresIsAvailable(): boolean {
  return Boolean(process.env.DATABASE_URL) || findBinaries() !== null;
}

/**
 * Gives a Postgres for tests: the one that DATABASE_URL names, or one of its own. Rejects when there is neither.
 */
export async function startPostgres(): Promise<TestPostgres> {
  if (process.env.DATABASE_URL) return { url: process.env.DATABASE_URL, pid: null, stop: () => Promise.resolve() };
  return OwnPostgres.start();
}

/** The rows that one statement answers, as an administrator beside the server would ask. */
export async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  try {
    return [...(await sql.unsafe<Record<string, unknown>[]>(statement))];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Makes an empty database beside the one that `url` names, and gives its address. */
export async function freshDatabase(url: string): Promise<string> {
  const name = `taskflow_test_${randomBytes(8).toString('hex')}`;
  await ask(url, `create database ${name}`);
  const fresh = new URL(url);
  fresh.pathname = `/${name}`;
  return fresh.href;
}

/** Removes a database that `freshDatabase` made, with the connections it still has. */
export async function dropDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  const name = admin.pathname.slice(1);
  if (!/^taskflow_test_[0-9a-f]{16}$/.test(name)) throw new Error(`${name} was not made by freshDatabase`);
  admin.pathname = '/postgres';
  await ask(admin.href, `drop database if exists ${name} with (force)`);
}
