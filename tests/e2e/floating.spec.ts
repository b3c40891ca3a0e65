import { join, makeBoard } from '../harness/people.ts';
import { expect, giveSession, messageBox, noViolations, pageOf, team, test } from './app.ts';

test('while the picker of emoji is open, no tip of its button lies over it', async ({ browser, server, owner }) => {
  const { board, room, anna } = await team(server, owner);
  const page = await pageOf(browser, server, anna);
  await page.clock.install();
  await page.goto(`/b/${board}/r/${room}`);
  const button = page.getByRole('button', { name: 'Emoji', exact: true });
  const tip = page.locator('.tooltip');
  await button.hover();
  await page.clock.runFor(1_000);
  await expect(tip).toHaveText('Emoji');
  await button.click();
  await expect(page.getByRole('dialog', { name: 'Emoji' }).locator('[data-emoji]').first()).toBeVisible();
  await page.mouse.move(10, 10);
  await button.hover();
  await page.clock.runFor(1_000);
  await expect(tip).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.mouse.move(10, 10);
  await button.hover();
  await page.clock.runFor(1_000);
  await expect(tip).toHaveText('Emoji');
});

test('on a phone every entry of the list of people to call is whole, as far as there is room above the box', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room } = await team(server, owner);
  for (const name of ['Chiara Rossi', 'Dmitri Weber', 'Eda Yılmaz']) {
    await join(server, owner, board, name.slice(0, 4).toLowerCase(), name);
  }
  const page = await pageOf(browser, server, owner);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`/b/${board}/r/${room}`);
  await messageBox(page).pressSequentially('@');
  const list = page.getByRole('listbox', { name: 'People and groups' });
  await expect(list.getByRole('option', { name: /^@?\s*board/ })).toBeInViewport({ ratio: 1 });
  expect(await list.evaluate((one) => one.scrollHeight - one.clientHeight)).toBe(0);

  // A keyboard takes the lower half of the screen: the list scrolls, and never lies over what is being written.
  await messageBox(page).fill('');
  await page.setViewportSize({ width: 360, height: 400 });
  await messageBox(page).pressSequentially('@');
  await expect(list).toBeVisible();
  await expect
    .poll(async () => {
      const [floating, box] = [await list.boundingBox(), await messageBox(page).boundingBox()];
      return floating !== null && box !== null && floating.y >= 0 && floating.y + floating.height <= box.y;
    })
    .toBe(true);
});

test('on a phone a name in the list of a board’s people has a line of its own', async ({ browser, server, owner }) => {
  const board = await makeBoard(server, owner, 'Harbour');
  const name = 'Maria Fernández-Ortega';
  await join(server, owner, board, 'maria', name);
  const page = await pageOf(browser, server, owner);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`/b/${board}`);
  await expect(page.getByRole('heading', { name: 'Harbour', level: 1 })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: /^Go to/ }).fill('People on this');
  await page.keyboard.press('Enter');
  const row = page.getByRole('dialog', { name: 'People' }).getByRole('listitem').filter({ hasText: name });
  await expect(row.getByRole('combobox')).toBeVisible();
  const [words, role] = [
    await row.getByText(name, { exact: true }).boundingBox(),
    await row.getByRole('combobox').boundingBox(),
  ];
  expect(words?.height).toBeLessThan(30);
  expect(role?.y).toBeGreaterThan((words?.y ?? Infinity) + (words?.height ?? 0));
  await noViolations(page);
});

test('an invitation that is over leads on: to the boards of who is signed in, else to the sign-in page', async ({
  browser,
  server,
  owner,
}) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  await page.goto('/invite/nosuchcode');
  await expect(page.getByRole('heading', { name: 'This invitation is over' })).toBeVisible();
  await noViolations(page);
  await page.getByRole('link', { name: 'Go to TaskFlow' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await giveSession(context, server.url, owner);
  await page.goto('/invite/nosuchcode');
  await page.getByRole('link', { name: 'Go to TaskFlow' }).click();
  await expect(page.getByRole('heading', { name: 'Boards', level: 1 })).toBeVisible();
});
