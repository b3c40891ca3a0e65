import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM_ARGS, ensureChromium } from '../../scripts/chromium.ts';
import { call, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import {
  browserOf,
  expect,
  giveSession,
  goOffline,
  messageBox,
  messages,
  pageOf,
  readyForOffline,
  say,
  team,
  test,
  type Team,
} from './app.ts';

const CARD = 'Pack the tent';

async function withCard(server: TestServer, owner: Person): Promise<Team> {
  const made = await team(server, owner);
  const todo = await call<{ id: string }>(server, owner, 'POST', `/boards/${made.board}/columns`, { title: 'To do' });
  await call(server, owner, 'POST', `/boards/${made.board}/columns`, { title: 'Done' });
  await call(server, owner, 'POST', `/boards/${made.board}/tasks`, { column: todo.id, title: CARD });
  return made;
}

const card = (page: Page, column: string) =>
  page.getByRole('region', { name: column }).getByRole('link', { name: new RegExp(CARD) });

async function moveCard(page: Page): Promise<void> {
  await card(page, 'To do').focus();
  await card(page, 'To do').press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
}

const status = (page: Page) => page.getByRole('status').filter({ hasText: 'Offline' });

/** Kills the process that draws this page, as running out of memory does. */
async function crash(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  // It never answers: who would, is dead.
  cdp.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}

async function reachesOthers(server: TestServer, { room, anna }: Team, text: string): Promise<void> {
  await expect
    .poll(async () => {
      const { items } = await call<{ items: { text: string }[] }>(server, anna, 'GET', `/rooms/${room}/messages`);
      return items.filter((item) => item.text === text).length;
    })
    .toBe(1);
}

test('a tab that crashes right after “saved on this device” loses nothing: a message, a moved card, a draft', async ({
  browser,
  server,
  owner,
}) => {
  const made = await withCard(server, owner);
  const { board, room, anna, ben } = made;
  const context = await browserOf(browser, server, anna);
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${room}`);
  await readyForOffline(page);
  const cards = await context.newPage();
  await cards.goto(`/b/${board}`);
  await expect(card(cards, 'To do')).toBeVisible();
  await context.setOffline(true);
  await expect(status(page)).toBeVisible();

  await say(page, 'before the crash');
  await expect(messages(page).getByText('saved on this device')).toBeVisible();
  await crash(page);
  await expect(status(cards)).toContainText('1 change saved on this device');
  await moveCard(cards);
  await expect(status(cards)).toContainText('2 changes saved on this device');
  await crash(cards);

  // Still without a network.
  const again = await context.newPage();
  await again.goto(`/b/${board}/r/${room}`);
  await expect(messages(again).getByText('before the crash')).toHaveCount(1);
  await expect(messages(again).getByText('saved on this device')).toBeVisible();
  await expect(status(again)).toContainText('2 changes saved on this device');
  await messageBox(again).pressSequentially('half a thought');
  const witness = await context.newPage();
  await witness.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(witness)).toHaveValue('half a thought');
  await Promise.all([crash(again), crash(witness)]);

  await context.setOffline(false);
  const last = await context.newPage();
  await last.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(last)).toHaveValue('half a thought');
  await reachesOthers(server, made, 'before the crash');
  const other = await pageOf(browser, server, ben, `/b/${board}`);
  await expect(card(other, 'Done')).toBeVisible();
});

test('before “saved on this device” nothing is claimed; what a crash leaves then comes once at most, and nothing waits', async ({
  browser,
  server,
  owner,
}) => {
  const made = await team(server, owner);
  const { board, room, anna } = made;
  const context = await browserOf(browser, server, anna);
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${room}`);
  await readyForOffline(page);
  const again = await context.newPage();
  await again.goto('/inbox');
  await expect(again.getByRole('heading', { name: 'Inbox', level: 1 })).toBeVisible();
  await context.setOffline(true);
  await expect(status(page)).toBeVisible();
  // A disk that takes its time: nothing that is written is heard to have arrived.
  await page.evaluate(() => {
    Object.defineProperty(IDBTransaction.prototype, 'oncomplete', { set: () => undefined });
  });
  await say(page, 'on its way');
  await expect(messages(page).getByText('on its way')).toBeVisible();
  await expect(messages(page).getByText('saving…')).toBeVisible();
  await expect(page.getByText('saved on this device')).toHaveCount(0);
  await expect(status(page)).toContainText('Saving 1 change');
  await crash(page);
  await context.setOffline(false);
  await again.goto(`/b/${board}/r/${room}`);
  await say(again, 'afterwards');
  await reachesOthers(server, made, 'afterwards');
  // It may have arrived on the disk all the same: then it is sent like any other.
  const left = await messages(again).getByText('on its way').count();
  expect(left).toBeLessThanOrEqual(1);
  if (left === 1) await reachesOthers(server, made, 'on its way');
  await context.setOffline(true);
  await expect(status(again)).toContainText('What you do is kept on this device.');
});

/** The processes that run on this profile: the browser, and all that it started. */
function processesOf(profile: string): number[] {
  const list = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8', maxBuffer: 16_000_000 });
  return list
    .split('\n')
    .filter((line) => line.includes(`--user-data-dir=${profile}`) && !line.includes('--type='))
    .map((line) => Number.parseInt(line, 10));
}

test('the whole browser killed right after “saved on this device”: it is there, and sent', async ({
  server,
  owner,
}) => {
  const made = await team(server, owner);
  const { board, room, anna } = made;
  const profile = mkdtempSync(join(tmpdir(), 'taskflow-profile-'));
  const executablePath = ensureChromium();
  const launch = (): Promise<BrowserContext> =>
    chromium.launchPersistentContext(profile, {
      baseURL: server.url,
      args: CHROMIUM_ARGS,
      ...(executablePath && { executablePath }),
    });
  try {
    const context = await launch();
    await giveSession(context, server.url, anna);
    const page = await context.newPage();
    await page.goto(`/b/${board}/r/${room}`);
    await goOffline(page);
    await say(page, 'before the power went');
    await expect(messages(page).getByText('saved on this device')).toBeVisible();
    const closed = context.waitForEvent('close');
    const running = processesOf(profile);
    expect(running).toHaveLength(1);
    for (const pid of running) process.kill(pid, 'SIGKILL');
    await closed;

    const again = await launch();
    await giveSession(again, server.url, anna);
    await again.setOffline(true);
    const back = await again.newPage();
    await back.goto(`/b/${board}/r/${room}`);
    await expect(messages(back).getByText('before the power went')).toHaveCount(1);
    await expect(messages(back).getByText('saved on this device')).toBeVisible();
    await again.setOffline(false);
    await reachesOthers(server, made, 'before the power went');
    await expect(messages(back).getByText('sent', { exact: true })).toBeVisible();
    await again.close();
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});
