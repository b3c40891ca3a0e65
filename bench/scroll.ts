/**
 * What reading far back costs: `npm run bench:scroll [-- history scrolled]`.
 *
 * A room of 100,000 messages in a real Chromium. The reader goes 20,000 messages up by wheel, drags the view to its top
 * again and again, follows links to messages read on the way, and goes back to the end. Measured on the page's main
 * thread: its tasks by their own processor time, which other programs do not change much; the pauses between frames;
 * what is in the page and, after a collection of garbage, in its memory; and what the browser holds in storage.
 *
 * Measured on two cores with a load of 6 to 10, in three minutes: of 100,000 messages 20,000 by wheel, one task above 50
 * ms of processor time (56), 1,002 above 16.7, 6.5 % of the pauses above two frames; 20 drags, the longest task 30; 10
 * jumps, the longest 30. Never more than 300 rows; heap 6.6 MB at first, 15 after 20,000 messages, 9.2 back at the end;
 * stored 1.6 and 11 MB.
 */
import { parseArgs } from 'node:util';
import { chromium, type CDPSession, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/chromium.ts';
import { openHistory } from './room-page.ts';
import { VOLUME_ENTRIES } from '../src/lib/model/limits.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [history = 100_000, scrolled = 20_000] = positionals.map(Number);
const WHEEL = 1_200;
const DRAGS = 20;
const JUMPS = 10;
/** One frame at sixty in a second, two of them, and what people feel; milliseconds. */
const FRAME_MS = 1_000 / 60;
const LONG_MS = 50;

type Row = { seq: number; mid: string };
type Task = { name: string; ph: string; pid: number; tid: number; tdur?: number };
type Moving = { rest: { pauses: number[] } };

const world = await openHistory(history);
const executablePath = ensureChromium();
const browser = await chromium.launch({ args: CHROMIUM_ARGS, ...(executablePath ? { executablePath } : {}) });
try {
  const page = await world.page(browser, countPauses);
  const cdp = await page.context().newCDPSession(page);
  await page.getByRole('log', { name: 'Messages' }).locator(`[data-seq="${history}"]`).waitFor();
  const states = [{ when: 'opened', ...(await state(page, cdp)) }];
  const passed: Row[] = [];

  const wheel = await measured(page, async () => {
    await page.getByRole('log', { name: 'Messages' }).hover();
    for (let first = history; first > Math.max(1, history - scrolled);) {
      await page.mouse.wheel(0, -WHEEL);
      const row = await oldest(page);
      if (Math.floor(row.seq / VOLUME_ENTRIES) < Math.floor(first / VOLUME_ENTRIES)) passed.push(row);
      first = Math.min(first, row.seq);
    }
  });
  states.push({ when: `${scrolled} messages up`, ...(await state(page, cdp)) });

  const drag = await measured(page, async () => {
    for (let i = 0; i < DRAGS; i += 1) {
      const before = await oldest(page);
      if (before.seq === 1) break;
      await page.getByRole('log', { name: 'Messages' }).evaluate((log) => log.scrollTo(0, 0));
      await page.waitForFunction(
        (seq) => Number(document.querySelector<HTMLElement>('[data-seq]')?.dataset.seq) < seq,
        before.seq,
      );
    }
  });
  const jumps = await measured(page, async () => {
    for (let i = 0; i < JUMPS; i += 1) {
      const row = passed[Math.floor((((i * 7) % JUMPS) * passed.length) / JUMPS)];
      if (row !== undefined) await jump(page, row);
    }
  });
  states.push({ when: `${DRAGS} drags and ${JUMPS} jumps later`, ...(await state(page, cdp)) });

  await page.getByRole('button', { name: 'Back to newest' }).click();
  await page.getByRole('log', { name: 'Messages' }).locator(`[data-seq="${history}"]`).waitFor();
  states.push({ when: 'back at the end', ...(await state(page, cdp)) });
  console.table([
    { doing: `${scrolled} messages by wheel`, ...wheel },
    { doing: `${DRAGS} drags`, ...drag },
    { doing: `${JUMPS} jumps`, ...jumps },
  ]);
  console.table(states);
} finally {
  await browser.close();
  await world.dispose();
}

function oldest(page: Page): Promise<Row> {
  return page.evaluate(() => {
    const { seq, mid = '' } = document.querySelector<HTMLElement>('article[data-seq]')?.dataset ?? {};
    return { seq: Number(seq), mid };
  });
}

/** As by a link in the page: the router takes it. */
async function jump(page: Page, { seq, mid }: Row): Promise<void> {
  const volume = Math.ceil(seq / VOLUME_ENTRIES);
  await page.evaluate(
    (query) => {
      const link = document.createElement('a');
      link.href = `${location.pathname}?${query}`;
      document.body.append(link);
      link.click();
      link.remove();
    },
    new URLSearchParams({ m: mid, v: String(volume) }).toString(),
  );
  await page.waitForFunction((mid) => {
    const row = document.querySelector(`[data-mid="${mid}"]`)?.getBoundingClientRect();
    return row !== undefined && row.top >= 0 && row.bottom <= innerHeight;
  }, mid);
}

/** The main thread's tasks, and the pauses between frames, while this is done. */
async function measured(page: Page, what: () => Promise<void>): Promise<Record<string, number | string>> {
  await page.evaluate(() => ((window as unknown as Moving).rest.pauses.length = 0));
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await what();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Task[] };
  const pauses = await page.evaluate(() => (window as unknown as Moving).rest.pauses);
  const main = traceEvents.find(({ name }) => name === 'UpdateLayoutTree');
  const tasks = traceEvents
    .filter(({ name, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && pid === main?.pid && tid === main.tid)
    .map(({ tdur = 0 }) => tdur / 1_000);
  const over = (list: readonly number[], ms: number): number => list.filter((one) => one > ms).length;
  const share = (ms: number): string => `${((over(pauses, ms) / pauses.length) * 100).toFixed(1)} %`;
  return {
    'longest task, ms': Math.round(Math.max(0, ...tasks)),
    'tasks > 50 ms': over(tasks, LONG_MS),
    'tasks > 16.7 ms': over(tasks, FRAME_MS),
    frames: pauses.length,
    'pauses > 1 frame': share(1.5 * FRAME_MS),
    'pauses > 2 frames': share(2.5 * FRAME_MS),
  };
}

async function state(page: Page, cdp: CDPSession): Promise<Record<string, number>> {
  // What is on its way out, by timers of seconds, is out by then.
  await page.waitForTimeout(3_000);
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('Performance.enable');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const metric = (name: string): number => metrics.find((one) => one.name === name)?.value ?? NaN;
  const stored = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? NaN);
  return {
    rows: await page.locator('article').count(),
    'DOM nodes': metric('Nodes'),
    'heap, MB': Number((metric('JSHeapUsedSize') / 1e6).toFixed(1)),
    'stored, MB': Number((stored / 1e6).toFixed(1)),
  };
}

/** Runs in the page before its own scripts. */
function countPauses(): void {
  const rest = { pauses: [] as number[] };
  Object.assign(window, { rest });
  let last = 0;
  const frame = (now: number): void => {
    if (last > 0) rest.pauses.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
