import type { Browser, BrowserContext, Page } from '@playwright/test';
import { call, makeRoom, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import { browserOf, expect, messages, noViolations, goOffline, say, team, test } from './app.ts';

const row = (page: Page, text: string) => page.locator('[data-notification]').filter({ hasText: text });
const group = (page: Page, name: string) => page.getByRole('region', { name });
const count = (page: Page, tab: string) =>
  page.getByRole('group', { name: 'Show' }).locator('label').filter({ hasText: tab });

/** Somebody writes to a room through the API. */
async function write(server: TestServer, who: Person, room: string, text: string): Promise<void> {
  await call(server, who, 'POST', `/rooms/${room}/messages`, { text });
}

/** A browser of this person whose desktop notifications can be seen by the test; nobody has been asked yet, or all said yes. */
async function watched(browser: Browser, server: TestServer, person: Person, said: 'yes' | 'nothing') {
  const context = await browserOf(browser, server, person);
  if (said === 'yes') await context.grantPermissions(['notifications'], { origin: server.url });
  const shown: { title: string; body: string; tag: string; page: Page }[] = [];
  await context.exposeBinding('notificationShown', ({ page }, title: string, body: string, tag: string) => {
    shown.push({ title, body, tag, page });
  });
  await context.exposeBinding('permissionAsked', ({ page }) => void asked.push(page));
  const asked: Page[] = [];
  await context.addInitScript(
    (permission) => {
      const tell = window as unknown as Record<string, (...what: unknown[]) => Promise<void>>;
      const all: Seen[] = [];
      (window as unknown as { allNotifications: Seen[] }).allNotifications = all;
      class Seen extends EventTarget {
        static permission = localStorage.getItem('test:permission') ?? permission;
        static requestPermission(): Promise<string> {
          Seen.permission = 'granted';
          localStorage.setItem('test:permission', 'granted');
          void tell.permissionAsked?.();
          return Promise.resolve('granted');
        }
        onclick: (() => void) | null = null;
        onclose: (() => void) | null = null;
        constructor(title: string, { body, tag }: { body: string; tag: string }) {
          super();
          all.push(this);
          void tell.notificationShown?.(title, body, tag);
        }
        close(): void {
          this.onclose?.();
        }
      }
      Object.defineProperty(window, 'Notification', { value: Seen });
    },
    said === 'yes' ? 'granted' : 'default',
  );
  return { context, shown, asked };
}

async function inboxOf(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto('/inbox');
  await expect(page.getByRole('heading', { name: 'Inbox', level: 1 })).toBeVisible();
  return page;
}

test('by conversation, newest first; done, undone, snoozed and unread again, on every device', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const other = await makeRoom(server, owner, board, 'Kitchen');
  await write(server, anna, room, `@${ben.username} the first`);
  await write(server, anna, other, `@${ben.username} the second`);
  await write(server, anna, room, `@${ben.username} the third`);
  const phone = await inboxOf(await browserOf(browser, server, ben));
  const desk = await inboxOf(await browserOf(browser, server, ben));
  await expect(row(phone, 'the third')).toBeVisible();
  await expect(
    phone
      .getByRole('region')
      .filter({ has: phone.getByRole('link') })
      .getByRole('heading'),
  ).toHaveText([/General/, /Kitchen/]);
  await expect(count(phone, 'All')).toContainText('3');
  await expect(count(phone, 'Mentions')).toContainText('3');
  await expect(phone).toHaveTitle('(3) Inbox · TaskFlow');
  await expect(phone.locator('link[rel="icon"]')).toHaveAttribute('href', /icon-unread\.svg$/);
  await noViolations(phone);

  await row(phone, 'the second').getByRole('button', { name: 'Done' }).click();
  await expect(row(phone, 'the second')).toHaveCount(0);
  await expect(row(desk, 'the second')).toHaveCount(0);
  await expect(desk).toHaveTitle('(2) Inbox · TaskFlow');
  await phone.getByRole('button', { name: 'Undo' }).click();
  await expect(row(desk, 'the second')).toBeVisible();

  await group(desk, 'General').getByRole('button', { name: 'More for General' }).click();
  await desk.getByRole('menuitem', { name: 'Mark all of this as read' }).click();
  await expect(count(phone, 'All')).toContainText('1');
  await row(phone, 'the first').getByRole('button', { name: 'More for this notification' }).click();
  await phone.getByRole('menuitem', { name: 'Mark as unread' }).click();
  await expect(count(desk, 'All')).toContainText('2');

  await row(desk, 'the second').getByRole('button', { name: 'More for this notification' }).click();
  await noViolations(desk);
  await desk.getByRole('menuitem', { name: /tomorrow morning/ }).click();
  await expect(row(phone, 'the second')).toHaveCount(0);
  await count(phone, 'Snoozed').click();
  await expect(row(phone, 'the second')).toContainText('comes back');
  await row(phone, 'the second').getByRole('button', { name: 'Back to the inbox' }).click();
  await expect(row(desk, 'the second')).toBeVisible();

  await desk.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(phone).toHaveTitle('Inbox · TaskFlow');
  await expect(phone.locator('link[rel="icon"]')).toHaveAttribute('href', /icon\.svg$/);
});

