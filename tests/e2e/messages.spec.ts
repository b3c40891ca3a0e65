import type { Locator, Page } from '@playwright/test';
import { browserOf, expect, messageBox, messages, noViolations, pageOf, goOffline, say, team, test } from './app.ts';
import { regionTo } from './keys.ts';
import { shot } from './pictures.ts';

const rowOf = (page: Page, text: string): Locator => messages(page).getByRole('article').filter({ hasText: text });

async function choose(page: Page, text: string, item: string): Promise<void> {
  await rowOf(page, text).hover();
  await rowOf(page, text).getByRole('button', { name: 'More for this message' }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

test('what one deletes is gone without a trace; where somebody answered it, that it was there stays', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  const b = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await say(a, 'first words');
  await say(a, 'second words');
  await expect(rowOf(b, 'second words')).toBeVisible();
  await rowOf(b, 'second words').hover();
  await rowOf(b, 'second words').getByRole('button', { name: 'Reply', exact: true }).click();
  await messageBox(b).fill('an answer');
  await messageBox(b).press('Enter');
  await expect(rowOf(a, 'an answer')).toBeVisible();

  await choose(a, 'first words', 'Delete');
  const dialog = a.getByRole('dialog');
  await expect(dialog).toContainText('Copies on devices that are offline may exist until they sync.');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(rowOf(b, 'first words')).toHaveCount(0);
  await expect(messages(b).getByRole('article')).toHaveCount(2);

  // The answer shows the words too: this is about the message itself.
  await rowOf(a, 'second words').first().hover();
  await rowOf(a, 'second words').first().getByRole('button', { name: 'More for this message' }).click();
  await a.getByRole('menuitem', { name: 'Delete', exact: true }).click();
  await a.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  for (const page of [a, b]) {
    await expect(messages(page).getByText('This message was deleted')).toBeVisible();
    await expect(messages(page).getByText('second words')).toHaveCount(0);
  }
  await noViolations(b);
  await shot(b, 'deleted');
  await choose(b, 'an answer', 'Delete');
  await b.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(messages(a).getByRole('article')).toHaveCount(0);
});

test('an owner removes a message visibly, by keyboard takes that back, and removes it for good', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, ben } = await team(server, owner);
  const o = await pageOf(browser, server, owner, `/b/${board}/r/${room}`);
  const b = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await say(b, 'not so nice');
  await say(b, 'something else');
  await expect(rowOf(o, 'something else')).toBeVisible();
  await choose(o, 'not so nice', 'Remove');
  await expect(rowOf(o, 'not so nice')).toHaveCount(0);
  await expect(messages(b).getByText(`Removed by ${owner.name}`)).toBeVisible();
  await noViolations(o);
  await shot(o, 'removed');
  const undo = o.getByRole('button', { name: 'Undo' });
  await regionTo(o, undo);
  await o.keyboard.press('Enter');
  for (const page of [o, b]) await expect(rowOf(page, 'not so nice')).toBeVisible();
  await expect(messages(b).getByText('Removed by')).toHaveCount(0);

  // Another page of the app: the offer goes along.
  await choose(o, 'not so nice', 'Remove');
  await expect(messages(b).getByText(`Removed by ${owner.name}`)).toBeVisible();
  await o.getByRole('link', { name: /Inbox/ }).click();
  await o.getByRole('button', { name: 'Undo' }).click();
  await expect(rowOf(b, 'not so nice')).toBeVisible();

  await o.goBack();
  await choose(o, 'not so nice', 'Remove');
  await expect(o.getByRole('button', { name: 'Undo' })).toBeVisible();
  await expect(o.getByRole('button', { name: 'Undo' })).toBeHidden({ timeout: 30_000 });
  await expect(messages(b).getByText(`Removed by ${owner.name}`)).toBeVisible();
  // Nobody but an owner is offered it.
  await rowOf(b, 'something else').hover();
  await b.getByRole('button', { name: 'More for this message' }).click();
  await expect(b.getByRole('menuitem', { name: 'Delete' })).toBeVisible();
  await expect(b.getByRole('menuitem', { name: 'Remove' })).toHaveCount(0);
});

