import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendMessage } from '../../src/lib/model/conversation.ts';
import { FIRST_VOLUME, volumeDoc } from '../../src/lib/model/names.ts';
import { call, join, makeBoard, makeRoom, setUp, type Person } from '../harness/people.ts';
import { RawClient } from '../harness/raw-client.ts';
import { TestServer } from '../harness/server.ts';

const CLIENTS = 500;
const ROOMS = 10;
const PEOPLE = 5;
/** Those who write while it stops. */
const WRITERS = 50;
/** What supervisors wait before they kill. */
const LIMIT_MS = 10_000;
/** Handshakes at once. */
const AT_ONCE = 50;

describe('a stop in order', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ engine: 'embedded' });
  });
  afterAll(() => server.dispose());

  test(`[H19] [S39] with ${CLIENTS} clients, ${WRITERS} of them writing, it ends within ten seconds and loses nothing`, async () => {
    const owner = await setUp(server);
    const board = await makeBoard(server, owner);
    const people: Person[] = [owner];
    for (let n = 1; n < PEOPLE; n += 1) people.push(await join(server, owner, board, `person${n}`, `Person ${n}`));
    const rooms: string[] = [];
    for (let n = 0; n < ROOMS; n += 1) rooms.push(await makeRoom(server, owner, board, `Room ${n}`));

    const clients = Array.from({ length: CLIENTS }, (_, n) => {
      const name = volumeDoc(`room/${rooms[n % ROOMS]!}`, FIRST_VOLUME);
      return new RawClient(server.url, people[n % PEOPLE]!, name);
    });
    for (let from = 0; from < CLIENTS; from += AT_ONCE) {
      const opened = await Promise.all(clients.slice(from, from + AT_ONCE).map((client) => client.connect()));
      expect(opened).not.toContain(false);
    }
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toContain(`taskflow_sockets ${CLIENTS}\n`);

    let stopping = false;
    const writers = clients.slice(0, WRITERS).map(async (client, n) => {
      for (let sent = 0; client.connected && (!stopping || sent % 2 === 0); sent += 1) {
        const label = `${n}-${sent}`;
        client.change(label, (doc) => {
          sendMessage(doc, people[n % PEOPLE]!.id, { text: label });
        });
        await client.until(() => client.unacknowledged < 2 || !client.connected);
        await pause(50);
      }
    });
    const acknowledged = () => clients.reduce((sum, client) => sum + client.acknowledged.size, 0);
    while (acknowledged() < WRITERS) await pause(10);
    stopping = true;
    const began = performance.now();
    const code = await server.stop();
    const took = performance.now() - began;
    await Promise.all(writers);
    expect(code, server.output).toBe(0);
    expect(took).toBeLessThan(LIMIT_MS);

    await server.start();
    const promised = clients.flatMap((client) => [...client.acknowledged]);
    const listed: string[] = [];
    for (const room of rooms) {
      type Page = { items: { text: string }[]; next: string | null };
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Page = await call(
          server,
          owner,
          'GET',
          `/rooms/${room}/messages?limit=100${cursor && `&cursor=${cursor}`}`,
        );
        listed.push(...page.items.map(({ text }) => text));
        cursor = page.next;
      }
    }
    const present = new Set(listed);
    expect(listed).toHaveLength(present.size);
    expect(promised.filter((label) => !present.has(label))).toEqual([]);
    process.stdout.write(
      `stop: ${CLIENTS} clients, ${promised.length} acknowledged, ${listed.length} found, ${Math.round(took)} ms\n`,
    );
  });
});
