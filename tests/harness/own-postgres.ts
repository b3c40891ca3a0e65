import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import postgres from 'postgres';

/** Where distributions put the binaries, newest version first, then PATH. */
export function findBinaries(): string | null {
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

/** Postgres refuses to run as root: then it runs as the account that its package made. */
export function unprivileged(): { uid: number; gid: number } | null {
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

/** How long one that was killed may need until its last process is gone, and to recover. */
const READY_MS = 60_000;

/**
 * A Postgres of the test's own, from installed binaries, in a temporary directory on a free port of 127.0.0.1, with
 * fsync on. It may be stopped, killed and started again on the same data.
 */
export class OwnPostgres {
  /** A superuser's address, of the database `postgres`. */
  readonly url: string;
  readonly #dir: string;
  readonly #port: number;
  readonly #bin: string;
  readonly #account: { uid: number; gid: number } | null;
  #output = '';
  #server: ChildProcess | null = null;
  readonly #onExit = () => {
    this.#resume();
    // A killed test run must not leave a server behind. SIGQUIT ends it at once; its data is thrown away.
    this.#server?.kill('SIGQUIT');
  };

  private constructor(dir: string, port: number, bin: string, account: { uid: number; gid: number } | null) {
    this.#dir = dir;
    this.#port = port;
    this.#bin = bin;
    this.#account = account;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** Makes and starts one; `within` an existing directory, whose file system it then fills. */
  static async start(within: string = tmpdir()): Promise<OwnPostgres> {
    const bin = findBinaries();
    if (!bin) throw new Error('No Postgres: set DATABASE_URL, or install it (Debian: apt-get install postgresql)');
    const dir = mkdtempSync(join(within, 'taskflow-postgres-'));
    const account = unprivileged();
    if (account) chownSync(dir, account.uid, account.gid);
    chmodSync(dir, 0o700);
    const own = new OwnPostgres(dir, await freePort(), bin, account);
    const initdb = own.#run('initdb', [
      '-D',
      own.#data,
      '-U',
      'postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--no-sync',
    ]);
    if ((await exited(initdb)) !== 0) throw new Error(`initdb failed:\n${own.#output}`);
    process.once('exit', own.#onExit);
    try {
      await own.revive();
    } catch (error) {
      await own.stop();
      throw error;
    }
    return own;
  }

  get #data(): string {
    return join(this.#dir, 'data');
  }

  /** The process that began it. */
  get pid(): number | null {
    return this.#server?.pid ?? null;
  }

  #run(program: string, args: string[]): ChildProcess {
    const child = spawn(join(this.#bin, program), args, {
      cwd: this.#dir,
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...this.#account,
    });
    const keep = (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-4000));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    return child;
  }

  /** Starts it where it does not run, as a supervisor would until it stays; resolves when it answers. */
  async revive(): Promise<void> {
    const settings = [`port=${this.#port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${this.#dir}`];
    const deadline = Date.now() + READY_MS;
    while (!(await answers(this.url))) {
      if (Date.now() > deadline) throw new Error(`Postgres does not answer:\n${this.#output}`);
      // It does not start while a process of the one before still lives.
      if (this.#server === null || hasEnded(this.#server)) {
        this.#server = this.#run('postgres', ['-D', this.#data, ...settings.flatMap((s) => ['-c', s])]);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Resolves when it answers. */
  async answering(): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (!(await answers(this.url))) {
      if (Date.now() > deadline) throw new Error(`Postgres does not answer:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** SIGSTOP to all of it: it takes connections, and answers nobody. Undone by the function that comes back. */
  pause(): () => void {
    this.#signal('SIGSTOP');
    return () => this.#resume();
  }

  #resume(): void {
    this.#signal('SIGCONT');
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid === null || !this.#server || hasEnded(this.#server)) return;
    for (const one of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(one, signal);
      } catch (error) {
        // A backend that has just ended.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  /** SIGKILL to the process that began it: the others notice, and end. */
  async kill(): Promise<void> {
    this.#server?.kill('SIGKILL');
    if (this.#server) await exited(this.#server);
  }

  /** SIGKILL to one of its backends: it starts over by itself. */
  killBackend(pid: number): void {
    if (this.pid === null || !childrenOf(this.pid).includes(pid)) return;
    process.kill(pid, 'SIGKILL');
  }

  /** Ends it, and no other, and removes its files. Idempotent. */
  async stop(): Promise<void> {
    process.removeListener('exit', this.#onExit);
    this.#resume();
    if (this.#server && !hasEnded(this.#server)) this.#server.kill('SIGINT');
    if (this.#server) await exited(this.#server);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function childrenOf(parent: number): number[] {
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, fetch_types: false });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 0 });
  }
}
