import { setUp } from '../harness/people.ts';
import { TestServer } from '../harness/server.ts';
import { browserOf, expect, messages, pageOf, say, team, test } from './app.ts';

test('a page that was cut off on its way says so, and goes on by itself when the server answers again', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const server = await TestServer.start();
  try {
    const owner = await setUp(server);
    const { board, room, anna, ben } = await team(server, owner);
    const a = await pageOf(browser, server, anna);
    await a.goto(`/b/${board}/r/${room}`);
    await say(a, 'still here');
    await expect(messages(a).getByText('sent', { exact: true })).toBeVisible();

    const b = await pageOf(browser, server, ben);
    await b.route('**/_app/**', async (route) => {
      // The page itself has arrived, nothing that it needs has.
      await server.kill();
      await route.abort('connectionreset');
    });
    await b.goto(`/b/${board}/r/${room}`, { waitUntil: 'commit' });
    await expect(b.getByRole('status')).toContainText('The connection was cut while TaskFlow was loading.');
    await b.unroute('**/_app/**');
    await server.start();
    await expect(messages(b).getByText('still here')).toBeVisible();
  } finally {
    await server.dispose();
  }
});

for (const piece of ['entry/app', 'nodes/', 'chunks/', 'assets/']) {
  test(`the first visit survives that pieces of ${piece} do not arrive at once`, async ({ browser, server, owner }) => {
    const { board, room, anna } = await team(server, owner);
    const context = await browserOf(browser, server, anna);
    const page = await context.newPage();
    let refused = 0;
    await page.route(`**/_app/immutable/${piece}**`, async (route) => {
      refused += 1;
      await route.abort('connectionreset');
    });
    await page.goto(`/b/${board}/r/${room}`, { waitUntil: 'commit' });
    await expect.poll(() => refused).toBeGreaterThan(0);
    await page.unroute(`**/_app/immutable/${piece}**`);
    await expect(page.getByRole('textbox', { name: 'Message General' })).toBeVisible();
    await say(page, 'and it works');
    await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
    await expect(page.locator('body')).toHaveCSS('margin', '0px');
  });
}

test('a piece that never arrives is not asked for for ever: the page says what is wrong and waits to be asked', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna } = await team(server, owner);
  const page = await pageOf(browser, server, anna);
  let loads = 0;
  page.on('framenavigated', () => (loads += 1));
  await page.route('**/_app/immutable/entry/**', (route) => route.abort('connectionreset'));
  await page.goto(`/b/${board}`, { waitUntil: 'commit' });
  await expect.poll(() => loads).toBe(4);
  await expect(page.getByRole('status')).toContainText('The connection was cut');
  const wentOn = page.waitForEvent('framenavigated', { timeout: 8_000 }).then(
    () => true,
    () => false,
  );
  expect(await wentOn).toBe(false);
  await page.unroute('**/_app/immutable/entry/**');
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect(page.getByRole('heading', { name: 'Launch' })).toBeVisible();
});
