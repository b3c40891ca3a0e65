import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import postgres from 'postgres';

export interface TestPostgres {
  /** A superuser's address, of the database `postgres`. */
  url: string;
  /** The process that began it; null when it was there before (DATABASE_URL). */
  pid: number | null;
  /** Ends this Postgres, and no other, and removes its files. Idempotent. */
  stop(): Promise<void>;
}

/** Where distributions put the binaries, newest version first, then PATH. */
function findBinaries(): string | null {
  const roots = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt'].filter((root) => existsSync(root));
  const versions = roots.flatMap((root) =>
    readdirSync(root)
      .filter((entry) => /^(?:postgresql@)?\d+$/.test(entry))
      .sort((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
      .map((entry) => join(root, entry, 'bin')),
  );
  const path = (process.env.PATH ?? '').split(delimiter);
  return (
    [...versions, ...path].find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres'))) ?? null
  );
}

/** True when `startPostgres` can give one: from DATABASE_URL, or from installed binaries. */
export function postgresIsAvailable(): boolean {
  return Boolean(process.env.DATABASE_URL) || findBinaries() !== null;
}

/** Postgres refuses to run as root: then it runs as the account that its package made. */
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const wanted of ['postgres', 'nobody']) {
    const fields = accounts.find((line) => line.startsWith(`${wanted}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('Postgres refuses to run as root, and there is neither a user postgres nor nobody');
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', resolve));
}

/**
 * Gives a Postgres for tests: the one that DATABASE_URL names, or one of its own, started from installed binaries in a
 * temporary directory on a free port of 127.0.0.1, with fsync on. Rejects when there is neither.
 */
export async function startPostgres(): Promise<TestPostgres> {
  if (process.env.DATABASE_URL) return { url: process.env.DATABASE_URL, pid: null, stop: () => Promise.resolve() };
  const bin = findBinaries();
  if (!bin) throw new Error('No Postgres: set DATABASE_URL, or install it (Debian: apt-get install postgresql)');

  const dir = mkdtempSync(join(tmpdir(), 'taskflow-postgres-'));
  const account = unprivileged();
  if (account) chownSync(dir, account.uid, account.gid);
  chmodSync(dir, 0o700);
  const data = join(dir, 'data');
  let output = '';
  const run = (program: string, args: string[]) => {
    const child = spawn(join(bin, program), args, {
      cwd: dir,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...account,
    });
    const keep = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    return child;
  };

  const initdb = run('initdb', ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync']);
  if ((await exited(initdb)) !== 0) throw new Error(`initdb failed:\n${output}`);
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${dir}`];
  const server = run('postgres', ['-D', data, ...settings.flatMap((s) => ['-c', s])]);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;

  // A killed test run must not leave a server behind. SIGQUIT ends it at once; its data is thrown away.
  const onExit = () => server.kill('SIGQUIT');
  process.once('exit', onExit);
  const stop = async () => {
    process.removeListener('exit', onExit);
    if (server.exitCode === null && server.signalCode === null) server.kill('SIGINT');
    await exited(server);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await ready(url, server, () => output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: server.pid ?? null, stop };
}

async function ready(url: string, server: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`Postgres ended at its start:\n${output()}`);
    const sql = postgres(url, { max: 1, connect_timeout: 2, fetch_types: false });
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`Postgres does not answer:\n${output()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await sql.end({ timeout: 0 });
    }
  }
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
