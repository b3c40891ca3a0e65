import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { dropDatabase, freshDatabase } from '../harness/postgres.ts';
import { PASSWORD } from './harness.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const CEILING_MS = 60_000;

let dataDir: string;
let databaseUrl: string | undefined;
const running = new Set<Process>();

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'taskflow-process-'));
  databaseUrl = process.env.DATABASE_URL && (await freshDatabase(process.env.DATABASE_URL));
});
afterEach(async () => {
  for (const one of running) await one.kill('SIGKILL');
});
afterAll(async () => {
  if (databaseUrl) await dropDatabase(databaseUrl);
  rmSync(dataDir, { recursive: true, force: true });
});

/** `node server/main.ts` with an environment of ours only. */
class Process {
  output = '';
  errors = '';
  readonly exit: Promise<number | null>;
  #child: ChildProcess;
  #wake = new Set<() => void>();

  constructor(env: Record<string, string | undefined> = {}) {
    this.#child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        DATA_DIR: dataDir,
        DATABASE_URL: databaseUrl,
        LOG_LEVEL: 'warn',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (keep: (text: string) => void) => (chunk: Buffer) => {
      keep(chunk.toString());
      this.#wake.forEach((wake) => wake());
    };
    this.#child.stdout?.on(
      'data',
      hear((text) => (this.output += text)),
    );
    this.#child.stderr?.on(
      'data',
      hear((text) => (this.errors += text)),
    );
    this.exit = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        running.delete(this);
        resolve(code);
        this.#wake.forEach((wake) => wake());
      });
    });
    running.add(this);
  }

  /** Resolves with what the pattern found in the output. */
  async prints(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + CEILING_MS;
    for (;;) {
      const found = pattern.exec(this.output)?.[1];
      if (found !== undefined) return found;
      if (!running.has(this) || Date.now() > deadline)
        throw new Error(`it printed only:\n${this.output}${this.errors}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#wake.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async isReady(): Promise<string> {
    const address = await this.prints(/^TaskFlow is at (\S+)$/m);
    while ((await fetch(`${address}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 10));
    return address;
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.exit;
  }
}

describe('the process', () => {
  it('[H17] answers at once that it is preparing, then is ready, and offers the set-up', async () => {
    const started = Date.now();
    // A database that does not answer yet keeps it in that state for as long as we look.
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const waiting = new Process({ DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none` });
    const address = await waiting.prints(/^Preparing TaskFlow for (\S+)$/m);
    const page = await fetch(`${address}/b/anything`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).toBe('2');
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('http-equiv="refresh"');
    const api = await fetch(`${address}/api/v1/me`);
    expect([api.status, ((await api.json()) as { error: { code: string } }).error.code]).toEqual([503, 'preparing']);
    expect(api.headers.get('retry-after')).toBe('2');
    expect([(await fetch(`${address}/healthz`)).status, (await fetch(`${address}/readyz`)).status]).toEqual([200, 503]);
    const socket = new WebSocket(`${address.replace(/^http/, 'ws')}/sync`);
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('error', () => undefined);
    });
    expect(status).toBe(503);
    expect(Date.now() - started).toBeLessThan(10_000);
    await waiting.kill('SIGKILL');
    silent.close();
  });

  it('[H9] [H19] prints the set-up link before the first account, a fresh one each time, and stops in order', async () => {
    const first = new Process();
    const address = await first.isReady();
    const old = await first.prints(/^Set up: \S+\/setup\?token=(\S+)$/m);
    expect(await first.kill('SIGTERM')).toBe(0);
    await expect(fetch(`${address}/healthz`)).rejects.toThrow();

    const second = new Process();
    const again = await second.isReady();
    const token = await second.prints(/^Set up: \S+\/setup\?token=(\S+)$/m);
    const setUp = (with_: string) =>
      fetch(`${again}/api/v1/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: with_, username: 'olga', name: 'Olga', password: PASSWORD }),
      });
    expect((await setUp(old)).status).toBe(403);
    const done = await setUp(token);
    expect(done.status).toBe(201);
    const [cookie = ''] = done.headers.getSetCookie();

    const socket = new WebSocket(`${again.replace(/^http/, 'ws')}/sync`, { headers: { cookie, origin: again } });
    await new Promise((resolve) => socket.on('open', resolve));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const asked = Date.now();
    expect(await second.kill('SIGTERM')).toBe(0);
    await closed;
    expect(Date.now() - asked).toBeLessThan(10_000);

    const third = new Process();
    await third.isReady();
    expect(third.output).not.toContain('Set up:');
    expect(await third.kill('SIGINT')).toBe(0);
  });

  it.each([
    ['a wrong value', { PORT: 'eighty' }, /^TaskFlow cannot start\. PORT must be a number from 0 to 65535\.$/],
    ['an address that is not of this machine', { HOST: '203.0.113.1' }, /HOST 203\.0\.113\.1 is not an address/],
  ])('[H18] ends with one sentence for %s', async (_what, env, sentence) => {
    const process = new Process(env);
    expect(await process.exit).toBe(1);
    expect(process.errors.trim()).toMatch(sentence);
    expect(process.errors.trim().split('\n')).toHaveLength(1);
  });

  it('[H18] ends with one sentence when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const process = new Process({ PORT: String(port) });
    expect(await process.exit).toBe(1);
    expect(process.errors.trim()).toBe(
      `TaskFlow cannot start. Port ${port} on 127.0.0.1 is in use by another program; stop that one, or set PORT to another number.`,
    );
    other.close();
  });

  if (!process.env.DATABASE_URL)
    it('[H18] ends with one sentence when its directory is in use, and takes over from the dead', async () => {
      const first = new Process();
      await first.isReady();
      const second = new Process();
      expect(await second.exit).toBe(1);
      expect(second.errors.trim().split('\n')).toHaveLength(1);
      expect(second.errors).toMatch(/^TaskFlow cannot start\. .*(in use|another process)/i);
      await first.kill('SIGKILL');
      await new Process().isReady();
    });
});
