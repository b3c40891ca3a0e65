import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { freshDataDir } from './data-dir.ts';
import { FAIL_POINT, type FailPoint } from './fail-point.ts';
import { dropDatabase, freshDatabase } from './postgres.ts';

const ENTRY = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const KILL_AT = fileURLToPath(new URL('./kill-at.ts', import.meta.url));

/** A ceiling against hanging, far above what a start takes on two busy cores. */
const START_CEILING_MS = 120_000;

export type ServerOptions = {
  /** The embedded database in `dataDir`, or a fresh one on this real Postgres. Default: what DATABASE_URL says. */
  engine?: 'embedded' | { postgres: string };
  /** Kept after stopping when given; otherwise a temporary directory that `dispose` removes. */
  dataDir?: string;
  port?: number;
  env?: Record<string, string>;
  /** Whether `arm` and `launch` may have it killed at a milestone. */
  failPoints?: boolean;
};

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * The real server as its own process, on a port and a data directory that survive `kill` and `start`.
 * Everything it prints is kept in `output`, so that a failing test can show it.
 */
export class TestServer {
  readonly port: number;
  readonly dataDir: string;
  readonly url: string;
  output = '';
  readonly #options: ServerOptions;
  /** Its own database on a real Postgres; null for the embedded one. */
  readonly databaseUrl: string | null;
  #process: ChildProcess | null = null;
  #exited: Promise<number | null> = Promise.resolve(null);

  private constructor(options: ServerOptions, port: number, dataDir: string, databaseUrl: string | null) {
    this.#options = options;
    this.databaseUrl = databaseUrl;
    this.port = port;
    this.dataDir = dataDir;
    this.url = `http://localhost:${port}`;
  }

  /** Starts a server and waits until its database answers. */
  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const server = await TestServer.prepare(options);
    await server.start();
    return server;
  }

  /** All that a server needs, without starting it. */
  static async prepare(options: ServerOptions = {}): Promise<TestServer> {
    const given = process.env.DATABASE_URL;
    const engine = options.engine ?? (given ? { postgres: given } : 'embedded');
    const databaseUrl = engine === 'embedded' ? null : await freshDatabase(engine.postgres);
    const dataDir = options.dataDir ?? (await freshDataDir());
    return new TestServer(options, options.port ?? (await freePort()), dataDir, databaseUrl);
  }

  /** The one-time set-up token that the first start printed, or null when an account exists. */
  get setupToken(): string | null {
    return /setup\?token=([^\s]+)/.exec(this.output)?.[1] ?? null;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process again on the same port and data; resolves when /readyz says so. */
  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  /** Starts the process without waiting for anything; with a plan, it is killed there. */
  launch(plan?: FailPoint): void {
    const env: Record<string, string | undefined> = {
      ...process.env,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(this.port),
      BASE_URL: this.url,
      DATA_DIR: this.dataDir,
      DATABASE_URL: this.databaseUrl ?? undefined,
      ...(plan && { [FAIL_POINT]: JSON.stringify(plan) }),
      ...this.#options.env,
    };
    if (env.DATABASE_URL === undefined) delete env.DATABASE_URL;
    const { failPoints } = this.#options;
    const child = spawn(process.execPath, [...(failPoints ? ['--import', KILL_AT] : []), ENTRY], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', ...(failPoints ? ['ipc' as const] : [])],
    });
    const keep = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.#exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    this.#process = child;
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + START_CEILING_MS;
    let gone = false;
    void this.#exited.then(() => {
      gone = true;
    });
    for (;;) {
      if (gone) throw new Error(`The server ended while starting:\n${this.output}`);
      if (Date.now() > deadline) throw new Error(`The server did not become ready:\n${this.output}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Has the running process killed at a milestone; resolves when it knows. */
  async arm(plan: FailPoint): Promise<void> {
    const child = this.#process;
    if (!child?.connected) throw new Error('Only a running server with failPoints can be armed');
    const armed = new Promise((resolve) => child.once('message', resolve));
    child.send(plan);
    await Promise.race([armed, this.#exited]);
  }

  /** Resolves with the exit code when the process has ended by itself, null when a signal ended it. */
  get gone(): Promise<number | null> {
    return this.#exited;
  }

  /** SIGKILL, as a power cut would; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#exited;
    this.#process = null;
  }

  /** SIGTERM, as a supervisor would; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#process?.kill('SIGTERM');
    const code = await this.#exited;
    this.#process = null;
    return code;
  }

  /** Ends the process and removes its temporary data. */
  async dispose(): Promise<void> {
    await this.kill();
    if (!this.#options.dataDir) rmSync(this.dataDir, { recursive: true, force: true });
    if (this.databaseUrl) await dropDatabase(this.databaseUrl);
  }
}