test('offline one deletes and removes, and takes that back; the others learn of it afterwards', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, ben } = await team(server, owner);
  const context = await browserOf(browser, server, owner);
  const o = await context.newPage();
  const second = await context.newPage();
  const b = await pageOf(browser, server, ben);
  for (const page of [o, second, b]) await page.goto(`/b/${board}/r/${room}`);
  await say(o, 'my own words');
  await say(b, 'words to keep');
  await say(b, 'words to remove');
  await expect(rowOf(o, 'words to remove')).toBeVisible();
  await goOffline(o);
  await choose(o, 'words to keep', 'Remove');
  await expect(messages(second).getByText(`Removed by ${owner.name}`)).toBeVisible();
  await o.getByRole('button', { name: 'Undo' }).click();
  await expect(rowOf(second, 'words to keep')).toBeVisible();
  await choose(o, 'words to remove', 'Remove');
  await choose(o, 'my own words', 'Delete');
  await o.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(rowOf(second, 'my own words')).toHaveCount(0);
  await expect(rowOf(b, 'my own words')).toBeVisible();
  await context.setOffline(false);
  await expect(rowOf(b, 'my own words')).toHaveCount(0);
  await expect(messages(b).getByText(`Removed by ${owner.name}`)).toHaveCount(1);
  await expect(rowOf(b, 'words to keep')).toBeVisible();
});

test('what a message said before is read by who asks; offline it says why not', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const context = await browserOf(browser, server, ben);
  const b = await context.newPage();
  for (const page of [a, b]) await page.goto(`/b/${board}/r/${room}`);
  await say(a, 'Meet at **nine**');
  await expect(rowOf(b, 'Meet at nine')).toBeVisible();
  await messageBox(a).press('ArrowUp');
  await a.getByRole('textbox', { name: 'Edit message' }).fill('Meet at ten');
  await a.getByRole('textbox', { name: 'Edit message' }).press('Enter');
  await rowOf(b, 'Meet at ten').getByRole('button', { name: 'edited' }).click();
  const dialog = b.getByRole('dialog', { name: 'Earlier wordings' });
  await expect(dialog.getByRole('listitem')).toHaveText([/Now\s*Meet at ten/, /Until .*Meet at \*\*nine\*\*/]);
  await noViolations(b);
  await shot(b, 'history');
  await b.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(rowOf(b, 'Meet at ten').getByRole('button', { name: 'edited' })).toBeFocused();
  await goOffline(b);
  await b.keyboard.press('Enter');
  await expect(dialog).toContainText('cannot be reached now');
  await b.keyboard.press('Escape');
  await context.setOffline(false);
});

test('emoji: by code while typing, in full on sending, never in code; from the list, as a reaction, and offline', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const a = await context.newPage();
  const b = await pageOf(browser, server, ben);
  for (const page of [a, b]) await page.goto(`/b/${board}/r/${room}`);
  await goOffline(a);
  await messageBox(a).pressSequentially('well :par');
  const list = a.getByRole('listbox', { name: 'Emoji' });
  await expect(list.getByRole('option').first()).toBeVisible();
  await noViolations(a);
  await shot(a, 'emoji-codes');
  await messageBox(a).pressSequentially('ty');
  await expect(list.getByRole('option').first()).toContainText('party');
  await messageBox(a).press('Enter');
  await expect(list).toHaveCount(0);
  await expect(messageBox(a)).toHaveValue(/^well \p{Extended_Pictographic}\ufe0f? $/u);
  await messageBox(a).pressSequentially('and :+1: but not `:smile:` at 10:30:45');
  await messageBox(a).press('Enter');
  await expect(rowOf(a, 'but not :smile: at 10:30:45')).toContainText('and 👍 but');

  await a.getByRole('button', { name: 'Emoji', exact: true }).click();
  const picker = a.getByRole('dialog', { name: 'Emoji' });
  await expect(picker.getByRole('searchbox')).toBeFocused();
  await expect(picker.getByRole('button').first()).toBeVisible();
  await noViolations(a);
  await shot(a, 'emoji-picker');
  await picker.getByRole('radio', { name: 'Dark', exact: true }).focus();
  await a.keyboard.press('Space');
  await picker.getByRole('searchbox').fill('waving hand');
  await a.keyboard.press('ArrowDown');
  await expect(picker.getByRole('button', { name: 'waving hand' })).toBeFocused();
  await a.keyboard.press('Enter');
  await expect(picker).toHaveCount(0);
  await expect(messageBox(a)).toBeFocused();
  await expect(messageBox(a)).toHaveValue('👋🏿');
  await a.keyboard.press('Enter');
  await expect(rowOf(a, '👋🏿')).toBeVisible();
  await context.setOffline(false);
  await expect(rowOf(b, '👋🏿')).toBeVisible();

  await rowOf(b, '👋🏿').hover();
  await rowOf(b, '👋🏿').getByRole('button', { name: 'React' }).click();
  await b.getByRole('menuitem', { name: 'More emoji' }).click();
  await b.getByRole('searchbox', { name: 'Search emoji' }).fill('rocket');
  await b.keyboard.press('Enter');
  await expect(messages(a).getByRole('button', { name: '🚀 1: Ben Okafor' })).toBeVisible();
  await expect(rowOf(b, '👋🏿')).toBeFocused();
  await shot(b, 'reactions');
});
