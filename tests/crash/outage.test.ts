import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { boardDoc } from '../../src/lib/model/names.ts';
import { OwnPostgres } from '../harness/own-postgres.ts';
import { request } from '../harness/people.ts';
import { ask } from '../harness/postgres.ts';
import { RawClient } from '../harness/raw-client.ts';
import { TestServer } from '../harness/server.ts';
import { Team } from './team.ts';

/** A ceiling against hanging. */
const SOON = { timeout: 90_000, interval: 50 };

describe('a real Postgres that goes away under load', () => {
  let postgres: OwnPostgres;
  let server: TestServer;
  let team: Team;
  let pid: number | undefined;
  beforeAll(async () => {
    postgres = await OwnPostgres.start();
    server = await TestServer.start({ engine: { postgres: postgres.url } });
    team = await Team.gather(server);
    pid = server.pid;
  });
  afterAll(async () => {
    await team.end();
    await server.dispose();
    await postgres.stop();
  });
  beforeEach(async () => {
    const { acknowledged } = team;
    team.work();
    await expect.poll(() => team.acknowledged, SOON).toBeGreaterThan(acknowledged);
  });
  afterEach(async () => {
    // All by itself: everybody comes back, everything that was sent is acknowledged, once.
    await team.verify(team.promised(), expect.getState().currentTestName ?? '');
    await team.verifyWhole();
    expect(server.pid, 'the process lives').toBe(pid);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    process.stdout.write(
      `${expect.getState().currentTestName}: ${team.promised().length} acknowledged, ${team.found} found\n`,
    );
  });

  const get = async (path: string) => {
    const answer = await request(server, team.owner, 'GET', path);
    return { status: answer.status, retry: answer.headers.get('retry-after'), body: (await answer.json()) as unknown };
  };
  /** It may only notice now that one of its backends was killed, and refuse until it has started over. */
  const askAgain = async (query: string): ReturnType<typeof ask> => {
    const deadline = Date.now() + SOON.timeout;
    for (;;) {
      try {
        return await ask(postgres.url, query);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await postgres.answering();
      }
    }
  };
  const unavailable = { status: 503, retry: '5', body: { error: { code: 'unavailable' } } };

  test('[S1] [H27] stopped: writes wait, open documents stay, requests are answered plainly', async () => {
    const reader = new RawClient(server.url, team.owner, boardDoc(team.board));
    await reader.connect();
    await reader.until(() => reader.synced);
    const resume = postgres.pause();
    try {
      const { acknowledged } = team;
      await expect.poll(() => team.sent - team.acknowledged, SOON).toBeGreaterThan(0);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
      const path = `/rooms/${team.room}/messages`;
      const [read, written] = await Promise.all([
        get(path),
        request(server, team.owner, 'POST', path, { text: 'waits' }),
      ]);
      expect(read).toMatchObject(unavailable);
      expect(written.status).toBe(503);
      // What was on its way back when it stopped was stored; nothing after that is called so.
      expect(team.acknowledged - acknowledged).toBeLessThanOrEqual(team.devices.length * 3);
      expect(reader.connected, 'who has a document open keeps it').toBe(true);
      expect(team.devices.some((device) => device.head.connected)).toBe(true);
    } finally {
      resume();
    }
    reader.close();
  });

  test('[S4] [DB20] killed, and started again: requests are refused plainly, and all comes back', async () => {
    await postgres.kill();
    await expect.poll(() => get(`/rooms/${team.room}/messages`), SOON).toMatchObject(unavailable);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, SOON).toBe(503);
    await postgres.revive();
  });

  test('[DB20] its backends killed in the middle of transactions, so that it starts over by itself', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { acknowledged } = team;
      const inWork = "select pid from pg_stat_activity where application_name = 'taskflow' and state <> 'idle'";
      let pids: number[] = [];
      while (pids.length === 0) pids = (await askAgain(inWork)).map((row) => Number(row.pid));
      if (round % 2 === 0) postgres.killBackend(pids[0]!);
      else await askAgain(`select pg_terminate_backend(${pids[0]})`);
      await expect.poll(() => team.acknowledged, SOON).toBeGreaterThan(acknowledged);
      await postgres.answering();
    }
  });
});