test('a snooze ends by the clock, and comes back unread', async ({ browser, server, owner }) => {
  const { room, anna, ben } = await team(server, owner);
  await write(server, anna, room, `@${ben.username} later please`);
  const context = await browserOf(browser, server, ben);
  const page = await context.newPage();
  await page.clock.install({ time: new Date() });
  await page.goto('/inbox');
  await row(page, 'later please').getByRole('button', { name: 'More for this notification' }).click();
  await page.getByRole('menuitem', { name: 'Snooze: in an hour' }).click();
  await expect(row(page, 'later please')).toHaveCount(0);
  await expect(page).toHaveTitle('Inbox · TaskFlow');
  await page.clock.fastForward('01:00:05');
  await expect(row(page, 'later please')).toContainText('Unread');
  await expect(page).toHaveTitle('(1) Inbox · TaskFlow');
});

test('without a mouse: J and K walk, U and E do, Enter opens at the message', async ({ browser, server, owner }) => {
  const { room, anna, ben } = await team(server, owner);
  for (const text of ['apple', 'pear', 'plum']) await write(server, anna, room, `@${ben.username} ${text}`);
  const page = await inboxOf(await browserOf(browser, server, ben));
  await expect(page.locator('[data-notification]').filter({ hasText: 'Unread:' })).toHaveCount(3);
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'pear').getByRole('link')).toBeFocused();
  await page.keyboard.press('u');
  await expect(row(page, 'pear')).not.toContainText('Unread');
  await page.keyboard.press('u');
  await expect(row(page, 'pear')).toContainText('Unread');
  await page.keyboard.press('e');
  await expect(row(page, 'pear')).toHaveCount(0);
  await expect(row(page, 'apple').getByRole('link')).toBeFocused();
  await page.keyboard.press('k');
  await expect(row(page, 'plum').getByRole('link')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(messages(page).getByText('plum')).toBeVisible();
  await expect(page).toHaveURL(/[?&]m=/);
  await page.keyboard.press('Control+/');
  await expect(page.getByRole('dialog')).toContainText('In the inbox');
});

test('what is done without a network merges with what another device did', async ({ browser, server, owner }) => {
  const { room, anna, ben } = await team(server, owner);
  for (const text of ['apple', 'pear', 'plum']) await write(server, anna, room, `@${ben.username} ${text}`);
  const away = await browserOf(browser, server, ben);
  const phone = await inboxOf(away);
  const desk = await inboxOf(await browserOf(browser, server, ben));
  await expect(row(phone, 'plum')).toBeVisible();
  await goOffline(phone);
  await row(phone, 'apple').getByRole('button', { name: 'Done' }).click();
  await phone.reload();
  await expect(row(phone, 'apple')).toHaveCount(0);
  await expect(row(phone, 'pear')).toBeVisible();
  await row(desk, 'pear').getByRole('button', { name: 'Done' }).click();
  await row(desk, 'plum').getByRole('button', { name: 'More for this notification' }).click();
  await desk.getByRole('menuitem', { name: 'Mark as read' }).click();
  await away.setOffline(false);
  for (const page of [phone, desk]) {
    await expect(page.locator('[data-notification]')).toHaveCount(1);
    await expect(row(page, 'plum')).not.toContainText('Unread');
    await expect(page).toHaveTitle('Inbox · TaskFlow');
  }
});

