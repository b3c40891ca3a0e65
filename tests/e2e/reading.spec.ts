import { openHistory, type RoomWorld } from '../../bench/room-page.ts';
import { call } from '../harness/people.ts';
import { browserOf, expect, messages, noViolations, pageOf, goOffline, say, team, test } from './app.ts';
import type { Locator, Page } from '@playwright/test';

/** Six volumes and a bit. */
const HISTORY = 2_600;

let world: RoomWorld;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  world = await openHistory(HISTORY);
});
test.afterAll(() => world.dispose());

const at = (page: Page, seq: number): Locator => messages(page).locator(`[data-seq="${seq}"]`);
const room = (): string => `/b/${world.board}/r/${world.room}`;
const back = (page: Page): Locator => page.getByRole('button', { name: /Back to newest|\d new$/ });

/** The message with this number, as the server lists it. */
async function messageAt(seq: number): Promise<string> {
  for (let cursor = ''; ;) {
    const page = await call<{ items: { id: string; seq: number }[]; next: string | null }>(
      world.server,
      world.reader,
      'GET',
      `/rooms/${world.room}/messages?limit=100${cursor}`,
    );
    const found = page.items.find((message) => message.seq === seq);
    if (found) return found.id;
    if (page.next === null) throw new Error(`no message ${seq}`);
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

test('a link without its volume opens far back, the view goes on downwards, and one press leads to the end', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, world.server, world.others[0]!)).newPage();
  await page.goto(`${room()}?m=${await messageAt(120)}`);
  await expect(at(page, 120)).toBeInViewport();
  await expect(at(page, 120)).toHaveClass(/marked/);
  await expect(at(page, HISTORY)).toHaveCount(0);
  await noViolations(page);
  // Downwards, past the end of the first volume.
  await messages(page).hover();
  await expect(async () => {
    await page.mouse.wheel(0, 4_000);
    await expect(at(page, 560)).toBeVisible({ timeout: 500 });
  }).toPass();
  expect(await messages(page).getByRole('article').count()).toBeLessThanOrEqual(301);
  await back(page).click();
  await expect(at(page, HISTORY)).toBeInViewport();
  await expect(back(page)).toHaveCount(0);
});

test('the divider stands where reading stopped, volumes ago, and the view lands on it', async ({ browser }) => {
  const context = await browserOf(browser, world.server, world.others[1]!);
  const first = await context.newPage();
  await first.goto(`${room()}?m=${await messageAt(300)}`);
  await expect(at(first, 300)).toBeInViewport();
  const read = await messages(first).evaluate((list) => {
    const end = list.getBoundingClientRect().bottom;
    const seen = [...list.querySelectorAll<HTMLElement>('[data-seq]')].filter(
      (row) => row.getBoundingClientRect().top < end - 8,
    );
    return Number(seen.at(-1)?.dataset.seq);
  });
  // What was read is known to the server when another device knows it.
  await first.close();
  const page = await context.newPage();
  await page.goto(room());
  const divider = messages(page).locator('[data-divider]');
  await expect(divider).toBeInViewport();
  const next = await divider.evaluate((row) => Number((row.nextElementSibling as HTMLElement).dataset.seq));
  expect(next).toBeGreaterThan(read);
  expect(next).toBeLessThan(read + 12);
  await expect(page.getByRole('button', { name: /\d new$/ })).toBeVisible();
  await page.getByRole('button', { name: /\d new$/ }).click();
  await expect(at(page, HISTORY)).toBeInViewport();
});

test('scrolling up through every volume never moves what is looked at by more than rounding, and the page stays small', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, world.server, world.others[2]!)).newPage();
  await page.goto(room());
  await expect(at(page, HISTORY)).toBeInViewport();
  const walk = await messages(page).evaluate(async (list) => {
    const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));
    const top = (row: Element): number => row.getBoundingClientRect().top - list.getBoundingClientRect().top;
    // Of its words: the name above them goes when the message before, of the same person, comes in.
    const words = (row: Element): number => row.getBoundingClientRect().bottom - list.getBoundingClientRect().top;
    const rowsIn = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[data-seq]')];
    let [worst, most, insertions] = [0, 0, 0];
    const deadline = Date.now() + 60_000;
    while (Date.now() < deadline && Number(rowsIn()[0]?.dataset.seq) > 1) {
      list.scrollTop -= 500;
      const anchor = rowsIn().find((row) => top(row) >= 0)!;
      const [before, oldest] = [words(anchor), rowsIn()[0]?.dataset.seq];
      for (let i = 0; i < 4; i += 1) await frame();
      worst = Math.max(worst, Math.abs(words(anchor) - before));
      if (rowsIn()[0]?.dataset.seq !== oldest) insertions += 1;
      most = Math.max(most, rowsIn().length);
    }
    return { worst, most, insertions, oldest: Number(rowsIn()[0]?.dataset.seq) };
  });
  expect(walk.oldest).toBe(1);
  expect(walk.insertions).toBeGreaterThan(HISTORY / 100);
  // Rows have fractions of pixels for a height, and the browser scrolls by whole ones.
  expect(walk.worst).toBeLessThanOrEqual(1);
  expect(walk.most).toBeLessThanOrEqual(360);
});

