import { openHistory, type RoomWorld } from '../../bench/room-page.ts';
import { call } from '../harness/people.ts';
import { browserOf, expect, messages, test } from './app.ts';

const HISTORY = 10_000;
/** So many that the oldest rows leave the page meanwhile. */
const ARRIVALS = 50;

type Arrival = { made: number; touched: number };

let world: RoomWorld;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  world = await openHistory(HISTORY);
});
test.afterAll(() => world.dispose());

test('a message that arrives in a long room makes one row and touches no other, and the page rests in between', async ({
  browser,
}) => {
  const page = await (await browserOf(browser, world.server, world.reader)).newPage();
  await page.goto(`/b/${world.board}/r/${world.room}`);
  const log = messages(page);
  await expect(log.locator(`[data-seq="${HISTORY}"]`)).toBeInViewport();

  // Opening is over, and nothing moves for ever, in view or out of it.
  await expect
    .poll(() =>
      page.evaluate(
        () => document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations === Infinity).length,
      ),
    )
    .toBe(0);

  await log.evaluate((log) => {
    const arrivals: Arrival[] = [];
    Object.assign(window, { arrivals });
    new MutationObserver((records) => {
      const made = new Set<Element>();
      const touched = new Set<Element>();
      for (const { addedNodes, target } of records) {
        for (const node of addedNodes) if (node instanceof Element && node.matches('article')) made.add(node);
        const element = target instanceof Element ? target : target.parentElement;
        // What says how long ago it was goes by the clock.
        const row = element?.closest('time') ? null : element?.closest('article');
        if (row) touched.add(row);
      }
      const others = [...touched].filter((row) => !made.has(row)).length;
      if (made.size > 0 || others > 0) arrivals.push({ made: made.size, touched: others });
    }).observe(log, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  for (let i = 1; i <= ARRIVALS; i += 1) {
    const writer = world.others[i % world.others.length]!;
    await call(world.server, writer, 'POST', world.messages, { text: `Message ${i}` });
    await expect(log.locator(`[data-seq="${HISTORY + i}"]`)).toBeInViewport();
  }
  const arrivals = await page.evaluate(() => (window as unknown as { arrivals: Arrival[] }).arrivals);
  expect(arrivals).toEqual(Array.from({ length: ARRIVALS }, () => ({ made: 1, touched: 0 })));
  expect(await log.getByRole('article').count()).toBeLessThanOrEqual(80);
});
