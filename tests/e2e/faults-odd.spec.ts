import { chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, ensureChromium } from '../../scripts/chromium.ts';
import { call, PASSWORD } from '../harness/people.ts';
import { freePort, TestServer } from '../harness/server.ts';
import { Front } from './front.ts';
import { browserOf, expect, messageBox, messages, readyForOffline, say, team, test } from './app.ts';

const status = (page: Page) => page.getByRole('status').filter({ hasText: 'Offline' });

/** Makes the first account through the page, with a board and a room; answers the room's address. */
async function setUpByPage(page: Page, server: TestServer): Promise<string> {
  await page.goto(`/setup?token=${server.setupToken}`);
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Name', { exact: true }).fill('Ada Admin');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Boards' })).toBeVisible();
  return page.evaluate(async () => {
    const post = async (path: string, body: object): Promise<string> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return ((await answer.json()) as { id: string }).id;
    };
    const board = await post('/boards', { title: 'Launch' });
    return `/b/${board}/r/${await post(`/boards/${board}/rooms`, { name: 'General' })}`;
  });
}

test('a new version takes over while a tab is open: it goes on with the old one, and is kindly offered the new one', async ({
  browser,
}) => {
  const port = await freePort();
  const front = await Front.open(port);
  const server = await TestServer.start({ port, env: { BASE_URL: front.url } });
  try {
    const page = await (await browser.newContext({ baseURL: front.url })).newPage();
    await page.goto(await setUpByPage(page, server));
    await readyForOffline(page);
    // A page whose loading began before the worker was ready may be without one until it is loaded again.
    await page.reload();
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    await expect(messageBox(page)).toBeVisible();
    await messageBox(page).pressSequentially('in the middle of a thought');
    front.install();
    await page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update();
    });
    const offer = page.getByRole('log', { name: 'Notices' });
    await expect(offer).toContainText('A new version of TaskFlow is here.');

    await expect(messageBox(page)).toHaveValue('in the middle of a thought');
    await messageBox(page).press('Enter');
    await expect(messages(page).getByText('in the middle of a thought')).toBeVisible();
    await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
    await messageBox(page).pressSequentially('and the next one');
    await offer.getByRole('button', { name: 'Reload to update' }).click();
    await expect(messages(page).getByText('in the middle of a thought')).toHaveCount(1);
    await expect(messageBox(page)).toHaveValue('and the next one');
  } finally {
    front.close();
    await server.dispose();
  }
});

for (const [what, years] of [
  ['ahead', 10],
  ['behind', -10],
] as const) {
  test(`a device whose clock is ten years ${what} shows the server’s times, and sends and saves as ever`, async ({
    browser,
    server,
    owner,
  }) => {
    const { board, room, anna, ben } = await team(server, owner);
    await call(server, ben, 'POST', `/rooms/${room}/messages`, { text: `for @${anna.username}` });
    const context = await browserOf(browser, server, anna);
    await context.addInitScript(
      (shift) => {
        const Real = Date;
        class Wrong extends Real {
          constructor(...given: []) {
            super(...((given.length === 0 ? [Real.now() + shift] : given) as []));
          }
          static override now(): number {
            return Real.now() + shift;
          }
        }
        window.Date = Wrong as DateConstructor;
      },
      years * 365.25 * 86_400_000,
    );
    const page = await context.newPage();
    await page.goto('/inbox');
    await expect(page.getByRole('main').locator('time').first()).toHaveText(/^(now|\d+ min\. ago)$/);
    await page.goto(`/b/${board}/r/${room}`);
    await readyForOffline(page);
    await say(page, 'at the right time');
    await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
    await expect(messages(page).getByText('Today', { exact: true })).toHaveCount(1);
    await context.setOffline(true);
    await expect(status(page)).toBeVisible();
    await say(page, 'and without a network');
    await expect(messages(page).getByText('saved on this device')).toBeVisible();
    await context.setOffline(false);
    await expect(messages(page).getByText('saved on this device')).toHaveCount(0);
    const { items } = await call<{ items: { text: string; at: string }[] }>(
      server,
      anna,
      'GET',
      `/rooms/${room}/messages`,
    );
    expect(items.map(({ text }) => text)).toEqual([
      'and without a network',
      'at the right time',
      `for @${anna.username}`,
    ]);
    for (const { at } of items) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(600_000);
  });
}

test('on a plain-http address of the local network everything works but opening without a network, which is said', async () => {
  const port = await freePort();
  const url = `http://taskflow.lan:${port}`;
  const server = await TestServer.start({ port, env: { BASE_URL: url } });
  const executablePath = ensureChromium();
  const browser = await chromium.launch({
    args: [...CHROMIUM_ARGS, '--host-resolver-rules=MAP taskflow.lan 127.0.0.1'],
    ...(executablePath && { executablePath }),
  });
  try {
    const context = await browser.newContext({ baseURL: url });
    const page = await context.newPage();
    await page.goto(await setUpByPage(page, server));
    expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
    await expect(page.getByText('Opening TaskFlow without a network is off at this address')).toBeVisible();
    await say(page, 'over plain http');
    await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
    await context.setOffline(true);
    await expect(status(page)).toBeVisible();
    await say(page, 'offline over plain http');
    await expect(messages(page).getByText('saved on this device')).toBeVisible();
    await context.setOffline(false);
    await expect(messages(page).getByText('saved on this device')).toHaveCount(0);
  } finally {
    await browser.close();
    await server.dispose();
  }
});
