import type { Browser, Locator, Page } from '@playwright/test';
import { call, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import { expect, giveSession, messageBox, messages, pageOf, team, test } from './app.ts';

/** What a control offers a finger, in pixels; a link in running text has the height of its line. */
const CONTROL = 40;

test.beforeEach(() => test.setTimeout(150_000));

/** A phone of this person's own, at this address. */
async function phoneOf(browser: Browser, server: TestServer, person: Person, path: string): Promise<Page> {
  const context = await browser.newContext({
    baseURL: server.url,
    locale: 'en-GB',
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  await giveSession(context, server.url, person);
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

/** What in here is too small for a finger: 'what it is: width×height', as far as a press around its middle still means it. */
async function tooSmall(view: Locator): Promise<string[]> {
  return view.evaluate((root, least) => {
    const found: string[] = [];
    const targets = 'a[href], button, input, select, textarea, summary, [role="menuitem"], [role="option"]';
    for (const one of root.querySelectorAll<HTMLElement>(targets)) {
      const shown =
        one.checkVisibility({ visibilityProperty: true }) && one.closest('[inert], [aria-hidden="true"]') === null;
      if (!shown || one.closest('.visually-hidden') !== null) continue;
      const words = one.closest('p, li, blockquote');
      const inText =
        getComputedStyle(one).display === 'inline' &&
        words !== null &&
        words.textContent.trim() !== one.textContent.trim();
      if (inText) continue;
      // A box to tick is pressed by its words too.
      const target = one.closest('label') ?? one;
      target.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
      const { left, top, width, height, bottom } = target.getBoundingClientRect();
      // Only the keyboard brings it into view.
      if (bottom <= 0) continue;
      const [x, y] = [left + width / 2, top + height / 2];
      const hits = (dx: number, dy: number): boolean => target.contains(document.elementFromPoint(x + dx, y + dy));
      const reach = (dx: number, dy: number): number => {
        let far = 0;
        while (far < 60 && hits(dx * far, dy * far)) far += 0.5;
        return far;
      };
      const wide = Math.round(reach(-1, 0) + reach(1, 0));
      const high = Math.round(reach(0, -1) + reach(0, 1));
      if (wide >= least && high >= least) continue;
      const name = one.getAttribute('aria-label') ?? one.textContent.trim();
      found.push(`${one.localName} “${name.slice(0, 30)}”: ${wide}×${high}`);
    }
    return found;
  }, CONTROL);
}

const post = (
  server: TestServer,
  person: Person,
  path: string,
  text: string,
  replyTo?: string,
): Promise<{ id: string }> => call(server, person, 'POST', path, { text, ...(replyTo && { replyTo }) });

test('all that a finger presses in a room is large enough, and so is what opens from it', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner, 'Harbour');
  await call(server, owner, 'PATCH', `/rooms/${room}`, { description: 'Ships that come and go' });
  const path = `/rooms/${room}/messages`;
  const first = await post(server, ben, path, 'See [the list](https://example.org) before **noon**');
  const mine = await post(server, anna, path, 'I come at nine', first.id);
  await call(server, anna, 'PATCH', `/messages/${mine.id}`, { text: 'I come at ten, see https://example.org' });
  await call(server, ben, 'PATCH', `/messages/${first.id}`, { text: 'See [the list](https://example.org) before one' });
  await post(server, ben, path, 'Good', mine.id);
  const other = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await messages(other).getByRole('article', { name: /^Anna/ }).hover();
  await other.getByRole('button', { name: 'React', exact: true }).click();
  await other.getByRole('menuitemcheckbox', { name: 'Heart' }).click();

  const page = await phoneOf(browser, server, anna, `/b/${board}/r/${room}`);
  const body = page.locator('body');
  await expect(page.getByRole('button', { name: /^Here now/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'edited' })).toHaveCount(2);
  await expect(page.getByRole('button', { name: /^❤️ 1/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Ships that come and go' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Answers/ })).toHaveCount(2);
  expect(await tooSmall(body)).toEqual([]);

  await test.step('what a message is pressed for', async () => {
    await messages(page).getByText('Good', { exact: true }).tap();
    await expect(page.getByRole('button', { name: 'More for this message' })).toBeVisible();
    expect(await tooSmall(body)).toEqual([]);
    await page.getByRole('button', { name: 'More for this message' }).tap();
    expect(await tooSmall(page.getByRole('menu', { name: 'Message' }))).toEqual([]);
    await page.getByRole('menuitem', { name: 'Reply' }).tap();
    await expect(page.getByRole('button', { name: 'Do not answer this message' })).toBeVisible();
    expect(await tooSmall(body)).toEqual([]);
  });
  await test.step('people to call', async () => {
    await messageBox(page).pressSequentially('@');
    const list = page.getByRole('listbox', { name: /^People/ });
    await expect(list.getByRole('option').first()).toBeVisible();
    expect(await tooSmall(list)).toEqual([]);
    await messageBox(page).fill('');
  });
  await test.step('emoji', async () => {
    await page.getByRole('button', { name: 'Emoji', exact: true }).tap();
    const picker = page.getByRole('dialog', { name: 'Emoji' });
    await picker.getByRole('searchbox').fill('heart');
    await expect(picker.locator('[data-emoji]').first()).toBeVisible();
    expect(await tooSmall(picker)).toEqual([]);
    await page.keyboard.press('Escape');
  });
  await test.step('the drawer', async () => {
    await page.getByRole('button', { name: 'Menu', exact: true }).tap();
    const nav = page.getByRole('navigation', { name: 'Boards and rooms' });
    await expect(nav.getByRole('link', { name: 'General' })).toBeInViewport({ ratio: 1 });
    expect(await tooSmall(nav)).toEqual([]);
  });
});

test('all that a finger presses on a board, in a card’s thread, in the inbox and in the settings is large enough', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner, 'Harbour');
  const column = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/columns`, { title: 'To do' });
  const task = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/tasks`, {
    column: column.id,
    title: 'Paint the boat',
  });
  await post(server, ben, `/tasks/${task.id}/comments`, `@${anna.username} which colour?`);
  await post(server, ben, `/rooms/${room}/messages`, `@${anna.username} are you there?`);
  const page = await phoneOf(browser, server, anna, `/b/${board}`);
  const body = page.locator('body');

  await test.step('board', async () => {
    await expect(page.getByRole('link', { name: /Paint the boat/ })).toBeVisible();
    await expect(page.getByRole('button', { name: 'More for this card' })).toBeVisible();
    expect(await tooSmall(body)).toEqual([]);
  });
  await test.step('thread', async () => {
    await page.goto(`/b/${board}/t/${task.id}`);
    await expect(messages(page).getByText('which colour?')).toBeVisible();
    await expect(page.getByRole('main').getByRole('link', { name: 'Harbour' })).toBeVisible();
    expect(await tooSmall(body)).toEqual([]);
  });
  await test.step('inbox', async () => {
    await page.goto('/inbox');
    await expect(page.getByRole('listitem').filter({ hasText: 'are you there?' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'General', exact: true })).toBeVisible();
    expect(await tooSmall(body)).toEqual([]);
    await page.getByRole('button', { name: 'More for this notification' }).first().tap();
    expect(await tooSmall(page.getByRole('menu', { name: 'More for this notification' }))).toEqual([]);
  });
  await test.step('settings', async () => {
    await page.goto('/settings');
    await expect(page.getByRole('button', { name: 'Change password' })).toBeVisible();
    await expect(page.getByRole('radio', { name: 'As the device' })).toBeVisible();
    expect(await tooSmall(body)).toEqual([]);
  });
  await test.step('boards', async () => {
    await page.goto('/');
    await expect(page.getByRole('main').getByRole('link', { name: /Harbour/ })).toBeVisible();
    expect(await tooSmall(body)).toEqual([]);
  });
});
