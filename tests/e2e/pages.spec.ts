import type { Page } from '@playwright/test';
import { call, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import { browserOf, expect, noViolations, pageOf, team, test } from './app.ts';

type Visit = { name: string; path: string; person: Person | null; shows: string };

/** Every page in a state that a person meets, with something to wait for. */
async function visits(server: TestServer, owner: Person): Promise<Visit[]> {
  const { board, room, anna, ben } = await team(server, owner, 'Harbour');
  const column = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/columns`, { title: 'To do' });
  const task = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/tasks`, {
    column: column.id,
    title: 'Paint the boat with two coats of the blue that is left from last year',
  });
  await call(server, ben, 'POST', `/rooms/${room}/messages`, { text: `Good morning @${anna.username}` });
  await call(server, ben, 'POST', `/tasks/${task.id}/comments`, { text: 'The blue one' });
  const { code } = await call<{ code: string }>(server, owner, 'POST', `/boards/${board}/invitations`, {
    role: 'member',
  });
  return [
    { name: 'sign-in', path: '/sign-in', person: null, shows: 'Sign in' },
    { name: 'set-up', path: '/setup?token=none', person: null, shows: 'Create account' },
    { name: 'invitation', path: `/invite/${code}`, person: null, shows: 'Harbour' },
    { name: 'dead invitation', path: '/invite/nosuchcode', person: null, shows: 'invitation' },
    { name: 'no such page', path: '/no/such/page', person: null, shows: 'no such page' },
    { name: 'boards', path: '/', person: anna, shows: 'Harbour' },
    { name: 'board', path: `/b/${board}`, person: anna, shows: 'Paint the boat' },
    { name: 'room', path: `/b/${board}/r/${room}`, person: anna, shows: 'Good morning' },
    { name: 'task', path: `/b/${board}/t/${task.id}`, person: anna, shows: 'The blue one' },
    { name: 'inbox', path: '/inbox', person: anna, shows: 'Good morning' },
    { name: 'empty inbox', path: '/inbox', person: ben, shows: 'Nothing for you yet' },
    { name: 'settings', path: '/settings', person: anna, shows: 'This device' },
    { name: 'missing board', path: '/b/nosuchboardanywhere0', person: anna, shows: 'does not exist' },
  ];
}

async function fits(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, 'nothing sticks out sideways').toBeLessThanOrEqual(0);
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 360, height: 740 },
  ]) {
    test(`no page has an accessibility violation or sticks out: ${colorScheme}, ${viewport.width} wide`, async ({
      browser,
      server,
      owner,
    }) => {
      test.setTimeout(240_000);
      for (const visit of await visits(server, owner)) {
        await test.step(visit.name, async () => {
          const context = visit.person
            ? await browserOf(browser, server, visit.person)
            : await browser.newContext({ baseURL: server.url });
          const page = await context.newPage();
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(viewport);
          await page.goto(visit.path);
          await expect(page.getByRole('main').getByText(visit.shows).first()).toBeVisible();
          await noViolations(page);
          await fits(page);
          await context.close();
        });
      }
    });
  }
}

test('on a new device nothing is said to be missing before the server was heard', async ({
  browser,
  server,
  owner,
}) => {
  const { ben } = await team(server, owner, 'Harbour');
  const page = await pageOf(browser, server, ben);
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  await page.routeWebSocket(/\/sync/, async (socket) => {
    ask();
    await heard;
    socket.connectToServer();
  });
  const nav = page.getByRole('navigation', { name: 'Boards and rooms' });
  for (const path of ['/inbox', '/']) {
    await page.goto(path);
    await asked;
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('.skeleton')).toBeVisible();
    await expect(nav.getByText('None yet.')).toHaveCount(0);
    await expect(page.getByText('Nothing for you yet')).toHaveCount(0);
    await expect(page.getByText('Your first board')).toHaveCount(0);
  }
  hear();
  await expect(nav.getByRole('link', { name: 'Harbour' })).toBeVisible();
  await page.goto('/inbox');
  await expect(page.getByText('Nothing for you yet')).toBeVisible();
});
