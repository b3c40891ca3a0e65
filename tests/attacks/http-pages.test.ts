/** Pages and files: ways out of the folder, redirects, ranges, downloads that break off, and what must not be there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Arena } from './harness.ts';
import { begin, requestBytes, send } from './http-requests.ts';

const arena = new Arena();
const CLIENT = fileURLToPath(new URL('../../build/client', import.meta.url));
const FILES = readdirSync(CLIENT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(CLIENT.length).replaceAll('\\', '/'));
const SCRIPT = FILES.find((file) => file.startsWith('/_app/immutable/') && file.endsWith('.js')) ?? '';
const PAGES = ['/', '/sign-in', '/setup', '/inbox', '/settings', '/b/aaaaaaaaaaaaaaaaaaaa', '/invite/x', '/shell'];

describe('[H26] a path that leads out', () => {
  const OUT = [
    'etc/passwd',
    'package.json',
    'build/handler.js',
    'server/main.ts',
    'data/postgres/PG_VERSION',
    '.env',
    '.git/config',
  ];
  const steps: [string, (file: string) => string][] = [
    ['..', (file) => `/../../../../${file}`],
    ['.. below the files', (file) => `/_app/immutable/../../../../../${file}`],
    ['%2e%2e', (file) => `/%2e%2e/%2e%2e/%2e%2e/${file}`],
    ['..%2f', (file) => `/..%2f..%2f..%2f${file.replaceAll('/', '%2f')}`],
    ['..%5c', (file) => `/..%5c..%5c..%5c${file.replaceAll('/', '%5c')}`],
    ['..\\', (file) => `/..\\..\\..\\${file.replaceAll('/', '\\')}`],
    ['%252e%252e', (file) => `/%252e%252e%252f%252e%252e%252f${file}`],
    ['//', (file) => `//${file}`],
    ['///', (file) => `///${file}`],
    ['file:', (file) => `file:///${file}`],
    ['an overlong dot', (file) => `/%c0%ae%c0%ae/%c0%ae%c0%ae/${file}`],
    ['NUL', (file) => `/${file}%00.js`],
    ['NUL before a name of ours', (file) => `/../${file}%00/service-worker.js`],
    ['a full-width dot', (file) => `/%ef%bc%8e%ef%bc%8e/${file}`],
    ['a semicolon', (file) => `/..;/..;/${file}`],
    ['the API', (file) => `/api/v1/../../${file}`],
    ['another route', (file) => `/b/../${file}`],
    ['the file system of Vite', (file) => `/@fs/${file}`],
  ];
  for (const [name, path] of steps) {
    arena.attack(`by ${name} leads nowhere`, async () => {
      for (const file of OUT) {
        const answer = await send(arena, { target: path(file) });
        expect([400, 404], path(file)).toContain(answer.status);
        expect(answer.body, path(file)).not.toMatch(/root:.*:0:0|"dependencies"|createServer|\[core\]/);
      }
    });
  }
});

describe('[H26] a redirect', () => {
  const away = [
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '/%5cevil.example',
    '/%2f/evil.example',
    '//evil.example/%2e%2e',
    '/https://evil.example',
    '/.evil.example',
    '/\tevil.example',
    '//evil.example/shell/',
    '/shell//evil.example/',
    '/shell/%2f%2fevil.example',
  ];
  arena.attack('leads to nobody else', async () => {
    for (const target of away.flatMap((path) => [path, `${path}/`, `${path}?next=//evil.example`])) {
      const { head, status } = await send(arena, { target: target.replace('\t', '%09') });
      const location = /^location: (.*)$/im.exec(head)?.[1];
      if (location !== undefined) expect(location, target).toMatch(/^\/(?![/\\])/);
      else expect(status, target).not.toBe(302);
    }
  });

  arena.attack('is not made of what a page is asked with', async () => {
    for (const page of ['/sign-in', '/setup', '/invite/x', '/']) {
      for (const name of ['next', 'redirect', 'return', 'url', 'returnTo']) {
        const { status, head } = await send(arena, { target: `${page}?${name}=https://evil.example` });
        expect([status, /^location/im.test(head)], `${page} ${name}`).toEqual([200, false]);
      }
    }
  });
});

describe('[H26] a range', () => {
  const ranges = [
    'bytes=5-2',
    'bytes=-1',
    'bytes=0-0',
    'bytes=99999999-',
    'bytes=1-0,2-1',
    'bytes=--1',
    'bytes=a-b',
    'bytes=0-1e9',
    'bytes=9007199254740993-1',
    'items=5-2',
    '=5-2',
    '5-2',
  ];
  for (const range of ranges) {
    arena.attack(`${range} is not looked at`, async () => {
      for (const target of [
        SCRIPT,
        '/service-worker.js',
        '/manifest.webmanifest',
        '/shell',
        '/%73hell',
        `${SCRIPT}?x`,
        `${SCRIPT}/`,
      ]) {
        for (const encoding of ['identity', 'gzip', 'br']) {
          const answer = await send(arena, { target, lines: [`Range: ${range}`, `Accept-Encoding: ${encoding}`] });
          expect([200, 308, 404], target).toContain(answer.status);
        }
      }
    });
  }
});

describe('[H26] a download', () => {
  const filesOpen = () => readdirSync(`/proc/${arena.server.pid}/fd`).length;

  arena.attack('that nobody reads, or that breaks off, leaves no file open', async () => {
    const before = filesOpen();
    for (const target of [SCRIPT, '/shell', '/service-worker.js']) {
      const many = Buffer.concat(Array.from({ length: 90 }, () => requestBytes(arena, { target }, false)));
      const sockets = Array.from({ length: 100 }, () => {
        const socket = begin(arena, null, many);
        socket.socket.pause();
        return socket;
      });
      await Promise.all(sockets.map((socket) => socket.until(() => !socket.socket.connecting)));
      await arena.unharmed('while they wait');
      expect(filesOpen() - before, 'a file and a socket for each connection').toBeLessThanOrEqual(220);
      for (const { socket } of sockets) socket.resetAndDestroy();
    }
    while (filesOpen() > before + 20) await fetch(`${arena.server.url}/healthz`);
    expect(filesOpen()).toBeLessThanOrEqual(before + 20);
  });
});

describe('what is not served', () => {
  it('is no source map, and no source', () => {
    expect(FILES.filter((file) => /\.map$|\.ts$|\.svelte$/.test(file))).toEqual([]);
    for (const file of FILES.filter((name) => name.endsWith('.js'))) {
      expect(readFileSync(join(CLIENT, file), 'utf8'), file).not.toMatch(/sourceMappingURL=/);
    }
  });

  it('is no page of development', () => {
    for (const file of FILES.filter((name) => name.endsWith('.js'))) {
      expect(readFileSync(join(CLIENT, file), 'utf8'), file).not.toContain('swatches');
    }
  });

  arena.attack('is there by no other name', async () => {
    for (const target of [
      `${SCRIPT}.map`,
      '/src/app.html',
      '/@vite/client',
      '/__inspect',
      '/server/main.ts',
      '/prerendered/shell.html',
      '/client/service-worker.js',
      '/handler.js',
      '/env.js',
      '/.svelte-kit/output',
      '/debug',
      '/debug/pprof',
      '/admin',
      '/phpinfo.php',
      '/actuator/env',
      '/server-status',
      '/graphql',
      '/console',
      '/data',
      '/taskflow.log',
      '/_app/remote/x/y',
    ]) {
      expect((await send(arena, { target })).status, target).toBe(404);
    }
    const ui = await send(arena, { target: '/dev/ui' });
    expect(ui.body).not.toMatch(/swatch|design system/i);
  });
});

describe('[H26] every page and file', () => {
  arena.attack('is only read', async () => {
    for (const target of [
      ...PAGES,
      SCRIPT,
      '/service-worker.js',
      '/b/x/__data.json',
      '/healthz',
      '/readyz',
      '/metrics',
    ]) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const lines = ['Content-Type: application/x-www-form-urlencoded', `Origin: ${arena.server.url}`];
        const answer = await send(arena, { method, target, person: arena.people.mia, lines, body: 'a=b' });
        expect(answer.status, `${method} ${target}`).toBe(405);
        expect(answer.head).toMatch(/^allow: GET, HEAD$/im);
      }
    }
  });

  arena.attack('holds nothing of anybody, whoever asks', async () => {
    const { olga, mia, otto } = arena.people;
    const first = await Promise.all(PAGES.map((target) => send(arena, { target, person: olga })));
    for (const person of [mia, otto, null]) {
      const again = await Promise.all(PAGES.map((target) => send(arena, { target, person })));
      again.forEach(({ status, body }, i) =>
        expect([status, body], PAGES[i]).toEqual([first[i]?.status, first[i]?.body]),
      );
    }
    for (const { body } of first) expect(body).not.toMatch(/olga|canary/i);
  });

  arena.attack('of the service worker reigns over its own folder only', async () => {
    const { status, head, body } = await send(arena, { target: '/service-worker.js' });
    expect(status).toBe(200);
    expect(head).not.toMatch(/service-worker-allowed/i);
    expect(head).toMatch(/^content-type: text\/javascript/im);
    expect(body).not.toMatch(/https?:\/\/(?!localhost)/);
  });
});

describe('[H25] /metrics', () => {
  arena.attack('tells counts, and nothing of who or what', async () => {
    const { people } = arena;
    for (const person of [null, people.mia]) {
      const { status, body } = await send(arena, { target: '/metrics', person });
      expect(status).toBe(200);
      for (const line of body.trim().split('\n')) {
        expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ [\w ,.'()’]+|[a-z_]+ \d+(\.\d+)?(e[+-]?\d+)?)$/);
      }
      expect(body).not.toMatch(/olga|mia|canary|[{}]/);
    }
  });
});
