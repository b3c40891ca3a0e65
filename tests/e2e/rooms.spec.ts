import type { BrowserContext, Locator, Page } from '@playwright/test';
import { keeps } from '../deletion/device.ts';
import { call, makeRoom } from '../harness/people.ts';
import {
  browserOf,
  expect,
  messageBox,
  messages,
  noViolations,
  pageOf,
  readyForOffline,
  say,
  team,
  test,
} from './app.ts';

const SHOTS = process.env.TASKFLOW_SHOTS;

const sidebar = (page: Page): Locator => page.getByRole('navigation', { name: 'Boards and rooms' });
const title = (page: Page): Locator => page.getByRole('main').getByRole('heading', { level: 1 });

/** Names of the rooms in the sidebar, as they stand there. */
async function listed(page: Page): Promise<string[]> {
  const rooms = sidebar(page).locator('li.room bdi');
  return rooms.allTextContents();
}

async function details(page: Page): Promise<Locator> {
  await page.getByRole('main').getByRole('button', { name: 'Room details' }).click();
  return page.getByRole('dialog');
}

/** A picture to look at, where somebody asks for pictures. */
async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: `${SHOTS}/${name}-${scheme}.png`, animations: 'disabled' });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

async function offline(context: BrowserContext, away: boolean): Promise<void> {
  await context.setOffline(away);
}

test('an owner renames and describes a room; the other sees it at once, and the palette finds it by its new name', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const a = await pageOf(browser, server, owner, `/b/${board}/r/${room}`);
  const b = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  await expect(title(b)).toHaveText('General');
  const dialog = await details(a);
  await expect(dialog.getByText('Made by you')).toBeVisible();
  await noViolations(a);
  await shoot(a, 'details');
  await dialog.getByLabel('Name').fill('Kitchen');
  await dialog.getByLabel('Description').fill('Where we cook.\nAnd eat.');
  await dialog.getByLabel('Name').press('Enter');
  await expect(dialog).toBeHidden();
  for (const page of [a, b]) {
    await expect(title(page)).toHaveText('Kitchen');
    await expect(page.getByRole('button', { name: 'Where we cook.' })).toBeVisible();
    await expect(sidebar(page).getByRole('link', { name: 'Kitchen' })).toBeVisible();
  }
  // Who did not make it and owns nothing reads the details, and changes nothing.
  const reading = await details(b);
  await expect(reading.getByText('Where we cook.')).toBeVisible();
  await expect(reading.getByLabel('Name')).toHaveCount(0);
  await expect(reading.getByRole('button', { name: 'Archive room' })).toHaveCount(0);
  await expect(reading.getByRole('button', { name: 'Delete room' })).toHaveCount(0);
  await reading.getByRole('button', { name: 'Close', exact: true }).last().click();
  await b.keyboard.press('Control+k');
  await b.getByRole('combobox').fill('kitch');
  await expect(b.getByRole('option', { name: /Kitchen/ })).toBeVisible();
});

test('a name that is taken is refused, and what was typed is kept', async ({ browser, server, owner }) => {
  const { board, room } = await team(server, owner);
  await makeRoom(server, owner, board, 'Garden');
  const page = await pageOf(browser, server, owner, `/b/${board}/r/${room}`);
  const dialog = await details(page);
  await dialog.getByLabel('Name').fill('gARDEN');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('There is already a room with this name.')).toBeVisible();
  await expect(dialog.getByLabel('Name')).toHaveValue('gARDEN');
});

