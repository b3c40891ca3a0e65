import { afterAll, beforeAll, expect, it } from 'vitest';
import { boardDoc, inboxDoc } from '../../src/lib/model/names.ts';
import { makeBoard, request, setUp, type Person } from '../harness/people.ts';
import { TestServer } from '../harness/server.ts';
import { Attacker } from './attacker.ts';

/** Longer than a session lasts. */
const AHEAD_MS = 31 * 24 * 3_600_000;

let server: TestServer;
let olga: Person;
let board: string;
beforeAll(async () => {
  const preload = import.meta.resolve('../harness/clock-ahead.ts');
  server = await TestServer.start({ env: { NODE_OPTIONS: `--import ${preload}`, CLOCK_AHEAD: String(AHEAD_MS) } });
  olga = await setUp(server);
  board = boardDoc(await makeBoard(server, olga));
});
afterAll(() => server.dispose());

it('[S30] a session that has expired is worth nothing: not its sockets, nor its cookie, nor its token', async () => {
  const byCookie = new Attacker(server.url, olga);
  const byToken = new Attacker(server.url, null);
  const plain = new Attacker(server.url, olga, { path: `/yjs/${board}` });
  for (const socket of [byCookie, byToken, plain]) expect(await socket.open()).toBe(true);
  await byCookie.fetch(board);
  expect(await byToken.ask(board, olga.token)).toBe('authenticated');
  await plain.settled();

  process.kill(server.pid ?? 0, 'SIGUSR2');
  for (const socket of [byCookie, byToken, plain]) {
    expect(await socket.closed()).toEqual({ code: 4401, reason: 'signed-out' });
  }
  expect((await request(server, olga, 'GET', '/me')).status).toBe(401);
  const again = new Attacker(server.url, olga);
  await again.open();
  for (const name of [board, inboxDoc(olga.id)]) {
    expect(await again.ask(name)).toBe('signed-out');
    expect(await again.ask(name, olga.token)).toBe('signed-out');
  }
  again.ws.terminate();
  expect((await request(server, null, 'GET', '/me')).status).toBe(401);
});
