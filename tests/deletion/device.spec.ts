import type { Page } from '@playwright/test';
import { call } from '../harness/people.ts';
import { browserOf, expect, messageBox, messages, pageOf, readyForOffline, say, team, test } from '../e2e/app.ts';
import { kept, keeps } from './device.ts';

const canary = (what: string): string => `canary${what}${Math.random().toString(36).slice(2, 10)}`;

async function remove(page: Page, text: string): Promise<void> {
  await messages(page).getByText(text).hover();
  await page.getByRole('button', { name: 'More for this message' }).first().click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
}

test('[L3][L16] words that are deleted or edited away leave both browsers, also one that was away', async ({
  browser,
  server,
  owner,
}) => {
  test.setTimeout(180_000);
  const { board, room, anna, ben } = await team(server, owner);
  const away = await browserOf(browser, server, ben);
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  const c = await away.newPage();
  const [deleted, before, after, stays] = ['deleted', 'before', 'after', 'stays'].map(canary) as [
    string,
    string,
    string,
    string,
  ];
  for (const page of [a, b, c]) await page.goto(`/b/${board}/r/${room}`);
  await say(a, deleted);
  await say(a, stays);
  await say(a, `@${ben.username} ${before}`);
  for (const page of [b, c]) await expect(messages(page).getByText(before)).toBeVisible();
  await readyForOffline(c);
  // They are there, in every browser, and the search finds them.
  for (const page of [a, b, c]) {
    await expect.poll(() => keeps(page, [deleted, before, stays])).toEqual([deleted, before, stays]);
  }
  await c.close();

  await remove(a, deleted);
  await messageBox(a).press('ArrowUp');
  const edit = a.getByRole('textbox', { name: 'Edit message' });
  await edit.fill(`@${ben.username} ${after}`);
  await edit.press('Enter');
  await expect(messages(b).getByText(after)).toBeVisible();
  await expect(messages(b).getByText(deleted)).toHaveCount(0);

  // The bound: two seconds until a tab compacts, and what the excerpt in the inbox takes to be written anew.
  for (const page of [a, b]) {
    await expect.poll(() => keeps(page, [deleted, before]), { timeout: 30_000 }).toEqual([]);
    await expect.poll(() => keeps(page, [after, stays])).toEqual([after, stays]);
  }

  // Who was away keeps them until this browser is back, whatever page it opens.
  const back = await away.newPage();
  await back.goto('/');
  await readyForOffline(back);
  await expect.poll(() => keeps(back, [deleted, before]), { timeout: 60_000 }).toEqual([]);
  expect(await keeps(back, [stays])).toEqual([stays]);
});

test('[L3] drafts that are cleared, or sent in a message that is deleted, leave the browser', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const a = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  const [cleared, sent] = [canary('cleared'), canary('sent')];
  const times = async (word: string): Promise<number> => (await kept(a)).split(word).length - 1;
  for (const word of [cleared, sent]) {
    await messageBox(a).fill(word);
    // In this tab at once, and in the inbox soon after.
    await expect.poll(() => times(word)).toBeGreaterThan(1);
    await messageBox(a).fill('');
    await expect.poll(() => times(word), { timeout: 30_000 }).toBe(0);
  }
  await messageBox(a).fill(sent);
  await expect.poll(() => times(sent)).toBeGreaterThan(1);
  await messageBox(a).press('Enter');
  await expect(messages(a).getByText('sent', { exact: true })).toBeVisible();
  await remove(a, sent);
  await expect.poll(() => times(sent), { timeout: 30_000 }).toBe(0);
});

test('[L10][S45] words that an owner removes are gone from the browsers once they cannot be taken back', async ({
  browser,
  server,
  owner,
}) => {
  test.setTimeout(120_000);
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  const b = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  const removed = canary('removed');
  await say(a, removed);
  await expect(messages(b).getByText(removed)).toBeVisible();
  const { items } = await call<{ items: { id: string }[] }>(server, owner, 'GET', `/rooms/${room}/messages`);
  await call(server, owner, 'DELETE', `/messages/${items[0]?.id}`);
  await expect(messages(b).getByText(removed)).toHaveCount(0);
  for (const page of [a, b]) await expect.poll(() => keeps(page, [removed]), { timeout: 60_000 }).toEqual([]);
});

test('[L10][L16][S63] a deleted room leaves the browsers, also one that was away', async ({
  browser,
  server,
  owner,
}) => {
  test.setTimeout(180_000);
  const { board, room, anna, ben } = await team(server, owner);
  const away = await browserOf(browser, server, ben);
  const a = await pageOf(browser, server, anna);
  const b = await away.newPage();
  for (const page of [a, b]) await page.goto(`/b/${board}/r/${room}`);
  const [words, stays] = ['room', 'stays'].map(canary) as [string, string];
  const other = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/rooms`, { name: 'Other' });
  await call(server, owner, 'POST', `/rooms/${other.id}/messages`, { text: stays });
  await say(a, words);
  await expect(messages(b).getByText(words)).toBeVisible();
  for (const page of [a, b]) {
    await readyForOffline(page);
    await expect.poll(() => keeps(page, [words, stays]), { timeout: 60_000 }).toEqual([words, stays]);
  }
  await b.close();
  await call(server, owner, 'DELETE', `/rooms/${room}`);
  await expect.poll(() => keeps(a, [words]), { timeout: 60_000 }).toEqual([]);
  expect(await keeps(a, [stays])).toEqual([stays]);

  const back = await away.newPage();
  await back.goto('/');
  await readyForOffline(back);
  await expect.poll(() => keeps(back, [words]), { timeout: 60_000 }).toEqual([]);
  expect(await keeps(back, [stays])).toEqual([stays]);
});
