import type { Browser, Page } from '@playwright/test';
import { call, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import { expect, noViolations, pageOf, team, test } from './app.ts';

const NO_SERVICE = 'This browser has no push service, or it cannot be reached.';
const section = (page: Page) => page.getByRole('region', { name: 'Notifications' });

/** What the browser was told to answer for this site. */
async function tell(page: Page, server: TestServer, setting: 'granted' | 'denied' | 'prompt'): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const { targetInfo } = await devtools.send('Target.getTargetInfo');
  const { browserContextId } = targetInfo;
  const permission = { name: 'notifications' };
  await devtools.send('Browser.setPermission', {
    permission,
    setting,
    origin: server.url,
    ...(browserContextId !== undefined && { browserContextId }),
  });
}

/** The settings of this person in a browser that was told so, and that keeps the app. */
async function settings(
  browser: Browser,
  server: TestServer,
  person: Person,
  setting: 'granted' | 'denied' | 'prompt',
): Promise<Page> {
  const page = await pageOf(browser, server, person, '/settings');
  await tell(page, server, setting);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  return page;
}

test('without a push service one reads so, notifications stay on while TaskFlow is open, and one may try again', async ({
  browser,
  server,
  owner,
}) => {
  const { anna } = await team(server, owner);
  const page = await settings(browser, server, anna, 'granted');
  await expect(section(page)).toContainText('This browser tells you when somebody needs you and you look elsewhere.');
  const also = section(page).getByRole('button', { name: 'Also while it is closed' });
  await also.press('Enter');
  await expect(section(page).getByRole('alert')).toHaveText(NO_SERVICE);
  await expect(also).toBeEnabled();
  await expect(also).toBeFocused();
  await noViolations(page);
  await expect(section(page).getByRole('button', { name: 'Turn notifications off' })).toBeVisible();
  // Nothing claims to be on: not here, not in the browser, not after a reload.
  expect(
    await page.evaluate(async () => {
      const worker = await navigator.serviceWorker.ready;
      return [await worker.pushManager.getSubscription(), localStorage.getItem('taskflow:push')];
    }),
  ).toEqual([null, null]);
  await also.press('Enter');
  await expect(section(page).getByRole('alert')).toHaveText(NO_SERVICE);
  await page.reload();
  await expect(also).toBeVisible();
  await expect(section(page).getByRole('alert')).toHaveCount(0);
  await expect(section(page).getByRole('button', { name: 'Turn notifications off' })).toBeVisible();
});

test('where the browser was told to show none, one reads where that is changed, and nothing is offered in vain', async ({
  browser,
  server,
  owner,
}) => {
  const { room, anna, ben } = await team(server, owner);
  const page = await settings(browser, server, anna, 'denied');
  await expect(section(page)).toContainText(
    'This browser was told not to show notifications of this site. You can change that in its settings.',
  );
  await expect(section(page).getByRole('button')).toHaveCount(0);
  await noViolations(page);
  await call(server, ben, 'POST', `/rooms/${room}/messages`, { text: `@${anna.username} hello` });
  await page.goto('/inbox');
  await expect(page.getByText('hello')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Tell me' })).toHaveCount(0);
});

test('a browser that says no when it is asked is not asked again', async ({ browser, server, owner }) => {
  const { anna } = await team(server, owner);
  const page = await settings(browser, server, anna, 'prompt');
  const also = section(page).getByRole('button', { name: 'Also while it is closed' });
  await expect(also).toBeVisible();
  await tell(page, server, 'denied');
  await also.click();
  await expect(section(page)).toContainText('This browser was told not to show notifications of this site.');
  await expect(section(page).getByRole('button')).toHaveCount(0);
});
