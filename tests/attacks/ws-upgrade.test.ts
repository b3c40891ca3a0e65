import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { boardDoc, volumeDoc } from '../../src/lib/model/names.ts';
import type { RawSocket } from './raw-socket.ts';
import type { Person } from '../harness/people.ts';
import { Arena } from './harness.ts';
import type { Population } from './population.ts';
import { byHand, OPCODE, upgradeRequest, wsFrame } from './ws-bytes.ts';

const arena = new Arena();
type Headers = Record<string, string>;

/** What a browser on a page of another site, or a clever program, may send along with Mia's cookie. */
const ORIGINS: [name: string, headers: (url: string) => Headers][] = [
  ['no Origin', () => ({})],
  ['the Origin null', () => ({ origin: 'null' })],
  ['an empty Origin', () => ({ origin: '' })],
  ['a foreign Origin', () => ({ origin: 'https://evil.example' })],
  ['our name on another port', () => ({ origin: 'http://localhost:1' })],
  ['our name under https', (url) => ({ origin: url.replace('http:', 'https:') })],
  ['our name as a part of another', (url) => ({ origin: `${url}.evil.example` })],
  ['our name behind another’s', (url) => ({ origin: `http://evil.example@${url.slice(7)}` })],
  ['our name with a path', (url) => ({ origin: `${url}/` })],
  ['our name in capitals', (url) => ({ origin: url.toUpperCase() })],
  ['our name and another', (url) => ({ origin: `${url}, https://evil.example` })],
  ['our name, sent across sites', (url) => ({ origin: url, 'sec-fetch-site': 'cross-site' })],
  ['our name, sent from a sister site', (url) => ({ origin: url, 'sec-fetch-site': 'same-site' })],
  ['a foreign Origin and our name as Host', (url) => ({ origin: 'https://evil.example', host: url.slice(7) })],
  [
    'a foreign Origin, forwarded as ours',
    (url) => ({ origin: 'https://evil.example', 'x-forwarded-host': url.slice(7) }),
  ],
  ['the old name of the header', (url) => ({ 'sec-websocket-origin': url })],
];

/** Credentials that are none. */
const TOKENS: [name: string, headers: (mia: Person, url: string) => Headers][] = [
  ['no cookie', (_mia, origin) => ({ origin })],
  ['an empty cookie', (_mia, origin) => ({ origin, cookie: 'taskflow_session=' })],
  ['a cookie that was never given', (_mia, origin) => ({ origin, cookie: `taskflow_session=${'a'.repeat(40)}` })],
  ['a cookie with one letter more', (mia, origin) => ({ origin, cookie: `${mia.cookie}a` })],
  ['a cookie in capitals', (mia, origin) => ({ origin, cookie: `taskflow_session=${mia.token.toUpperCase()}` })],
  ['a cookie of another name', (mia, origin) => ({ origin, cookie: `session=${mia.token}` })],
  ['her cookie behind a false one', (mia, origin) => ({ origin, cookie: `taskflow_session=x; ${mia.cookie}` })],
  ['her cookie beside a false token', (mia, origin) => ({ origin, cookie: mia.cookie, authorization: 'Bearer x' })],
  ['a token of another scheme', (mia) => ({ authorization: `Basic ${mia.token}` })],
  ['a token with SQL in it', () => ({ authorization: "Bearer ' or 1=1 --" })],
  ['__proto__ as a token', () => ({ authorization: 'Bearer __proto__' })],
  ['a token of 8 kB', () => ({ authorization: `Bearer ${'a'.repeat(8_000)}` })],
];

const doors = ({ home }: Population): string[] => ['/sync', `/yjs/${boardDoc(home.board)}`];

describe('with a cookie', () => {
  for (const [name, headers] of ORIGINS) {
    arena.attack(`[H21] and ${name}: not let in, at both doors`, async ({ people, server }) => {
      for (const path of doors(people)) {
        const raw = arena.raw(null);
        const host = new URL(server.url).host;
        raw.write(upgradeRequest(host, path, { Cookie: people.mia.cookie, ...headers(server.url) }));
        expect(statusOf(await raw.rest())).toMatch(/^(403|400)$/);
      }
    });
  }
});

describe('without a session', () => {
  for (const [name, headers] of TOKENS) {
    arena.attack(`[S26] ${name}: nothing is opened, at both doors`, async ({ people, server }) => {
      const stranger = arena.connect(null, { headers: headers(people.mia, server.url) });
      if (await stranger.open()) {
        for (const document of [boardDoc(people.home.board), volumeDoc(`room/${people.home.room}`, 1)]) {
          expect(await stranger.ask(document)).toBe('signed-out');
        }
        for (const token of ['', 'x', '__proto__', 'a'.repeat(40), 'a'.repeat(100_000), "' or 1=1 --", '\0']) {
          expect(await stranger.ask(boardDoc(people.home.board), token)).toBe('signed-out');
        }
      } else expect(stranger.status).toBe(403);
      const plain = arena.connect(null, { path: doors(people)[1] ?? '', headers: headers(people.mia, server.url) });
      const { code } = await plain.closed();
      expect([4401, 0]).toContain(code);
    });
  }

  arena.attack('[S26] forty tokens on one socket are forty wrong ones', async ({ people }) => {
    const stranger = await arena.enter(null);
    for (let i = 0; i < 40; i++) {
      const token = randomBytes(25).toString('hex').slice(0, 40);
      expect(await stranger.ask(boardDoc(people.home.board), token)).toBe('signed-out');
    }
  });
});

