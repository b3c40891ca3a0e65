import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { FailPoint } from '../harness/fail-point.ts';
import { call, makeBoard, makeRoom, setUp } from '../harness/people.ts';
import { ask, startPostgres } from '../harness/postgres.ts';
import { TestServer } from '../harness/server.ts';
import { randomFrom } from './random.ts';

const SEED = Number(process.env.SEED ?? 20261122);
/** A first start on two busy cores makes its database within this; some kills come before, some in the middle. */
const MAKING_MS = 3_000;
/** All migrations take less than this. */
const MIGRATING_MS = 30;

let ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function startAndDie(server: TestServer, plan: FailPoint): Promise<void> {
  server.launch(plan);
  expect(await server.gone, `killed at ${plan.at}, not ended:\n${server.output}`).toBe(null);
  expect(server.output).not.toMatch(/cannot start/);
}

/** After all of that it is a server like any other. */
async function works(server: TestServer): Promise<void> {
  await server.start();
  const owner = await setUp(server);
  const room = await makeRoom(server, owner, await makeBoard(server, owner));
  await call(server, owner, 'POST', `/rooms/${room}/messages`, { text: 'it works' });
  const { items } = await call<{ items: { text: string }[] }>(server, owner, 'GET', `/rooms/${room}/messages`);
  expect(items.map(({ text }) => text)).toEqual(['it works']);
}

describe('SIGKILL during a start', () => {
  const random = randomFrom(SEED);
  const migrations: FailPoint[] = [
    { at: 'migrate:begun' },
    { at: 'migrate:begun', afterMs: Math.floor(random() * MIGRATING_MS) },
    { at: 'migrate:ran' },
    { at: 'migrate:ran', skip: 1 },
    { at: 'migrate:recorded' },
  ];

  test('[DB25] [DB22] on embedded: while the database is made, and in the middle of migrations', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'taskflow-first-'));
    ends.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const server = await TestServer.prepare({ engine: 'embedded', dataDir, failPoints: true });
    ends.push(() => server.dispose());
    server.launch();
    await pause(random() * MAKING_MS);
    await server.kill();
    for (const at of ['embedded:synced', 'embedded:placed'] as const) await startAndDie(server, { at });
    for (const plan of migrations) await startAndDie(server, plan);
    await works(server);
  });

  test('[DB22] on postgres: in the middle of migrations, of which nothing stays', async () => {
    const postgres = await startPostgres();
    ends.push(() => postgres.stop());
    const server = await TestServer.prepare({ engine: { postgres: postgres.url }, failPoints: true });
    ends.push(() => server.dispose());
    const url = server.databaseUrl!;
    for (const plan of migrations) {
      await startAndDie(server, plan);
      // Its backend undoes what the dead had begun.
      const others = `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
      await expect.poll(() => ask(url, others), { timeout: 60_000 }).toEqual([]);
      expect(await ask(url, "select relname from pg_class where relnamespace = 'public'::regnamespace")).toEqual([]);
    }
    await works(server);
  });
});