test('one desktop notification however many tabs, none for what is in view; a press leads to the message', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const { context, shown } = await watched(browser, server, ben, 'yes');
  const first = await inboxOf(context);
  const second = await inboxOf(context);
  await write(server, anna, room, `@${ben.username} the soup`);
  await expect(row(second, 'the soup')).toBeVisible();
  await expect.poll(() => shown.length).toBe(1);
  expect(shown[0]).toMatchObject({ title: 'Anna Larsen mentioned you in General', body: `@${ben.username} the soup` });
  const leader = shown[0]?.page ?? first;
  await leader.evaluate(() => {
    (window as unknown as { allNotifications: { onclick: () => void }[] }).allNotifications.at(-1)?.onclick();
  });
  await expect(messages(leader).getByText('the soup')).toBeVisible();

  // It is read now, where it is in view: the next one is seen there, and nobody is told.
  await leader.bringToFront();
  await write(server, anna, room, `@${ben.username} the bread`);
  await expect(messages(leader).getByText('the bread')).toBeVisible();
  // The lead passes on when its tab is closed; what comes now is the second notification, so the bread was none.
  await expect(leader).toHaveTitle(/^(?!\()/);
  const left = leader === first ? second : first;
  await leader.close();
  await left.bringToFront();
  await write(server, anna, room, `@${ben.username} the cheese`);
  await expect
    .poll(() => shown.map(({ body }) => body))
    .toEqual([`@${ben.username} the soup`, `@${ben.username} the cheese`]);
  expect(new Set(shown.map(({ tag }) => tag)).size).toBe(2);
  await left.goto(`/b/${board}`);
});

test('permission is asked for when somebody presses for it, after the first mention, and not once more', async ({
  browser,
  server,
  owner,
}) => {
  const { room, anna, ben } = await team(server, owner);
  const { context, asked, shown } = await watched(browser, server, ben, 'nothing');
  const page = await inboxOf(context);
  await expect(page.getByText('Nothing for you yet')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Tell me' })).toHaveCount(0);
  await write(server, anna, room, `@${ben.username} hello`);
  await expect(page.getByText('Get told when somebody needs you')).toBeVisible();
  await noViolations(page);
  expect(asked).toEqual([]);
  await page.getByRole('button', { name: 'Tell me' }).click();
  await expect(page.getByText('Get told when somebody needs you')).toHaveCount(0);
  expect(asked).toHaveLength(1);
  await write(server, anna, room, `@${ben.username} again`);
  await expect.poll(() => shown.length).toBe(1);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Turn notifications off' }).click();
  await expect(page.getByText('Notifications are off in this browser')).toBeVisible();
  await noViolations(page);
});

test('the service worker shows a push once, and none of the conversation in view', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  await context.grantPermissions(['notifications'], { origin: server.url });
  const page = await context.newPage();
  await page.goto('/inbox');
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  const devtools = await context.newCDPSession(page);
  const registrations = Promise.withResolvers<string>();
  devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [one] }) => {
    if (one !== undefined) registrations.resolve(one.registrationId);
  });
  await devtools.send('ServiceWorker.enable');
  const registrationId = await registrations.promise;
  const push = (data: unknown) =>
    devtools.send('ServiceWorker.deliverPushMessage', {
      origin: server.url,
      registrationId,
      data: JSON.stringify(data),
    });
  const shown = () =>
    page.evaluate(async () => {
      const worker = await navigator.serviceWorker.ready;
      return (await worker.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
    });
  const message = { id: 7, title: 'Olga mentioned you', body: 'hello', board, conversation: `room/${room}`, volume: 1 };
  await push({ ...message, message: 'm'.repeat(20) });
  await push({ ...message, message: 'm'.repeat(20) });
  await push({ ...message, id: 8, message: '../evil' });
  await expect.poll(shown).toEqual([{ title: 'Olga mentioned you', body: 'hello', tag: 'taskflow/7' }]);
  await page.goto(`/b/${board}/r/${room}`);
  await page.bringToFront();
  await say(page, 'here I am');
  await push({ ...message, id: 9, message: 'n'.repeat(20) });
  await push({ ...message, id: 10, conversation: `room/${'z'.repeat(20)}`, message: 'n'.repeat(20) });
  await expect.poll(async () => (await shown()).map(({ tag }) => tag)).toContain('taskflow/10');
  expect((await shown()).map(({ tag }) => tag)).not.toContain('taskflow/9');
});
