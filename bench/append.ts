/**
 * What a new message costs who looks: `npm run bench:append [-- history messages]`.
 *
 * A room of 10,000 messages in a real Chromium; somebody else writes. Measured on the page's main thread, for each message:
 * from the socket's event (decoding, Yjs, reading the volume, Svelte) and from the moment the document has it, which is
 * when Svelte hears of the change, until its row stands, the view has followed it, and style and layout are done. Both by
 * the thread's own processor time, which other programs do not change much, and by the clock; and how many rows were made
 * or touched.
 *
 * Measured on two cores that do nothing else, the thread's own time: rendering p50 1.7 to 1.8 ms, p90 2.3 to 2.4; from the
 * socket p50 1.9 to 2.0, p90 2.6 to 2.7; by the clock p50 2.2, p90 2.4; one row made. With a load of 10 to 28: rendering p50
 * 2.2 to 2.7, p90 3.0 to 3.5; from the socket p50 2.5 to 3.0, p90 3.4 to 3.8. With twice the rows above, a placeholder that moves out of view, and two
 * more elements in each row, 2.9 to 3.1 and 3.2 to 3.4 in the same minutes, and 2.1 and 2.3 with a load of 3: what else
 * runs empties the caches, so compare only what was measured in turns.
 */
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/chromium.ts';
import { call } from '../tests/harness/people.ts';
import { openHistory } from './room-page.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [history = 10_250, count = 200] = positionals.map(Number);

/** The first of these is heard, in the second Svelte hears of the change, at the third the row stands. */
const MARKS = ['heard', 'begun', 'laid'] as const;
type Mark = { name: (typeof MARKS)[number]; ts: number; tts: number };

const world = await openHistory(history);
const executablePath = ensureChromium();
const browser = await chromium.launch({ args: CHROMIUM_ARGS, ...(executablePath ? { executablePath } : {}) });
try {
  const page = await world.page(browser, watchAppends);
  await page.getByRole('log').locator(`[data-seq="${history}"]`).waitFor();
  await page.waitForFunction(() => (window as unknown as { watching: boolean }).watching);
  await browser.startTracing(page, { categories: ['blink.user_timing'] });
  for (let i = 1; i <= count; i += 1) {
    const text = `Message number ${i}, about as long as people write them in a chat`;
    await call(world.server, world.others[i % world.others.length] ?? world.reader, 'POST', world.messages, { text });
    await page.waitForFunction((i) => (window as unknown as { touched: number[] }).touched.length >= i, i);
  }
  const marks = readMarks(await browser.stopTracing());
  const touched = await page.evaluate(() => (window as unknown as { touched: number[] }).touched);
  const rows = await page.locator('article').count();
  for (const [from, what] of [
    ['begun', 'rendering'],
    ['heard', 'from the socket'],
  ] as const) {
    const cpu = lasted(marks, from, 'tts');
    const wall = lasted(marks, from, 'ts');
    console.log(
      `${what}: processor p50 ${at(cpu, 0.5)} ms, p90 ${at(cpu, 0.9)} ms; clock p50 ${at(wall, 0.5)} ms, p90 ${at(wall, 0.9)} ms`,
    );
  }
  console.log(
    `${count} messages into a room of ${history}; rows made or touched: ${Math.max(...touched)} at most; ${rows} rows in the page`,
  );
} finally {
  await browser.close();
  await world.dispose();
}

function readMarks(trace: Buffer): Mark[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: Mark[] };
  return traceEvents.filter(({ name }) => MARKS.includes(name)).sort((a, b) => a.ts - b.ts);
}

/** How long it took each time from this mark, the last before the row stood, by the thread's time or the clock; ms. */
function lasted(marks: readonly Mark[], from: Mark['name'], clock: 'ts' | 'tts'): number[] {
  let begun: Mark | null = null;
  const times: number[] = [];
  for (const mark of marks) {
    if (mark.name === from) begun = mark;
    else if (mark.name === 'laid' && begun !== null) times.push((mark[clock] - begun[clock]) / 1_000);
  }
  return times.sort((a, b) => a - b);
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(2);
}

/** Runs in the page before its own scripts. */
function watchAppends(): void {
  const touched: number[] = [];
  Object.assign(window, { touched, watching: false });
  let begun = true;
  const queue = window.queueMicrotask.bind(window);
  window.queueMicrotask = (work) => {
    // Svelte asks for its turn when the first state changes: that is what comes first after the socket's event.
    if (!begun) performance.mark('begun');
    begun = true;
    queue(work);
  };
  const stock = window.WebSocket;
  window.WebSocket = class extends stock {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      // The first listener: the clock begins before the app's own.
      this.addEventListener('message', () => {
        begun = false;
        performance.mark('heard');
      });
    }
  };
  const observer = new MutationObserver((records) => {
    const rows = new Set<Element>();
    let made = 0;
    for (const { addedNodes, target } of records) {
      for (const node of addedNodes) {
        if (node instanceof Element && node.matches('article')) {
          made += 1;
          rows.add(node);
        }
      }
      const row = (target instanceof Element ? target : target.parentElement)?.closest('article');
      if (row) rows.add(row);
    }
    if (made === 0 || !(window as unknown as { watching: boolean }).watching) return;
    // Whatever the view has left undone of style and layout is done now, and counts.
    for (const row of rows) row.getBoundingClientRect();
    performance.mark('laid');
    touched.push(rows.size);
  });
  addEventListener('DOMContentLoaded', () => {
    observer.observe(document.documentElement, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    const wait = setInterval(() => {
      const log = document.querySelector('[role="log"]');
      if (!log || log.querySelectorAll('article').length === 0) return;
      clearInterval(wait);
      // What opening the room brings in is over by then.
      setTimeout(() => Object.assign(window, { watching: true }), 1_000);
    }, 50);
  });
}