test('a rename offline shows at once, survives a reload, and arrives; a taken name comes back with its reason', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const context = await browserOf(browser, server, owner);
  const a = await context.newPage();
  const b = await pageOf(browser, server, anna);
  for (const page of [a, b]) await page.goto(`/b/${board}/r/${room}`);
  await expect(title(a)).toHaveText('General');
  await readyForOffline(a);
  await offline(context, true);
  const dialog = await details(a);
  await dialog.getByLabel('Name').fill('Galley');
  await dialog.getByLabel('Description').fill('On the boat');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(title(a)).toHaveText('Galley');
  await expect(sidebar(a).getByRole('link', { name: 'Galley' })).toBeVisible();
  await a.reload();
  await expect(title(a)).toHaveText('Galley');
  const pending = await details(a);
  await expect(pending.getByText('Waits for the server.')).toHaveCount(2);
  // Deleting is nothing to do without the server.
  await pending.getByRole('button', { name: 'Delete room' }).click();
  await expect(pending.getByText('deleting a room needs the server')).toBeVisible();
  await expect(pending.getByRole('button', { name: 'Delete for good' })).toBeDisabled();
  await a.keyboard.press('Escape');
  await expect(title(b)).toHaveText('General');
  await offline(context, false);
  await expect(title(b)).toHaveText('Galley', { timeout: 60_000 });
  await expect(b.getByRole('button', { name: 'On the boat' })).toBeVisible();

  await offline(context, true);
  const again = await details(a);
  await again.getByLabel('Name').fill('Scullery');
  await again.getByRole('button', { name: 'Save' }).click();
  await expect(title(a)).toHaveText('Scullery');
  await makeRoom(server, owner, board, 'scullery');
  await offline(context, false);
  await expect(a.getByText(/The name “Scullery” was not accepted/)).toBeVisible({ timeout: 60_000 });
  await expect(title(a)).toHaveText('Galley');
  await a.getByRole('button', { name: 'Dismiss' }).click();
  await expect(a.getByText(/was not accepted/)).toHaveCount(0);
});

test('an archived room is read and not written, keeps what was written offline aside, and comes back', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const away = await browserOf(browser, server, anna);
  const a = await pageOf(browser, server, owner);
  const b = await away.newPage();
  for (const page of [a, b]) await page.goto(`/b/${board}/r/${room}`);
  await say(a, 'before the end');
  await expect(messages(b).getByText('before the end')).toBeVisible();
  await readyForOffline(b);
  await offline(away, true);
  await say(b, 'written on the train');
  const dialog = await details(a);
  await dialog.getByRole('button', { name: 'Archive room' }).click();
  await expect(dialog.getByRole('button', { name: 'Restore room' })).toBeVisible();
  await a.keyboard.press('Escape');
  await expect(a.getByText('This room is archived.')).toBeVisible();
  await expect(messageBox(a)).toHaveCount(0);
  await expect(messages(a).getByText('before the end')).toBeVisible();
  await noViolations(a);
  await shoot(a, 'archived');
  expect(await listed(a)).toEqual([]);

  await offline(away, false);
  await expect(b.getByText('This room is archived.')).toBeVisible({ timeout: 60_000 });
  // Anna neither owns the board nor made the room.
  await expect(b.getByRole('button', { name: 'Restore' })).toHaveCount(0);
  await expect(b.getByText('written on the train')).toBeVisible();
  await expect(b.getByText(/the room is archived/)).toBeVisible();
  await expect(messages(a).getByText('written on the train')).toHaveCount(0);

  await a.goto(`/b/${board}`);
  await sidebar(a)
    .getByRole('button', { name: /Archived rooms/ })
    .click();
  await shoot(a, 'archived-list');
  await noViolations(a);
  await a.keyboard.press('Control+k');
  await a.getByRole('combobox').fill('general');
  await a.getByRole('option', { name: /General.*archived/ }).click();
  await expect(a.getByText('This room is archived.')).toBeVisible();
  await a.getByRole('main').getByRole('button', { name: 'Restore' }).click();
  for (const page of [a, b]) await expect(messageBox(page)).toBeVisible();
  await say(a, 'and we are back');
  await expect(messages(b).getByText('and we are back')).toBeVisible();
});

