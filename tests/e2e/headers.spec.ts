import { chromium } from '@playwright/test';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CHROMIUM_ARGS, ensureChromium } from '../../scripts/chromium.ts';
import { lacking, refusedInline } from '../harness/headers.ts';
import { call, PASSWORD } from '../harness/people.ts';
import { freePort, TestServer } from '../harness/server.ts';
import { expect, team, test } from './app.ts';
import { hearViolations } from './violations.ts';

const BUILD = fileURLToPath(new URL('../../build/', import.meta.url));
const ROUTES = fileURLToPath(new URL('../../src/routes/', import.meta.url));

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length).replace(/^\//, ''));
}

/** Every page of the routes' folder, with something in the place of its parameters. */
function pagesOf(params: Record<string, string>): string[] {
  return filesOf(ROUTES)
    .filter((file) => file.endsWith('+page.svelte'))
    .map((file) =>
      file
        .replace(/\/?\+page\.svelte$/, '')
        .split('/')
        .filter((segment) => !/^\(.*\)$/.test(segment))
        .map((segment) => params[/^\[(.*)\]$/.exec(segment)?.[1] ?? ''] ?? segment)
        .join('/'),
    )
    .map((path) => `/${path}`);
}

/** What a page's markup leads to, on this site. */
function linksIn(html: string, from: URL): string[] {
  return [...html.matchAll(/(?:href|src)="([^"]+)"|import\("([^"]+)"\)/g)].flatMap(([, first, second]) => {
    const url = new URL(first ?? second ?? '', from);
    return url.origin === from.origin ? [url.pathname + url.search] : [];
  });
}

test('[H30] every page, every file and every link between them has the headers', async ({ server, owner }) => {
  test.setTimeout(180_000);
  const { board, room } = await team(server, owner);
  const { id: column } = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/columns`, {
    title: 'To do',
  });
  const { id: task } = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/tasks`, {
    column,
    title: 'Go',
  });
  const pages = pagesOf({ board, room, task, code: 'nosuchcode' });
  expect(pages.length).toBeGreaterThanOrEqual(10);
  const files = filesOf(`${BUILD}client`).map((file) => `/${file}`);
  expect(files.length).toBeGreaterThan(50);
  const waiting = [
    ...pages,
    ...files,
    '/shell.html',
    '/shell/',
    '/sign-in/',
    '/no/such/page',
    '/%E0%A4%A',
    '/..%2f..%2fetc%2fpasswd',
    '/_app/immutable/gone.js',
    '/_app/version.json?x=1',
    '//evil.example/',
    '/b/%00',
    `/${'x'.repeat(8_000)}`,
  ];
  const known = new Set(waiting);
  const lacks: string[] = [];
  const statuses = new Set<number>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const init of [{}, { headers: { cookie: owner.cookie } }, { method: 'POST' }]) {
      const answer = await fetch(server.url + path, { redirect: 'manual', ...init });
      statuses.add(answer.status);
      lacks.push(...lacking(answer.headers).map((what) => `${answer.status} ${path}: ${what}`));
      const html = await answer.text();
      const location = answer.headers.get('location');
      const next = location ? [new URL(location, server.url).pathname] : [];
      if (answer.headers.get('content-type')?.startsWith('text/html') && answer.status !== 405) {
        const policy = answer.headers.get('content-security-policy') ?? '';
        lacks.push(...refusedInline(html, policy).map((what) => `${path}: ${what}`));
        next.push(...linksIn(html, new URL(path.replace(/^\/+/, '/'), server.url)));
      }
      for (const link of next) {
        if (known.has(link)) continue;
        known.add(link);
        waiting.push(link);
      }
    }
    const cached = await fetch(server.url + path, { headers: { 'if-none-match': '*', range: 'bytes=0-1' } });
    lacks.push(...lacking(cached.headers).map((what) => `${cached.status} ${path} again: ${what}`));
    await cached.body?.cancel();
  }
  expect(lacks).toEqual([]);
  expect([...statuses].toSorted((a, b) => a - b)).toEqual(expect.arrayContaining([200, 308, 404, 405]));
});

test('[H30] under https a browser is told to stay with it, on pages and files too', async () => {
  const server = await TestServer.start({ env: { BASE_URL: 'https://tasks.example.org' } });
  try {
    for (const path of ['/', '/shell', '/theme.js', '/service-worker.js', '/no/such/page', '/api/v1/me']) {
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
      expect(lacking(answer.headers, { https: true }), path).toEqual([]);
      await answer.body?.cancel();
    }
  } finally {
    await server.dispose();
  }
});

test('[H31] on a plain address of a network the pages and their socket work, and nothing is refused', async () => {
  const port = await freePort();
  const baseURL = `http://tasks.lan:${port}`;
  const server = await TestServer.start({ port, env: { BASE_URL: baseURL } });
  const executablePath = ensureChromium();
  const browser = await chromium.launch({
    args: [...CHROMIUM_ARGS, '--host-resolver-rules=MAP tasks.lan 127.0.0.1'],
    ...(executablePath ? { executablePath } : {}),
  });
  try {
    const heard = hearViolations(browser);
    const page = await (await browser.newContext({ baseURL })).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`/setup?token=${server.setupToken}`);
    expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Name', { exact: true }).fill('Ada Admin');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-freshened', 'true');
    expect(heard.taken()).toEqual([]);
    expect(complaints.filter((line) => !line.includes('401'))).toEqual([]);
    const answer = await fetch(`${server.url}/sign-in`);
    expect(lacking(answer.headers, { trusted: false })).toEqual([]);
  } finally {
    await browser.close();
    await server.dispose();
  }
});
