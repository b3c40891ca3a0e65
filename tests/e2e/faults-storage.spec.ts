import type { BrowserContext, Page } from '@playwright/test';
import { browserOf, expect, messages, noViolations, pageOf, goOffline, say, team, test } from './app.ts';

const banner = (page: Page) => page.locator('strong', { hasText: 'This device cannot keep your changes now' });
const notice = (page: Page) => page.locator('.banner', { has: banner(page) });
const status = (page: Page) => page.getByRole('status').filter({ hasText: 'Offline' });
/** What a screen reader is told without being interrupted. */
const spoken = (page: Page) => page.locator('[aria-live="polite"]').filter({ hasText: 'cannot keep your changes' });

async function quota(context: BrowserContext, page: Page, origin: string, quotaSize?: number): Promise<void> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', quotaSize === undefined ? { origin } : { origin, quotaSize });
}

test('a full disk is said in a banner; words still reach others, are never called saved, and are kept once there is room', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const page = await context.newPage();
  // From the beginning: Chromium remembers for half a minute how much room there was.
  await quota(context, page, server.url, 1);
  await page.goto(`/b/${board}/r/${room}`);
  const other = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await say(page, 'written on a full disk');
  await expect(banner(page)).toContainText('its storage is full');
  await expect(notice(page)).toContainText('Your changes are still sent to the server while you are online.');
  await expect(spoken(page)).toHaveCount(1);
  await expect(messages(other).getByText('written on a full disk')).toBeVisible();
  await noViolations(page);

  await context.setOffline(true);
  await expect(notice(page)).toContainText('You are offline as well: keep this tab open');
  await say(page, 'offline on a full disk');
  await expect(messages(page).getByText('not sent yet')).toBeVisible();
  await expect(status(page)).toContainText('1 change not sent yet. Keep this tab open.');
  await expect(page.getByText('saved on this device')).toHaveCount(0);
  await expect(messages(page).getByText('written on a full disk')).toBeVisible();
  await noViolations(page);

  await quota(context, page, server.url);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(banner(page)).toHaveCount(0);
  await expect(status(page)).toContainText('1 change saved on this device');
  await expect(messages(page).getByText('saved on this device')).toBeVisible();
  await context.setOffline(false);
  await expect(messages(other).getByText('offline on a full disk')).toHaveCount(1);
});

test('a browser that keeps nothing at all: said, the page works while it is open, and nothing typed is lost', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  await context.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', { value: undefined });
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    });
    Object.defineProperty(navigator, 'serviceWorker', {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    });
    Object.defineProperty(navigator, 'locks', { value: undefined });
    Object.assign(window, { BroadcastChannel: undefined });
    Object.assign(crypto, { randomUUID: undefined });
  });
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${room}`);
  await expect(banner(page)).toContainText('the browser does not allow it, as in some private windows');
  const other = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await say(page, 'from a private window');
  await expect(messages(other).getByText('from a private window')).toBeVisible();
  await context.setOffline(true);
  await expect(status(page)).toBeVisible();
  await say(page, 'only in this tab');
  await expect(status(page)).toContainText('1 change not sent yet. Keep this tab open.');
  await expect(messages(page).getByText('from a private window')).toBeVisible();

  // Whoever goes all the same is asked by the browser first.
  let asked = false;
  page.once('dialog', (dialog) => {
    asked = dialog.type() === 'beforeunload';
    void dialog.dismiss();
  });
  await page.evaluate(() => setTimeout(() => location.reload()));
  await expect.poll(() => asked).toBe(true);
  await context.setOffline(false);
  await expect(messages(other).getByText('only in this tab')).toHaveCount(1);
  await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
});

test('site data cleared while a page is open: said, nothing on the page is lost, and it is stored anew by itself', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${room}`);
  await goOffline(page);
  await say(page, 'survives the clearing');
  await expect(messages(page).getByText('saved on this device')).toBeVisible();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.clearDataForOrigin', {
    origin: server.url,
    storageTypes: 'indexeddb,local_storage',
  });
  await expect(banner(page)).toBeVisible();
  await expect(banner(page)).toHaveCount(0);
  await expect(messages(page).getByText('survives the clearing')).toBeVisible();
  await expect(messages(page).getByText('saved on this device')).toBeVisible();
  await context.setOffline(false);
  await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
});
