import { browserOf, expect, messageBox, messages, noViolations, pageOf, goOffline, say, team, test } from './app.ts';

const FENCE = '```';

test('a message is shown with its Markdown, on both sides and offline', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  const a = await context.newPage();
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}/r/${room}`);
  await b.goto(`/b/${board}/r/${room}`);
  await say(a, '**bold** *soft* ~~gone~~ `code` [words](https://example.org/a) www.example.org');
  await say(a, '> a quote\n> of two lines\n\n1. one\n2. two\n   - inner');
  await say(a, `${FENCE}ts\nlet a = 1;\n\n  let b = 2;\n${FENCE}`);
  await say(a, `\`@${ben.username}\` and @${ben.username}, <b>no markup</b>`);
  for (const page of [a, b]) {
    await expect(messages(page).locator('article')).toHaveCount(4);
    const log = messages(page).locator('.text');
    await expect(log.locator('strong')).toHaveText('bold');
    await expect(log.locator('em')).toHaveText('soft');
    await expect(log.locator('s')).toHaveText('gone');
    await expect(log.getByRole('link', { name: 'words' })).toHaveAttribute('href', 'https://example.org/a');
    await expect(log.getByRole('link', { name: 'www.example.org' })).toHaveAttribute(
      'href',
      'https://www.example.org/',
    );
    expect(await log.locator('blockquote').innerText()).toBe('a quote\nof two lines');
    await expect(log.locator('ol > li')).toHaveCount(2);
    await expect(log.locator('ol ul > li')).toHaveText('inner');
    await expect(log.locator('figcaption')).toHaveText('ts');
    expect(await log.locator('pre').textContent()).toBe('let a = 1;\n\n  let b = 2;');
    await expect(log.locator('code').last()).toHaveText(`@${ben.username}`);
    await expect(log.locator('.mention')).toHaveText('@Ben Okafor');
    await expect(log.getByText('<b>no markup</b>')).toBeVisible();
  }
  await expect(messages(b).locator('.mention.mine')).toHaveCount(1);
  await expect(messages(a).locator('.mention.mine')).toHaveCount(0);
  await noViolations(a);
  await noViolations(b);

  await goOffline(a);
  await a.reload();
  await expect(messages(a).locator('ol ul > li')).toHaveText('inner');
  await expect(messages(a).locator('.text strong')).toHaveText('bold');
  await say(a, 'written *offline*');
  await expect(messages(a).locator('em').last()).toHaveText('offline');
});

test('code is copied by its button, letter by letter; what is edited is what was typed', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  const page = await context.newPage();
  await page.goto(`/b/${board}/r/${room}`);
  const typed = `**Run** this:\n${FENCE}\nnpm ci\n\tnpm start <b>\n${FENCE}`;
  await say(page, typed);
  await messages(page).locator('figure').hover();
  await page.getByRole('button', { name: 'Copy code' }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('npm ci\n\tnpm start <b>');
  await messageBox(page).press('ArrowUp');
  await expect(page.getByRole('textbox', { name: 'Edit message' })).toHaveValue(typed);
});