test('rows are grouped by author and five minutes, broken by days', async ({ browser }) => {
  const page = await (await browserOf(browser, world.server, world.others[3]!)).newPage();
  await page.goto(room());
  await expect(at(page, HISTORY)).toBeInViewport();
  const rows = await messages(page).evaluate((list) =>
    [...list.querySelectorAll<HTMLElement>('[data-row]')].map((row) => ({
      day: row.matches('.day'),
      lead: row.matches('.lead'),
      author: row.dataset.slot?.split('/')[0],
      at: Date.parse(row.querySelector('time')?.dateTime ?? ''),
      exact: row.querySelector('time')?.title ?? '',
    })),
  );
  expect(rows.length).toBeGreaterThan(40);
  for (const [i, row] of rows.entries()) {
    const before = rows[i - 1];
    if (row.day || before === undefined) continue;
    expect(row.exact).not.toBe('');
    const apart = before.day || before.author !== row.author || row.at - before.at >= 5 * 60_000;
    expect(row.lead, `row ${i}`).toBe(apart);
    if (!before.day) expect(new Date(row.at).toDateString()).toBe(new Date(before.at).toDateString());
  }
});

test('offline, a part that is not on the device is said to be missing', async ({ browser, server, owner }) => {
  const { board, room: small, anna, ben } = await team(server, owner);
  for (const text of ['One', 'Two']) await call(server, ben, 'POST', `/rooms/${small}/messages`, { text });
  const context = await browserOf(browser, server, anna);
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${small}`);
  await expect(messages(page).getByText('Two')).toBeVisible();
  await goOffline(page);
  await page.goto(`/b/${board}/r/${small}?m=${'0'.repeat(20)}&v=7`);
  await expect(page.getByText('That part of the conversation is not on this device.')).toBeVisible();
  await expect(messages(page).getByText('Two')).toBeVisible();
});

test('what comes while one reads further up is counted on the pill, and read out politely', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room: small, anna, ben } = await team(server, owner);
  for (let i = 1; i <= 40; i += 1) await call(server, ben, 'POST', `/rooms/${small}/messages`, { text: `Before ${i}` });
  const page = await pageOf(browser, server, anna);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`/b/${board}/r/${small}`);
  await expect(messages(page).getByText('Before 40')).toBeInViewport();
  await messages(page).hover();
  await page.mouse.wheel(0, -600);
  await expect(messages(page).getByText('Before 40')).not.toBeInViewport();
  await call(server, ben, 'POST', `/rooms/${small}/messages`, { text: 'Come and see' });
  await expect(page.getByRole('button', { name: '1 new' })).toBeVisible();
  const polite = page.locator('[aria-live="polite"]').filter({ hasText: 'Ben Okafor: Come and see' });
  await expect(polite).toHaveCount(1);
  for (let i = 1; i <= 9; i += 1) await call(server, ben, 'POST', `/rooms/${small}/messages`, { text: `Flood ${i}` });
  await expect(page.getByRole('button', { name: '10 new' })).toBeVisible();
  await expect(page.locator('[aria-live="polite"]').filter({ hasText: /new messages/ })).toHaveCount(1);
  const moving = await page.evaluate(
    () => document.getAnimations().filter((one) => Number(one.effect?.getComputedTiming().duration) > 1).length,
  );
  expect(moving).toBe(0);
  await page.getByRole('button', { name: '10 new' }).click();
  await expect(messages(page).getByText('Flood 9')).toBeInViewport();
  await say(page, 'I saw it');
  await expect(page.locator('[aria-live="polite"]').filter({ hasText: 'I saw it' })).toHaveCount(0);
});
