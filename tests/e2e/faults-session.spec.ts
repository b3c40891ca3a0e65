import type { Page } from '@playwright/test';
import { call } from '../harness/people.ts';
import {
  browserOf,
  expect,
  goOffline,
  giveSession,
  messageBox,
  messages,
  noViolations,
  readyForOffline,
  say,
  signInByPage,
  team,
  test,
} from './app.ts';

const status = (page: Page) => page.getByRole('status').filter({ hasText: 'Offline' });

async function signIn(page: Page, username: string): Promise<void> {
  await signInByPage(page, username);
  await expect(page).not.toHaveURL(/\/sign-in/);
}

/** Whether these words are anywhere in what this browser keeps for the page's origin. */
function isOnDevice(page: Page, words: string): Promise<boolean> {
  return page.evaluate(async (wanted) => {
    const texts = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
    const decoder = new TextDecoder();
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve) => {
        indexedDB.open(name).onsuccess = (event) => resolve((event.target as IDBOpenDBRequest).result);
      });
      for (const store of db.objectStoreNames) {
        const rows = await new Promise<unknown[]>((resolve) => {
          const all = db.transaction(store).objectStore(store).getAll();
          all.onsuccess = () => resolve(all.result);
        });
        for (const row of rows) texts.push(row instanceof Uint8Array ? decoder.decode(row) : JSON.stringify(row));
      }
      db.close();
    }
    return texts.some((text) => text.includes(wanted));
  }, words);
}

test('signing out asks first what becomes of unsent words of another tab: kept, they are sent after signing in again', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const writing = await context.newPage();
  await writing.goto(`/b/${board}/r/${room}`);
  await readyForOffline(writing);
  const leaving = await context.newPage();
  await leaving.goto('/settings');
  await expect(leaving.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await context.setOffline(true);
  await expect(status(writing)).toBeVisible();
  await say(writing, 'first of two');
  await say(writing, 'second of two');
  await expect(messages(writing).getByText('saved on this device')).toHaveCount(2);

  await expect(leaving.getByText('2 changes are not sent yet and only on this device.')).toBeVisible();
  await leaving.getByRole('button', { name: 'Sign out', exact: true }).click();
  const dialog = leaving.getByRole('dialog', { name: '2 changes are not sent yet' });
  await expect(dialog).toBeVisible();
  await noViolations(leaving);
  await dialog.getByRole('button', { name: 'Keep them here and sign out' }).click();
  await expect(leaving).toHaveURL(/\/sign-in/);
  await expect(writing).toHaveURL(/\/sign-in/);

  await context.setOffline(false);
  // Somebody else signs in first: they see and send nothing of the first one's.
  await signIn(leaving, ben.username);
  await leaving.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(leaving)).toBeVisible();
  await say(leaving, 'from somebody else');
  await expect(messages(leaving).getByText('sent', { exact: true })).toBeVisible();
  await expect(messages(leaving).getByText('first of two')).toHaveCount(0);
  await leaving.goto('/settings');
  await leaving.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(leaving).toHaveURL(/\/sign-in/);

  await signIn(leaving, anna.username);
  await leaving.goto(`/b/${board}/r/${room}`);
  await expect
    .poll(async () => {
      const { items } = await call<{ items: { text: string }[] }>(server, owner, 'GET', `/rooms/${room}/messages`);
      return items.map(({ text }) => text).reverse();
    })
    .toEqual(['from somebody else', 'first of two', 'second of two']);
});

test('“send them” sends and then signs out; “discard” leaves no word of the person, in any tab', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const writing = await context.newPage();
  await writing.goto(`/b/${board}/r/${room}`);
  await readyForOffline(writing);
  const leaving = await context.newPage();
  await leaving.goto('/settings');
  await context.setOffline(true);
  await expect(status(leaving)).toBeVisible();
  await say(writing, 'sent at the last moment');
  await leaving.getByRole('button', { name: 'Sign out', exact: true }).click();
  const dialog = leaving.getByRole('dialog', { name: '1 change is not sent yet' });
  await dialog.getByRole('button', { name: 'Send it, then sign out' }).click();
  await expect(dialog.getByRole('status')).toContainText('as soon as the server can be reached');
  await context.setOffline(false);
  await expect(leaving).toHaveURL(/\/sign-in/);
  const { items } = await call<{ items: { text: string }[] }>(server, owner, 'GET', `/rooms/${room}/messages`);
  expect(items.map(({ text }) => text)).toEqual(['sent at the last moment']);

  await signIn(leaving, anna.username);
  await expect(leaving.getByRole('heading', { name: 'Boards' })).toBeVisible();
  await writing.goto(`/b/${board}/r/${room}`);
  await goOffline(writing);
  await say(writing, 'a canary in the mine');
  await messageBox(writing).pressSequentially('a canary in the box');
  await expect(messages(writing).getByText('saved on this device')).toBeVisible();
  expect(await isOnDevice(writing, 'a canary in the mine')).toBe(true);
  expect(await isOnDevice(writing, 'a canary in the box')).toBe(true);
  await leaving.goto('/settings');
  await leaving.getByRole('button', { name: 'Sign out', exact: true }).click();
  await leaving.getByRole('button', { name: 'Discard it and sign out' }).click();
  await expect(leaving).toHaveURL(/\/sign-in/);
  await expect(writing).toHaveURL(/\/sign-in/);
  for (const page of [leaving, writing]) await expect.poll(() => isOnDevice(page, 'a canary in')).toBe(false);
  await context.setOffline(false);
});

test('a session that ends elsewhere while words wait: they stay, and are sent after signing in again', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${room}`);
  await goOffline(page);
  await say(page, 'waiting for me');
  await messageBox(page).pressSequentially('and half a thought');
  await expect(messages(page).getByText('saved on this device')).toBeVisible();
  await call(server, anna, 'DELETE', '/session');
  await context.setOffline(false);
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(page, anna.username);
  await expect(page).toHaveURL(new RegExp(`/b/${board}/r/${room}`));
  await expect(messages(page).getByText('waiting for me')).toHaveCount(1);
  await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
  await expect(messageBox(page)).toHaveValue('and half a thought');
});

test('a tab left over from somebody else shows and sends nothing of theirs to whoever signs in', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  // Nothing tells the tab of the other one's signing in: neither localStorage nor a channel.
  await context.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    });
  });
  const stale = await context.newPage();
  await stale.goto(`/b/${board}/r/${room}`);
  await goOffline(stale);
  await say(stale, 'words of the first one');
  await expect(messages(stale).getByText('saved on this device')).toBeVisible();
  await giveSession(context, server.url, ben);
  await context.setOffline(false);
  // It is the second one's now.
  await expect(stale.getByRole('navigation', { name: 'Boards and rooms' }).getByText(ben.name)).toBeVisible();
  await stale.goto(`/b/${board}/r/${room}`);
  await say(stale, 'words of the second one');
  await expect(messages(stale).getByText('sent', { exact: true })).toBeVisible();
  await expect(messages(stale).getByText('words of the first one')).toHaveCount(0);
  const { items } = await call<{ items: { text: string; author: string }[] }>(
    server,
    owner,
    'GET',
    `/rooms/${room}/messages`,
  );
  expect(items.map(({ text, author }) => [text, author])).toEqual([['words of the second one', ben.id]]);
});