/** Upgrades that are none. */
const REQUESTS: [name: string, status: RegExp, request: (host: string) => string][] = [
  ['no key', /^400$/, (host) => upgradeRequest(host, '/sync', { 'Sec-WebSocket-Key': '' })],
  ['a key of the wrong length', /^400$/, (host) => upgradeRequest(host, '/sync', { 'Sec-WebSocket-Key': 'abc' })],
  ['version 8', /^400|426$/, (host) => upgradeRequest(host, '/sync', { 'Sec-WebSocket-Version': '12' })],
  ['POST', /^(400|404|405)$/, (host) => upgradeRequest(host).replace('GET', 'POST')],
  ['a NUL in the path', /^400$/, (host) => upgradeRequest(host, '/sync\0')],
  ['100 kB of headers', /^(400|431)$/, (host) => upgradeRequest(host, '/sync', { 'X-Long': 'a'.repeat(100_000) })],
  ['5,000 headers', /^(400|431)$/, (host) => upgradeRequest(host, '/sync', manyHeaders(5_000))],
  ['another address', /^404$/, (host) => upgradeRequest(host, '/sync/../admin')],
  ['an address of another server', /^(404|403|400)$/, (host) => upgradeRequest(host, 'http://evil.example/elsewhere')],
];

function manyHeaders(count: number): Headers {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, 'a']));
}

function statusOf(answer: string): string {
  return answer.split(' ', 2)[1] ?? '';
}

describe('an upgrade', () => {
  for (const [name, status, request] of REQUESTS) {
    arena.attack(`[H21] with ${name} is refused`, async ({ server }) => {
      const raw = arena.raw();
      raw.write(request(new URL(server.url).host));
      expect(statusOf(await raw.rest())).toMatch(status);
    });
  }

  const OFFERS = [
    'permessage-deflate',
    'permessage-deflate; client_max_window_bits=8; server_max_window_bits=8',
    'permessage-deflate; server_no_context_takeover, x-webkit-deflate-frame',
    'permessage-deflate; '.repeat(50),
  ];
  for (const offer of OFFERS) {
    arena.attack(
      `[H21] that offers ${offer.slice(0, 80)} is not given it, and compressed frames end it`,
      async ({ people }) => {
        const raw = arena.raw(people.mia);
        const { url } = arena.server;
        raw.write(
          upgradeRequest(new URL(url).host, '/sync', {
            Cookie: people.mia.cookie,
            Origin: url,
            'Sec-WebSocket-Extensions': offer,
          }),
        );
        await raw.until(() => raw.ended || raw.text.includes('\r\n\r\n'));
        expect(raw.text.toLowerCase()).not.toContain('sec-websocket-extensions');
        // 8 MB of zeros, as a compressed message of 8 kB.
        if (!raw.ended) raw.write(wsFrame(OPCODE.binary, new Uint8Array(8_000), { reserved: 4 }));
        await raw.rest();
      },
    );
  }
});

describe('slow and half-open connections', () => {
  arena.attack('[H21] 300 upgrades that never come to their end', async ({ server }) => {
    const host = new URL(server.url).host;
    const half = upgradeRequest(host).slice(0, -2);
    const sockets = Array.from({ length: 300 }, () => arena.raw());
    for (const raw of sockets) raw.write(half);
    // One letter at a time, while everybody else is served.
    for (let i = 0; i < 5; i++) {
      for (const raw of sockets) raw.write('X');
      expect((await arena.http(null, 'GET', '/healthz')).status).toBe(200);
    }
  });

  arena.attack('[H21] 500 upgrades at once', async ({ server }) => {
    const host = new URL(server.url).host;
    const sockets = Array.from({ length: 500 }, () => arena.raw());
    for (const raw of sockets) raw.write(upgradeRequest(host));
    await Promise.all(sockets.map((raw) => raw.until(() => raw.ended || raw.text.includes('\r\n\r\n'))));
    const statuses = new Set(sockets.map((raw) => statusOf(raw.text)));
    expect([...statuses].every((status) => status === '101' || status === '429')).toBe(true);
  });

  arena.attack('[S41] 150 sockets of one person: no more than a hundred stay', async () => {
    const me = await arena.newcomer();
    const sockets = Array.from({ length: 150 }, () => arena.connect(me));
    await Promise.all(sockets.map((socket) => socket.open()));
    await Promise.all(sockets.map((socket) => socket.settled()));
    const ended = sockets.filter((socket) => socket.ended !== null);
    expect(ended).toHaveLength(50);
    expect(new Set(ended.map((socket) => socket.ended?.code))).toEqual(new Set([4429]));
  });

  arena.attack('[S33] a message that never comes to its end', async ({ people }) => {
    const raws: RawSocket[] = [];
    for (let i = 0; i < 20; i++) {
      const raw = await byHand(arena, people.mia);
      // 8 MiB announced, a megabyte sent.
      raw.write(wsFrame(OPCODE.binary, new Uint8Array(1 << 20), { length: 8n << 20n }));
      raws.push(raw);
    }
    expect(raws.some((raw) => raw.ended)).toBe(false);
  });
});
