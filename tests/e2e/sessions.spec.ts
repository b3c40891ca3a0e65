import type { Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { call, PASSWORD, request, signIn, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import {
  browserOf,
  expect,
  goOffline,
  messageBox,
  messages,
  noViolations,
  pageOf,
  say,
  signInByPage,
  team,
  test,
} from './app.ts';

const list = (page: Page) => page.getByRole('region', { name: 'Where you are signed in' });
const rows = (page: Page) => list(page).getByRole('listitem');

/** Two browsers of one person, the first one in the settings and the second one on a board. */
async function twoBrowsers(browser: Parameters<typeof browserOf>[0], server: TestServer, owner: Person) {
  const { board, anna } = await team(server, owner);
  const elsewhere = await signIn(server, anna.username);
  const here = await pageOf(browser, server, anna);
  const there = await pageOf(browser, server, elsewhere, `/b/${board}`);
  await expect(there.getByRole('heading', { name: 'Launch', level: 1 })).toBeVisible();
  await expect(there.locator('html')).toHaveAttribute('data-freshened', 'true');
  await here.goto('/settings');
  await expect(rows(here)).toHaveCount(2);
  return { board, anna, elsewhere, here, there };
}

const statusOf = async (server: TestServer, person: Person) => (await request(server, person, 'GET', '/me')).status;

test('[H32] one sign-in is ended by the keyboard, and that browser is out', async ({ browser, server, owner }) => {
  const { elsewhere, anna, here, there } = await twoBrowsers(browser, server, owner);
  await expect(rows(here).first()).toContainText('This browser');
  await noViolations(here);
  await rows(here)
    .getByRole('button', { name: /^Sign out/ })
    .focus();
  await here.keyboard.press('Enter');
  const dialog = here.getByRole('dialog');
  await expect(dialog).toContainText('loses its connection at once');
  await noViolations(here);
  await here.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(rows(here).getByRole('button', { name: /^Sign out/ })).toBeFocused();
  expect(await statusOf(server, elsewhere)).toBe(200);

  await here.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Sign out' }).focus();
  const out = there.waitForURL(/\/sign-in/, { timeout: 30_000 });
  const ended = here.waitForResponse((answer) => answer.request().method() === 'DELETE');
  await here.keyboard.press('Enter');
  await ended;
  await out;
  await expect(rows(here)).toHaveCount(1);
  await expect(list(here)).toContainText('You are signed in nowhere else.');
  expect([await statusOf(server, elsewhere), await statusOf(server, anna)]).toEqual([401, 200]);
});

test('[H32] everywhere else is signed out at once, and what is offline or refused is said', async ({
  browser,
  server,
  owner,
}) => {
  const { elsewhere, anna, here, there } = await twoBrowsers(browser, server, owner);
  await here.context().setOffline(true);
  await expect(list(here)).toContainText('You are offline');
  await expect(list(here).getByRole('button', { name: 'Sign out everywhere else' })).toBeDisabled();
  await here.context().setOffline(false);
  await expect(list(here)).not.toContainText('You are offline');
  await list(here).getByRole('button', { name: 'Sign out everywhere else' }).click();
  await here.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(there).toHaveURL(/\/sign-in/);
  await expect(rows(here)).toHaveCount(1);
  expect([await statusOf(server, elsewhere), await statusOf(server, anna)]).toEqual([401, 200]);
});

test('[H10] a new password in the settings asks for the current one, and ends the other sign-ins', async ({
  browser,
  server,
  owner,
}) => {
  const { elsewhere, anna, here, there } = await twoBrowsers(browser, server, owner);
  await here.getByRole('button', { name: 'Change password' }).click();
  const change = async (current: string, wanted: string) => {
    await here.getByLabel('Current password').fill(current);
    await here.getByLabel('New password').fill(wanted);
    await here.getByRole('button', { name: 'Change password' }).click();
  };
  await change(PASSWORD, 'short');
  await expect(here.getByRole('alert')).toContainText('at least 8 characters');
  await change('not my password', 'a longer password');
  await expect(here.getByRole('alert')).toContainText('not right');
  expect(await statusOf(server, elsewhere)).toBe(200);
  await change(PASSWORD, 'a longer password');
  await expect(here.getByText('Your password is changed.')).toBeVisible();
  await expect(there).toHaveURL(/\/sign-in/);
  await expect(rows(here)).toHaveCount(1);
  expect([await statusOf(server, elsewhere), await statusOf(server, anna)]).toEqual([401, 200]);
  await signInByPage(there, anna.username);
  await expect(there.getByRole('alert')).toBeVisible();
  await signInByPage(there, anna.username, 'a longer password');
  await expect(there.getByRole('link', { name: 'Inbox' }).first()).toBeVisible();
});

test('[H10] a sign-out without a network ends the session as soon as the browser comes back', async ({
  browser,
  server,
  owner,
}) => {
  const { anna } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const page = await context.newPage();
  await page.goto('/settings');
  await goOffline(page);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.close();
  expect(await statusOf(server, anna)).toBe(200);

  await context.setOffline(false);
  const again = await context.newPage();
  await again.goto('/sign-in');
  await expect(again.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect.poll(() => statusOf(server, anna)).toBe(401);
  await signInByPage(again, anna.username);
  await expect(again.getByRole('link', { name: 'Inbox' }).first()).toBeVisible();
  const { items } = await call<{ items: object[] }>(server, await signIn(server, anna.username), 'GET', '/sessions');
  expect(items).toHaveLength(2);
});

test('[L11] a sign-out that another tab tells of late ends nothing of who has signed in since', async ({
  browser,
  server,
  owner,
}) => {
  const { anna } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByRole('link', { name: 'Inbox' }).first()).toBeVisible();
  let tell = (): void => undefined;
  const told = new Promise<void>((resolve) => (tell = resolve));
  let held = false;
  await other.route(/\/api\/v1\/session\b/, async (route) => {
    held = true;
    await told;
    await route.continue();
  });
  const page = await context.newPage();
  await page.goto('/settings');
  // The other tab hears of it before the server does, and tells the server too.
  await page.route(/\/api\/v1\/session\b/, (route) =>
    route.request().method() === 'DELETE' ? route.abort() : route.continue(),
  );
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect.poll(() => held).toBe(true);
  await signInByPage(page, anna.username);
  await expect(page).not.toHaveURL(/\/sign-in/);
  await expect(other).not.toHaveURL(/\/sign-in/);
  const answer = other.waitForResponse(/\/api\/v1\/session\b/);
  tell();
  const late = await answer;
  expect([late.request().method(), late.status()]).toEqual(['DELETE', 204]);
  await page.reload();
  await expect(page.getByRole('link', { name: 'Inbox' }).first()).toBeVisible();
  expect((await page.request.get('/api/v1/me')).status()).toBe(200);
});

test('[L11] a tab whose code comes late makes nobody known again who has signed out since', async ({
  browser,
  server,
  owner,
}) => {
  const { anna } = await team(server, owner);
  // The service worker would fetch where nothing can be held up.
  const context = await browser.newContext({ baseURL: server.url, serviceWorkers: 'block' });
  const [page, other] = [await context.newPage(), await context.newPage()];
  for (const one of [page, other]) {
    await one.goto('/sign-in');
    await one.waitForLoadState('networkidle');
  }
  const { promise: free, resolve: letGo } = Promise.withResolvers<void>();
  const held: string[] = [];
  await other.route('**/_app/immutable/**/*.js', async (route) => {
    held.push(route.request().url());
    await free;
    await route.continue();
  });
  await other.evaluate(() => {
    const keep: string[] = ((globalThis as { kept?: string[] }).kept = []);
    const set = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, value) {
      keep.push(key);
      set.call(this, key, value);
    };
  });
  await signInByPage(page, anna.username);
  await expect(page.getByRole('link', { name: 'Inbox' }).first()).toBeVisible();
  await expect.poll(() => held.length).toBeGreaterThan(0);
  await page.goto('/settings');
  const told = page.waitForResponse((answer) => answer.request().method() === 'DELETE');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await told;

  letGo();
  // Loaded once, modules are ready for whoever asks for them next.
  await other.evaluate((urls) => Promise.all(urls.map((url) => import(url))), held);
  const kept = await other.evaluate(
    () => new Promise((resolve) => requestIdleCallback(() => resolve((globalThis as { kept?: string[] }).kept))),
  );
  expect(kept).toEqual([]);
  for (const one of [page, other]) await expect(one.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('[L11] who came by signing in stays where they are when another tab changes their name', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  const path = `/b/${board}/r/${room}`;
  await page.goto(`/sign-in?next=${encodeURIComponent(path)}`);
  await signInByPage(page, anna.username);
  await expect(messageBox(page)).toBeVisible();
  const other = await context.newPage();
  await other.goto('/settings');
  await other.getByLabel('Name', { exact: true }).fill('Anna Lindqvist');
  await other.getByLabel('Name', { exact: true }).press('Enter');
  await expect(page.getByText('Anna Lindqvist').first()).toBeVisible();
  await say(page, 'still here');
  await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(path);
});

test('[S41] one connection too many is told why, and is let in when another one goes', async ({
  browser,
  server,
  owner,
}) => {
  const { anna } = await team(server, owner);
  const url = `${server.url.replace('http', 'ws')}/sync`;
  const others = Array.from(
    { length: 100 },
    () => new WebSocket(url, { headers: { cookie: anna.cookie, origin: server.url } }),
  );
  await Promise.all(others.map((socket) => new Promise((resolve) => socket.once('open', resolve))));
  const page = await pageOf(browser, server, anna, '/inbox');
  const status = page.getByRole('status').filter({ hasText: 'Not connected' });
  await expect(status).toContainText('close some tabs');
  await noViolations(page);
  for (const socket of others) socket.terminate();
  await expect(status).toBeHidden({ timeout: 30_000 });
  await expect(page.locator('html')).toHaveAttribute('data-freshened', 'true');
});

test('[H31] what gets into a page cannot run: no inline script, no handler, no eval, no markup from text', async ({
  page,
  server,
  violations,
}) => {
  await page.goto(`${server.url}/sign-in`);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  // In a task of the page's own: what a debugger evaluates is allowed to `eval`.
  const outcome = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const seen: string[] = [];
        const mark = globalThis as { ran?: string };
        const attempt = (name: string, act: () => void) => {
          delete mark.ran;
          try {
            act();
          } catch {
            seen.push(`${name} threw`);
          }
          if (mark.ran !== undefined) seen.push(`${name} ran`);
        };
        setTimeout(() => {
          attempt('script', () => {
            const script = document.createElement('script');
            script.append('globalThis.ran = "script"');
            document.body.append(script);
          });
          attempt('handler', () => {
            const button = document.createElement('button');
            button.setAttribute('onclick', 'globalThis.ran = "handler"');
            button.click();
          });
          attempt('eval', () => void (0, eval)('globalThis.ran = "eval"'));
          attempt('markup', () => {
            document.body.innerHTML = '<b>markup</b>';
          });
          resolve(seen);
        });
      }),
  );
  expect(outcome.filter((line) => line.endsWith('ran'))).toEqual([]);
  expect(outcome).toContain('eval threw');
  expect(outcome).toContain('markup threw');
  // The browser tells of each one, a moment later. They are what this test wants, so they do not fail it.
  const told: string[] = [];
  for (const what of ['onclick', 'eval', 'innerHTML', 'HTMLScriptElement']) {
    await expect
      .poll(() => {
        told.push(...violations.taken());
        return told.some((line) => line.includes(what));
      }, what)
      .toBe(true);
  }
  await page.close();
  violations.taken();
});
