/** Peers that are slow on purpose. All of them at once, because each takes as long as the server is patient. */
import { expect } from 'vitest';
import { Arena } from './harness.ts';
import { answersIn, begin, expectNoInsides, requestBytes } from './http-requests.ts';
import type { RawSocket } from './raw-socket.ts';

const arena = new Arena();
const CONNECTIONS = 100;

/** Says something on each connection, again and again, until the server has ended them all. */
async function drip(sockets: RawSocket[], word: string): Promise<void> {
  const timer = setInterval(() => {
    for (const socket of sockets) if (!socket.ended) socket.write(word);
  }, 1_000);
  await Promise.all(sockets.map((socket) => socket.rest()));
  clearInterval(timer);
}

arena.attack(
  '[H24] whoever is slow is ended, and keeps nobody else waiting',
  async () => {
    const { mia } = arena.people;
    const many = (bytes: () => string | Uint8Array) =>
      Array.from({ length: CONNECTIONS }, () => begin(arena, mia, bytes()));
    const post = (lines: string[]) =>
      requestBytes(
        arena,
        {
          method: 'POST',
          target: '/api/v1/boards',
          person: mia,
          lines: [`Origin: ${arena.server.url}`, 'Content-Type: application/json', ...lines],
        },
        false,
      );
    const silent = many(() => '');
    const headers = many(() => 'GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n');
    const verbs = many(() => 'G');
    const bodies = many(() => post(['Content-Length: 1000']));
    const chunks = many(() => post(['Transfer-Encoding: chunked']));
    const upgrades = many(
      () => 'GET /sync HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n',
    );
    const readers = many(() =>
      Buffer.concat(
        Array.from({ length: 60 }, () => requestBytes(arena, { target: '/api/v1/openapi.json', person: mia }, false)),
      ),
    );
    for (const { socket } of readers) socket.pause();
    const slow = Promise.all([
      ...silent.map((socket) => socket.rest()),
      drip(headers, 'X-More: y\r\n'),
      ...verbs.map((socket) => socket.rest()),
      drip(bodies, ' '),
      drip(chunks, '1\r\n \r\n'),
      drip(upgrades, 'X-More: y\r\n'),
    ]);
    let over = false;
    void slow.then(() => (over = true));
    // Others are served all the while.
    while (!over) {
      await arena.unharmed('while they are slow');
      await Promise.race([slow, new Promise((resolve) => setTimeout(resolve, 5_000))]);
    }
    await slow;
    for (const socket of [...silent, ...headers, ...verbs, ...bodies, ...chunks, ...upgrades]) {
      for (const { status } of answersIn(socket.text)) expect([400, 408]).toContain(status);
      expectNoInsides(socket.text);
    }
    // Who reads nothing learns of the end only by writing.
    await drip(readers, 'x');
  },
  { timeout: 400_000 },
);
