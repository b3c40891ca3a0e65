import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { join, makeBoard, makeRoom, PASSWORD, setUp, type Person } from '../harness/people.ts';
import { TestServer } from '../harness/server.ts';
import { hearViolations } from './violations.ts';

/**
 * `tidy`: closes the browsers of each test after it, whose pages would stay connected and at work.
 * `policy`: fails each test in which a page was refused something by its Content-Security-Policy.
 * `server`: one real server for all tests of a worker that do not end it.
 * `owner`: its first account. Each test makes its own boards, so tests do not meet.
 */
export const test = base.extend<
  { tidy: void; policy: void },
  { server: TestServer; owner: Person; violations: ReturnType<typeof hearViolations> }
>({
  violations: [async ({ browser }, use) => use(hearViolations(browser)), { scope: 'worker' }],
  tidy: [
    async ({ browser }, use) => {
      await use();
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    { auto: true },
  ],
  policy: [
    async ({ violations }, use) => {
      violations.taken();
      await use();
      expect(violations.taken()).toEqual([]);
    },
    { auto: true },
  ],
  server: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the parameter's names: this fixture needs none.
    async ({}, use) => {
      const server = await TestServer.start();
      await use(server);
      await server.dispose();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  owner: [async ({ server }, use) => use(await setUp(server)), { scope: 'worker' }],
});

export { expect };

/** A name that no other test of this worker uses. */
export function unique(prefix: string): string {
  return `${prefix}${Math.random().toString(36).slice(2, 8)}`;
}

/** A browser of one's own, signed in as this person through the sign-in page's own cookie. */
export async function browserOf(browser: Browser, server: TestServer, person: Person): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-GB' });
  await giveSession(context, server.url, person);
  return context;
}

/** A page in a browser of this person's own, at this address where one is given. */
export async function pageOf(browser: Browser, server: TestServer, person: Person, path?: string): Promise<Page> {
  const page = await (await browserOf(browser, server, person)).newPage();
  if (path !== undefined) await page.goto(path);
  return page;
}

/** Gives a browser this person's cookie, as signing in there did. */
export async function giveSession(context: BrowserContext, url: string, person: Person): Promise<void> {
  const split = person.cookie.indexOf('=');
  await context.addCookies([
    {
      name: person.cookie.slice(0, split),
      value: person.cookie.slice(split + 1),
      url,
      httpOnly: true,
      sameSite: 'Lax',
    },
  ]);
}

/** Signs in through the page, as a person does. */
export async function signInByPage(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export type Team = { board: string; room: string; anna: Person; ben: Person };

/** A board with one room and two members, made through the API: for tests whose subject is not setting up. */
export async function team(server: TestServer, owner: Person, title = 'Launch'): Promise<Team> {
  const board = await makeBoard(server, owner, title);
  const room = await makeRoom(server, owner, board, 'General');
  const anna = await join(server, owner, board, unique('anna.'), 'Anna Larsen');
  const ben = await join(server, owner, board, unique('ben.'), 'Ben Okafor');
  return { board, room, anna, ben };
}

export const messageBox = (page: Page, title = 'General'): Locator =>
  page.getByRole('textbox', { name: `Message ${title}` });
export const messages = (page: Page): Locator => page.getByRole('log', { name: 'Messages' });

/** Types a message and presses Enter. */
export async function say(page: Page, text: string, title = 'General'): Promise<void> {
  await messageBox(page, title).fill(text);
  await messageBox(page, title).press('Enter');
}

/** Fails with the list of accessibility violations of the page as it is now. */
export async function noViolations(page: Page): Promise<void> {
  await page.getByRole('main').waitFor();
  // What is still fading in has the contrast of neither.
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => Number.isFinite(Number(effect?.getComputedTiming().endTime)));
    await Promise.all(ending.map((one) => one.finished.catch(() => undefined)));
  });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual(
    [],
  );
}

/** Waits until this browser holds the app and the given person's documents, so that the network may go. */
export async function readyForOffline(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await expect(page.locator('html')).toHaveAttribute('data-freshened', 'true', { timeout: 60_000 });
}

/** Cuts this browser's network once the device has what it needs, and waits until the page says so. */
export async function goOffline(page: Page): Promise<void> {
  await readyForOffline(page);
  await page.context().setOffline(true);
  await expect(page.getByRole('status').filter({ hasText: 'Offline' })).toBeVisible();
}