test('a deleted room is gone for everybody, at once', async ({ browser, server, owner }) => {
  const { board, room, anna } = await team(server, owner);
  const a = await pageOf(browser, server, owner, `/b/${board}/r/${room}`);
  const b = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  await say(a, 'soon gone');
  await expect(messages(b).getByText('soon gone')).toBeVisible();
  const dialog = await details(a);
  await dialog.getByRole('button', { name: 'Delete room' }).click();
  await expect(dialog.getByText(/cannot\s+be brought back/)).toBeVisible();
  await noViolations(a);
  await shoot(a, 'delete');
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(dialog.getByLabel('Name')).toBeVisible();
  await dialog.getByRole('button', { name: 'Delete room' }).click();
  await dialog.getByRole('button', { name: 'Delete for good' }).click();
  await expect(a).toHaveURL(`${server.url}/b/${board}`);
  await expect(sidebar(a).getByRole('link', { name: 'General' })).toHaveCount(0);
  await expect(messages(b)).toHaveCount(0);
  await expect(b.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
  await expect(sidebar(b).getByRole('link', { name: 'General' })).toHaveCount(0);
});

test('[L10] a deleted room leaves a device on which nobody looks at it, and one that was away when the board is told', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const second = await makeRoom(server, owner, board, 'Second');
  await call(server, owner, 'POST', `/rooms/${room}/messages`, { text: 'soon gone' });
  await call(server, owner, 'POST', `/rooms/${second}/messages`, { text: 'gone while away' });
  const device = await browserOf(browser, server, anna);
  const page = await device.newPage();
  await page.goto(`/b/${board}`);
  await readyForOffline(page);
  const words = ['soon gone', 'gone while away'];
  expect(await keeps(page, words)).toEqual(words);
  await call(server, owner, 'DELETE', `/rooms/${room}`);
  await expect.poll(() => keeps(page, words)).toEqual(['gone while away']);
  await offline(device, true);
  await call(server, owner, 'DELETE', `/rooms/${second}`);
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Boards' })).toBeVisible();
  await offline(device, false);
  await expect.poll(() => keeps(page, words)).toEqual([]);
});

test('rooms stand by their last message, stay under the pointer, and count mentions', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const others: Record<string, string> = {};
  for (const name of ['Zebra', 'Apple', 'Mango']) others[name] = await makeRoom(server, owner, board, name);
  const page = await pageOf(browser, server, anna, `/b/${board}`);
  const post = (id: string | undefined, text: string) =>
    call(server, owner, 'POST', `/rooms/${id ?? ''}/messages`, { text });
  await expect.poll(() => listed(page)).toEqual(['Apple', 'General', 'Mango', 'Zebra']);
  await post(others.Zebra, 'first');
  await expect.poll(() => listed(page)).toEqual(['Zebra', 'Apple', 'General', 'Mango']);
  await post(room, `@${anna.username} look`);
  await expect.poll(() => listed(page)).toEqual(['General', 'Zebra', 'Apple', 'Mango']);
  const general = sidebar(page).getByRole('link', { name: /General/ });
  await expect(general).toHaveAccessibleName(/unread.*1 mention/);
  await expect(sidebar(page).getByRole('link', { name: /Zebra/ })).toHaveAccessibleName(/unread/);
  await expect(sidebar(page).getByRole('link', { name: /Apple/ })).toHaveAccessibleName('Apple');

  await sidebar(page).getByRole('link', { name: 'Mango' }).hover();
  await post(others.Mango, 'now me');
  await expect(sidebar(page).getByRole('link', { name: /Mango.*unread/ })).toBeVisible();
  expect(await listed(page)).toEqual(['General', 'Zebra', 'Apple', 'Mango']);
  await page.getByRole('main').hover();
  await expect.poll(() => listed(page)).toEqual(['Mango', 'General', 'Zebra', 'Apple']);

  await general.click();
  await expect(general).toHaveAccessibleName('General');
  await noViolations(page);
});

test('long names, names from right to left, sixty rooms, and a phone', async ({ browser, server, owner }) => {
  test.setTimeout(180_000);
  const { board, room } = await team(server, owner);
  await call(server, owner, 'PATCH', `/rooms/${room}`, {
    name: `A name that goes on and on ${'verylongwordwithoutanyspace'.repeat(4)}`,
    description: 'A description that is a sentence or two, and longer than any header is wide. '.repeat(5),
  });
  await makeRoom(server, owner, board, 'غرفة المطبخ والحديقة');
  for (let i = 1; i <= 58; i++) await makeRoom(server, owner, board, `Room ${i}`);
  const context = await browserOf(browser, server, owner);
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${room}`);
  await expect(page.getByRole('button', { name: /A description/ })).toBeVisible();
  await expect.poll(async () => (await listed(page)).length).toBe(60);
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await wide()).toBeLessThanOrEqual(0);
  await noViolations(page);
  await shoot(page, 'sixty');
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await wide()).toBeLessThanOrEqual(0);
  await shoot(page, 'phone');
  const dialog = await details(page);
  await expect(dialog.getByLabel('Description')).toBeVisible();
  expect(await wide()).toBeLessThanOrEqual(0);
  await noViolations(page);
  await shoot(page, 'phone-details');
});
