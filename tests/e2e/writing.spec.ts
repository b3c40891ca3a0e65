import { call, makeRoom, signIn } from '../harness/people.ts';
import { browserOf, expect, goOffline, messageBox, messages, pageOf, readyForOffline, say, team, test } from './app.ts';

test('what is typed and not sent is there in every tab and device, in its conversation only, until it is sent', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const other = await makeRoom(server, owner, board, 'Design');
  const context = await browserOf(browser, server, anna);
  const [tab, second] = [await context.newPage(), await context.newPage()];
  const phone = await (await browserOf(browser, server, await signIn(server, anna.username))).newPage();
  for (const page of [tab, second, phone]) {
    await page.goto(`/b/${board}/r/${room}`);
    await expect(messageBox(page)).toBeVisible();
  }
  await readyForOffline(tab);

  await messageBox(tab).pressSequentially('Half a thought');
  await expect(messageBox(second)).toHaveValue('Half a thought');
  await expect(messageBox(phone)).toHaveValue('Half a thought');
  await second.goto(`/b/${board}/r/${other}`);
  await expect(messageBox(second, 'Design')).toHaveValue('');

  // Without a network the other tab still hears of it, and the other device as soon as there is one.
  await context.setOffline(true);
  await second.goto(`/b/${board}/r/${room}`);
  await messageBox(second).press('End');
  await messageBox(second).pressSequentially(', and the rest');
  await expect(messageBox(tab)).toHaveValue('Half a thought, and the rest');
  await tab.reload();
  await expect(messageBox(tab)).toHaveValue('Half a thought, and the rest');
  await expect(messageBox(phone)).toHaveValue('Half a thought');
  await context.setOffline(false);
  await expect(messageBox(phone)).toHaveValue('Half a thought, and the rest');

  await messageBox(phone).press('Enter');
  for (const page of [tab, second, phone]) {
    await expect(messages(page).getByText('Half a thought, and the rest')).toHaveCount(1);
    await expect(messageBox(page)).toHaveValue('');
  }
});

test('Shift and Enter break the line; near the limit what is left is counted, beyond it nothing is lost', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const page = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  await messageBox(page).pressSequentially('first');
  await messageBox(page).press('Shift+Enter');
  await messageBox(page).pressSequentially('second');
  await expect(messageBox(page)).toHaveValue('first\nsecond');
  await messageBox(page).press('Enter');
  await expect(messages(page).getByText('second')).toBeVisible();

  const counter = page.locator(`[id="${(await messageBox(page).getAttribute('aria-describedby')) ?? 'none'}"]`);
  await expect(counter).toHaveCount(0);
  const words = 'many words '.repeat(800).slice(0, 8_003);
  await messageBox(page).fill(words.slice(0, 7_990));
  await expect(page.getByText('10 left')).toBeVisible();
  await messageBox(page).fill(words);
  await expect(page.getByText('3 characters too long. It is kept here')).toBeVisible();
  await messageBox(page).press('Enter');
  await expect(messageBox(page)).toHaveValue(words);
  await page.reload();
  await expect(messageBox(page)).toHaveValue(words);
  await messageBox(page).fill(`${words.slice(0, 7_996)} end`);
  await messageBox(page).press('Enter');
  await expect(messages(page).getByText(/ end$/)).toBeVisible();
  await expect(messageBox(page)).toHaveValue('');
  await expect(messages(page).getByText('sent', { exact: true }).last()).toBeVisible();
});

test('a notice stands above the box, however many lines are written in it', async ({ browser, server, owner }) => {
  const { board, room, anna } = await team(server, owner);
  const page = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  await say(page, 'Copy me');
  await messageBox(page).fill(Array.from({ length: 10 }, (_, line) => `line ${line}`).join('\n'));
  for (const size of [
    { width: 1280, height: 720 },
    { width: 360, height: 740 },
  ]) {
    await page.setViewportSize(size);
    await messages(page).getByText('Copy me').hover();
    await page.getByRole('button', { name: 'More for this message' }).click();
    await page.getByRole('menuitem', { name: 'Copy text' }).click();
    const dismiss = page.getByRole('log', { name: 'Notices' }).getByRole('button', { name: 'Dismiss' });
    await expect(dismiss).toBeVisible();
    const toast = await page.getByRole('log', { name: 'Notices' }).boundingBox();
    const box = await messageBox(page).boundingBox();
    expect(box?.height).toBeGreaterThan(200);
    expect((toast?.y ?? Infinity) + (toast?.height ?? 0)).toBeLessThanOrEqual(box?.y ?? 0);
    await dismiss.click();
    await expect(dismiss).toHaveCount(0);
  }
});

test('a mention means the person: after a new name it says the new one, also in what is edited', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}/r/${room}`);
  await say(a, `@${ben.username} please look`);
  await expect(messages(a).getByText('@Ben Okafor')).toBeVisible();
  await b.goto('/settings');
  await b.getByRole('textbox', { name: 'Name', exact: true }).fill('Benedict Okafor');
  await b.getByRole('button', { name: 'Save name' }).click();
  await expect(messages(a).getByText('@Benedict Okafor')).toBeVisible();
  await messageBox(a).press('ArrowUp');
  await expect(a.getByRole('textbox', { name: 'Edit message' })).toHaveValue(`@${ben.username} please look`);
  await a.keyboard.press('Escape');
  await b.goto(`/b/${board}/r/${room}`);
  await expect(messages(b).locator('.mention.mine')).toHaveText('@Benedict Okafor');
});

test('refused words stay with the reason, over a reload; they are copied, and sent again once that is allowed', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const b = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await page.goto(`/b/${board}/r/${room}`);
  await goOffline(page);
  await say(page, 'worth keeping');
  await expect(messages(page).getByText('saved on this device')).toBeVisible();
  await call(server, owner, 'PUT', `/boards/${board}/members/${anna.id}`, { role: 'viewer' });
  await context.setOffline(false);
  const refused = page.getByRole('region', { name: 'Refused message' });
  await expect(refused).toContainText('worth keeping');
  await page.reload();
  await expect(refused).toContainText('worth keeping');
  await expect(refused.getByRole('button', { name: 'Send again' })).toHaveCount(0);
  await refused.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('worth keeping');
  await expect(messages(b).getByText('worth keeping')).toHaveCount(0);

  await call(server, owner, 'PUT', `/boards/${board}/members/${anna.id}`, { role: 'member' });
  await refused.getByRole('button', { name: 'Send again' }).click();
  await expect(messages(b).getByText('worth keeping')).toHaveCount(1);
  await expect(refused).toHaveCount(0);
  await expect(messages(page).getByText('worth keeping')).toHaveCount(1);
});

test('who asked for less motion sees none', async ({ browser, server, owner }) => {
  const { board, room, anna } = await team(server, owner);
  const page = await pageOf(browser, server, anna);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`/b/${board}/r/${room}`);
  await say(page, 'Calm');
  await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .map(({ effect }) => Number(effect?.getComputedTiming().duration))
      .filter((duration) => duration > 1),
  );
  expect(moving).toEqual([]);
  const longest = await page.evaluate(() =>
    Math.max(
      ...[...document.querySelectorAll('*')].map((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element);
        return Math.max(...`${transitionDuration},${animationDuration}`.split(',').map(Number.parseFloat));
      }),
    ),
  );
  expect(longest).toBeLessThanOrEqual(0.001);
});
