import { browserOf, expect, messageBox, messages, noViolations, pageOf, team, test } from './app.ts';
import { signIn } from '../harness/people.ts';
import type { Page } from '@playwright/test';

const here = (page: Page) => page.getByRole('button', { name: /^Here now/ });

test('two people see each other in a room, and who leaves is gone; two tabs of one person are one', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const [one, two] = [await browserOf(browser, server, anna), await browserOf(browser, server, ben)];
  const a = await one.newPage();
  const b = await two.newPage();
  await a.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(a)).toBeVisible();
  await expect(here(a)).toHaveCount(0);
  await b.goto(`/b/${board}/r/${room}`);
  await expect(here(a)).toHaveAccessibleName('Here now: Ben Okafor');
  await expect(here(b)).toHaveAccessibleName('Here now: Anna Larsen');
  const second = await two.newPage();
  await second.goto(`/b/${board}/r/${room}`);
  await expect(here(second)).toHaveAccessibleName('Here now: Anna Larsen');
  await here(a).click();
  const list = a.getByRole('list', { name: 'Here now' });
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await expect(list).toContainText('Ben Okafor');
  await noViolations(a);
  await a.keyboard.press('Escape');
  await expect(list).toBeHidden();
  await second.close();
  await expect(here(a)).toHaveAccessibleName('Here now: Ben Okafor');
  await b.goto(`/b/${board}`);
  await expect(here(a)).toHaveCount(0);
});

test('who does not want to be shown is hidden at once, on every device, and still sees others', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  const laptop = await browserOf(browser, server, ben);
  const phone = await (await browserOf(browser, server, await signIn(server, ben.username))).newPage();
  const settings = await laptop.newPage();
  const b = await laptop.newPage();
  await b.goto(`/b/${board}/r/${room}`);
  await phone.goto(`/b/${board}/r/${room}`);
  await expect(here(a)).toHaveAccessibleName('Here now: Ben Okafor');
  await settings.goto('/settings');
  const shown = settings.getByRole('checkbox', { name: 'Show others when I am here and typing' });
  await expect(shown).toBeChecked();
  await noViolations(settings);
  await shown.uncheck();
  await expect(here(a)).toHaveCount(0, { timeout: 5_000 });
  await expect(here(phone)).toHaveAccessibleName('Here now: Anna Larsen');
  await messageBox(phone).pressSequentially('nobody sees that I write', { delay: 20 });
  await messageBox(phone).press('Enter');
  await expect(messages(a).getByText('nobody sees that I write')).toBeVisible();
  await expect(a.getByText('is typing')).toHaveCount(0);
  await phone.reload();
  await expect(here(phone)).toHaveAccessibleName('Here now: Anna Larsen');
  await expect(here(a)).toHaveCount(0);
  await shown.check();
  await expect(here(a)).toHaveAccessibleName('Here now: Ben Okafor');
});

test('a network that goes and comes back shows everybody again', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const mobile = await browserOf(browser, server, ben);
  const b = await mobile.newPage();
  await a.goto(`/b/${board}/r/${room}`);
  await b.goto(`/b/${board}/r/${room}`);
  await expect(here(a)).toHaveAccessibleName('Here now: Ben Okafor');
  await expect(here(b)).toHaveAccessibleName('Here now: Anna Larsen');
  await mobile.setOffline(true);
  await expect(b.getByText(/Offline/).first()).toBeVisible();
  await expect(here(b)).toHaveCount(0);
  await mobile.setOffline(false);
  await expect(here(b)).toHaveAccessibleName('Here now: Anna Larsen');
  await expect(here(a)).toHaveAccessibleName('Here now: Ben Okafor');
});
