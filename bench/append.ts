/**
 * What a new message costs who looks: `npm run bench:append [-- history messages]`.
 *
 * A room of 10,000 messages in a real Chromium, scrolled up and down until as many rows stand in the page as ever do;
 * then somebody else writes. Measured in the page, for each message: the time from the socket's event until its row
 * stands and the view has followed it (decoding, Yjs, storing, reading the volume, Svelte, and the layout that following
 * needs); how much of it is the rendering, from the beginning of Svelte's work; and how many rows were made or touched.
 *
 * Measured on two cores with a load of 25: one row for each message, p50 3.2 to 4.1 ms from the socket's event.
 */
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { CHROMIUM_ARGS, ensureChromium } from '../scripts/chromium.ts';
import { call } from '../tests/harness/people.ts';
import { openHistory } from './room-page.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [history = 10_250, count = 200] = positionals.map(Number);

type Sample = { ms: number; rendering: number; rows: number };

const world = await openHistory(history);
const executablePath = ensureChromium();
const browser = await chromium.launch({ args: CHROMIUM_ARGS, ...(executablePath ? { executablePath } : {}) });
try {
  const page = await world.page(browser, watchAppends);
  await page.getByRole('log').locator(`[data-seq="${history}"]`).waitFor();
  await page.waitForFunction(() => (window as unknown as { watching: boolean }).watching);
  const samples: Sample[] = [];
  let rows = 0;
  for (let i = 1; i <= count; i += 1) {
    const text = `Message number ${i}, about as long as people write them in a chat`;
    await call(world.server, world.others[i % world.others.length] ?? world.reader, 'POST', world.messages, { text });
    samples.push(await taken(page, i));
    rows = await page.locator('article').count();
  }
  const at = (of: 'ms' | 'rendering', share: number): string => {
    const times = samples.map((sample) => sample[of]).sort((a, b) => a - b);
    return (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  };
  console.log(
    `${count} messages into a room of ${history}: rendering p50 ${at('rendering', 0.5)} ms, p90 ${at('rendering', 0.9)} ms; ` +
      `from the socket p50 ${at('ms', 0.5)} ms, p90 ${at('ms', 0.9)} ms; ` +
      `rows made or touched: ${Math.max(...samples.map((sample) => sample.rows))} at most; ${rows} rows in the page`,
  );
} finally {
  await browser.close();
  await world.dispose();
}

async function taken(page: Page, count: number): Promise<Sample> {
  const handle = await page.waitForFunction((count) => {
    const { samples } = window as unknown as { samples: Sample[] };
    return samples.length >= count ? samples[count - 1] : null;
  }, count);
  return (await handle.jsonValue()) as Sample;
}

/** Runs in the page before its own scripts. */
function watchAppends(): void {
  const samples: Sample[] = [];
  Object.assign(window, { samples, watching: false });
  let [heard, begun] = [0, 0];
  const queue = window.queueMicrotask.bind(window);
  window.queueMicrotask = (work) =>
    queue(() => {
      begun = performance.now();
      work();
    });
  const stock = window.WebSocket;
  window.WebSocket = class extends stock {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      // The first listener: the clock begins before the app's own.
      this.addEventListener('message', () => (heard = performance.now()));
    }
  };
  const observer = new MutationObserver((records) => {
    const now = performance.now();
    const touched = new Set<Element>();
    let made = 0;
    for (const { addedNodes, target } of records) {
      for (const node of addedNodes) {
        if (node instanceof Element && node.matches('article')) {
          made += 1;
          touched.add(node);
        }
      }
      const row = (target instanceof Element ? target : target.parentElement)?.closest('article');
      if (row) touched.add(row);
    }
    if (made > 0 && (window as unknown as { watching: boolean }).watching)
      samples.push({ ms: now - heard, rendering: now - begun, rows: touched.size });
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
