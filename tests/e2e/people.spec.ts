import type { Page } from '@playwright/test';
import { call, PASSWORD } from '../harness/people.ts';
import { TestServer } from '../harness/server.ts';
import { browserOf, expect, noViolations, pageOf, signInByPage, team, test, unique } from './app.ts';

test('the set-up link makes the first account once, and signs it in', async ({ browser }) => {
  const server = await TestServer.start();
  try {
    const page = await (await browser.newContext({ baseURL: server.url })).newPage();
    const link = `/setup?token=${server.setupToken}`;
    await page.goto(link);
    await noViolations(page);
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Name', { exact: true }).fill('Ada Admin');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('heading', { name: 'Boards' })).toBeVisible();
    await noViolations(page);

    const second = await (await browser.newContext({ baseURL: server.url })).newPage();
    await second.goto(link);
    await second.getByLabel('Username').fill('eve');
    await second.getByLabel('Name', { exact: true }).fill('Eve');
    await second.getByLabel('Password').fill(PASSWORD);
    await second.getByRole('button', { name: 'Create account' }).click();
    await expect(second.getByRole('alert')).toBeVisible();
    await expect(second.getByLabel('Username')).toHaveValue('eve');
  } finally {
    await server.dispose();
  }
});

test('a wrong password is answered kindly, keeps the username, and the right one signs in', async ({
  page,
  server,
  owner,
}) => {
  await page.goto(`${server.url}/sign-in`);
  await noViolations(page);
  await signInByPage(page, owner.username, 'not the password');
  await expect(page.getByRole('alert')).toContainText('password');
  await expect(page.getByLabel('Username')).toHaveValue(owner.username);
  await signInByPage(page, owner.username);
  await expect(page.getByRole('heading', { name: 'Boards' })).toBeVisible();
});

test('an owner invites by link, a newcomer joins with the role it names', async ({ browser, server, owner }) => {
  const { board } = await team(server, owner, 'Garden');
  const ownerPage = await pageOf(browser, server, owner, `/b/${board}`);
  await ownerPage.getByRole('button', { name: 'People' }).click();
  await ownerPage.getByLabel('Role', { exact: true }).selectOption('commenter');
  await ownerPage.getByRole('button', { name: 'Make an invitation link' }).click();
  const link = await ownerPage.getByLabel('Invitation link').inputValue();
  expect(link).toContain('/invite/');
  await noViolations(ownerPage);

  const newcomer = await (await browser.newContext({ baseURL: server.url })).newPage();
  await newcomer.goto(link);
  await expect(newcomer.getByText('Garden')).toBeVisible();
  await noViolations(newcomer);
  const username = unique('nora.');
  await newcomer.getByLabel('Username').fill(username);
  await newcomer.getByLabel('Name', { exact: true }).fill('Nora New');
  await newcomer.getByLabel('Password').fill(PASSWORD);
  await newcomer.getByRole('button', { name: 'Join' }).click();
  await expect(newcomer).toHaveURL(new RegExp(`/b/${board}`));
  const members = await call<{ items: { username: string; role: string }[] }>(
    server,
    owner,
    'GET',
    `/boards/${board}/members`,
  );
  expect(members.items.find((one) => one.username === username)?.role).toBe('commenter');
});

test('signing out reaches every tab, and wipes this device on request', async ({ browser, server, owner }) => {
  const { board, anna } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const first = await context.newPage();
  const second = await context.newPage();
  await first.goto(`/b/${board}`);
  await second.goto(`/b/${board}`);
  await expect(first.getByRole('heading', { name: 'Launch', level: 1 })).toBeVisible();
  await expect(second.getByRole('heading', { name: 'Launch', level: 1 })).toBeVisible();

  await first.goto('/settings');
  await first.getByLabel('Also remove my copies from this device').check();
  await first.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(first).toHaveURL(/\/sign-in/);
  await expect(second).toHaveURL(/\/sign-in/);
  const kept = async (): Promise<string[]> => {
    const names = await first.evaluate(async () => (await indexedDB.databases()).map(({ name = '' }) => name));
    return names.filter((name) => name.includes(anna.id));
  };
  await expect.poll(kept).toEqual([]);
  const me = () => fetch(`${server.url}/api/v1/me`, { headers: { cookie: anna.cookie } });
  await expect.poll(async () => (await me()).status).toBe(401);
});

/** How many updates this browser still keeps of documents whose names contain one of these ids. */
function rowsOnDevice(page: Page, ids: string[]): Promise<number> {
  return page.evaluate(async (wanted) => {
    let rows = 0;
    for (const { name = '' } of await indexedDB.databases()) {
      if (!wanted.some((id) => name.includes(id))) continue;
      rows += await new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onerror = () => reject(new Error(`${name} does not open`));
        opening.onsuccess = () => {
          const db = opening.result;
          // A database that has just been deleted is opened anew here, without stores.
          if (!db.objectStoreNames.contains('updates')) {
            db.close();
            indexedDB.deleteDatabase(name);
            resolve(0);
            return;
          }
          const counting = db.transaction('updates', 'readonly').objectStore('updates').count();
          counting.onsuccess = () => {
            db.close();
            resolve(counting.result);
          };
        };
      });
    }
    return rows;
  }, ids);
}

test('a removed member loses the board within two seconds, and the copy on the device', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, ben } = await team(server, owner);
  const context = await browserOf(browser, server, ben);
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${room}`);
  await expect(page.getByRole('textbox', { name: 'Message General' })).toBeVisible();
  await expect.poll(() => rowsOnDevice(page, [board, room])).toBeGreaterThan(0);
  await call(server, owner, 'DELETE', `/boards/${board}/members/${ben.id}`);
  await expect(page.getByText('You are no longer a member')).toBeVisible();
  await expect.poll(() => rowsOnDevice(page, [board, room])).toBe(0);
  await page.goto(`/b/${board}`);
  await expect(page.getByText('does not exist, or you are not a member')).toBeVisible();
});
