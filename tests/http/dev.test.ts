import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { dropDatabase, freshDatabase } from '../harness/postgres.ts';
import { PASSWORD, eventually } from './harness.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CEILING_MS = 120_000;

let dataDir: string;
let databaseUrl: string | undefined;
let vite: ChildProcess;
let output = '';
let address = '';

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'taskflow-dev-'));
  databaseUrl = process.env.DATABASE_URL && (await freshDatabase(process.env.DATABASE_URL));
  vite = spawn(process.execPath, [join(ROOT, 'node_modules/vite/bin/vite.js'), 'dev', '--port', '0'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATA_DIR: dataDir, DATABASE_URL: databaseUrl, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  vite.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  vite.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually(
    () => Promise.resolve(output),
    (text) => /Set up: \S+/.test(text),
    CEILING_MS,
  );
  address = /Set up: (\S+)\/setup\?/.exec(output)?.[1] ?? '';
});
afterAll(async () => {
  const gone = new Promise((resolve) => vite.once('exit', resolve));
  vite.kill('SIGTERM');
  await gone;
  if (databaseUrl) await dropDatabase(databaseUrl);
  rmSync(dataDir, { recursive: true, force: true });
});

const statusOf = async (path: string) => (await fetch(`${address}${path}`)).status;
const isReady = () =>
  eventually(
    () => statusOf('/readyz').catch(() => 0),
    (status) => status === 200,
    CEILING_MS,
  );

describe('[H22] development', () => {
  it('serves the API, the pages and the sockets on one port', async () => {
    await isReady();
    expect(await statusOf('/api/v1/me')).toBe(401);
    expect(await statusOf('/sign-in')).toBe(200);
    const answer = await fetch(`${address}/api/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: address },
      body: JSON.stringify({
        token: /setup\?token=(\S+)/.exec(output)?.[1],
        username: 'olga',
        name: 'Olga',
        password: PASSWORD,
      }),
    });
    expect(answer.status).toBe(201);
    const [cookie = ''] = answer.headers.getSetCookie();
    const socket = new WebSocket(`${address.replace(/^http/, 'ws')}/sync`, { headers: { cookie, origin: address } });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    const closed = new Promise((resolve) => socket.on('close', resolve));

    // A changed file of the server ends this server and its sockets, and starts the next one.
    utimesSync(join(ROOT, 'server/log.ts'), new Date(), new Date());
    await closed;
    // The old one says that it goes until the new one has its place.
    const status = await eventually(
      () => statusOf('/api/v1/me').catch(() => 0),
      (status) => status !== 0 && status !== 503,
      CEILING_MS,
    );
    expect(status).toBe(401);
  });
});
