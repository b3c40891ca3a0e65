import type { Browser, BrowserContext, Page } from '@playwright/test';
import { CANARY, HEAVY, SCRIPTS, STRANGE } from '../attacks/nasty-texts.ts';
import { call, join, makeBoard, makeRoom, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import { browserOf, expect, messageBox, messages, say, test, unique } from './app.ts';

/** Everything that a message may be made of; an icon is drawn by us. */
const ELEMENTS = ['P', 'UL', 'OL', 'LI', 'BLOCKQUOTE', 'STRONG', 'EM', 'S', 'CODE', 'PRE', 'A', 'SPAN', 'BDI', 'DIV'];
const OF_CODE = ['FIGURE', 'FIGCAPTION', 'BUTTON', 'svg', 'rect', 'path'];
const ATTRIBUTES =
  /^(?:class|dir|title|href|target|rel|start|type|aria-[a-z]+|data-[a-z]+|id|popovertarget|interestfor)$/;

async function post(server: TestServer, person: Person, room: string, text: string): Promise<void> {
  await call(server, person, 'POST', `/rooms/${room}/messages`, { text });
}

/** A page of this person's that tells which other hosts it asked, and whether it ran anything it should not. */
async function watched(browser: Browser, server: TestServer, person: Person): Promise<[Page, () => Promise<void>]> {
  const context: BrowserContext = await browserOf(browser, server, person);
  const foreign: string[] = [];
  const dialogs: string[] = [];
  context.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !/^(?:data|blob):/.test(request.url())) foreign.push(request.url());
  });
  const page = await context.newPage();
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const unharmed = async (): Promise<void> => {
    expect(await page.evaluate((canary) => canary in window, CANARY)).toBe(false);
    expect(context.pages()).toHaveLength(1);
    expect(foreign).toEqual([]);
    expect(dialogs).toEqual([]);
  };
  return [page, unharmed];
}

/** What is in the messages' texts that is not on the list, as `element attribute`. */
function strangers(page: Page): Promise<string[]> {
  return messages(page).evaluate(
    (log, { allowed, attributes }) =>
      [...log.querySelectorAll('.text *')].flatMap((element) => {
        const names = element instanceof SVGElement ? [] : element.getAttributeNames();
        const wrong = names.filter((name) => !new RegExp(attributes).test(name));
        return [
          ...(allowed.includes(element.tagName) ? [] : [element.tagName]),
          ...wrong.map((name) => `${element.tagName} ${name}`),
        ];
      }),
    { allowed: [...ELEMENTS, ...OF_CODE], attributes: ATTRIBUTES.source },
  );
}

/** Nothing is wider than its place: the page and the list scroll upwards only, and every message is inside. */
async function expectBounded(page: Page): Promise<void> {
  const wide = await messages(page).evaluate((log) => {
    const { left, right } = log.getBoundingClientRect();
    const html = document.documentElement;
    return {
      page: html.scrollWidth - html.clientWidth,
      list: log.scrollWidth - log.clientWidth,
      outside: [...log.querySelectorAll('article, article .text > *')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.left < left - 1 || box.right > right + 1;
      }).length,
    };
  });
  expect(wide).toEqual({ page: 0, list: 0, outside: 0 });
}

test('texts that carry scripts are shown as text: nothing runs, nothing is asked of others, no element is made', async ({
  browser,
  server,
  owner,
}) => {
  const board = await makeBoard(server, owner, SCRIPTS[9]!.text);
  const room = await makeRoom(server, owner, board, `<img src=x onerror=window.${CANARY}=1>`);
  const mallory = await join(server, owner, board, unique('mal'), `<b onmouseover=window.${CANARY}=1>Mallory</b>`);
  const texts = [...SCRIPTS, ...STRANGE];
  for (const { text } of texts) await post(server, mallory, room, text);
  const column = await call<{ id: string }>(server, mallory, 'POST', `/boards/${board}/columns`, {
    title: '<svg/onload=window.pwned=1>',
  });
  for (const { text } of SCRIPTS.slice(0, 12)) {
    if (text.length > 500 || /[\n\u2028\u2029]/.test(text)) continue;
    await call(server, mallory, 'POST', `/boards/${board}/tasks`, { column: column.id, title: text });
  }
  const [page, unharmed] = await watched(browser, server, owner);
  await page.goto(`/b/${board}/r/${room}`);
  await expect(messages(page).locator('article')).toHaveCount(texts.length);
  expect(await strangers(page)).toEqual([]);

  const links = await messages(page)
    .locator('.text a')
    .evaluateAll((all) =>
      all.map((a) => ({
        scheme: (a as HTMLAnchorElement).protocol,
        target: (a as HTMLAnchorElement).target,
        rel: (a as HTMLAnchorElement).rel,
      })),
    );
  expect(links.length).toBeGreaterThan(5);
  for (const link of links) {
    expect(link).toEqual({ scheme: 'https:', target: '_blank', rel: 'noopener noreferrer nofollow ugc' });
  }
  // What looks like a script link is there to read, and pressing it does nothing.
  for (const pressed of await messages(page).getByText('[press]').all()) await pressed.click();
  await expect(messages(page).getByText(SCRIPTS[9]!.text, { exact: true })).toBeVisible();
  await expect(messages(page).getByText('https://bank.example/login').locator('..')).toContainText('(evil.invalid)');
  await expectBounded(page);
  await unharmed();

  await page.goto(`/b/${board}`);
  await expect(page.getByRole('heading', { name: SCRIPTS[9]!.text })).toBeVisible();
  const bar = page.getByRole('navigation', { name: 'Boards and rooms' });
  const wide = await bar.evaluate((nav) => {
    const { right } = nav.getBoundingClientRect();
    return [...nav.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > right + 1).length;
  });
  expect(wide).toBe(0);
  await expect(page.getByText(SCRIPTS[0]!.text, { exact: true })).toBeVisible();
  await unharmed();
});

for (const [kind, viewport] of [
  ['a desktop', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
] as const) {
  test(`the heaviest and strangest texts leave the page whole and quick on ${kind}`, async ({
    browser,
    server,
    owner,
  }) => {
    const board = await makeBoard(server, owner);
    const room = await makeRoom(server, owner, board);
    const ben = await join(server, owner, board, unique('ben'), 'Ben Okafor');
    const texts = [...HEAVY, ...STRANGE];
    for (const { text } of texts) await post(server, ben, room, text);
    await post(server, ben, room, 'the end');
    const [page, unharmed] = await watched(browser, server, owner);
    await page.setViewportSize(viewport);
    await page.goto(`/b/${board}/r/${room}`);
    await expect(messages(page).locator('article')).toHaveCount(texts.length + 1);
    await expect(messages(page).getByText('the end', { exact: true })).toBeVisible();
    expect(await strangers(page)).toEqual([]);
    await expectBounded(page);
    // Whoever can write and see what was written has a page that lives.
    await say(page, 'still *here*');
    await expect(messages(page).locator('em', { hasText: /^here$/ })).toBeVisible();
    await expectBounded(page);
    const piled = HEAVY.find(({ name }) => name === 'marks beside each other')!.text;
    await messageBox(page).fill(piled);
    await messageBox(page).press('End');
    await messageBox(page).press('Enter');
    await expect(messages(page).locator('article')).toHaveCount(texts.length + 3);
    await unharmed();
  });
}

test('marks piled on letters do not paint over what others wrote', async ({ browser, server, owner }) => {
  const board = await makeBoard(server, owner);
  const room = await makeRoom(server, owner, board);
  const zalgo = await join(server, owner, board, unique('zal'), `Z${'\u0301'.repeat(60)}`);
  await post(server, owner, room, 'The words above stay readable');
  await post(server, zalgo, room, [...'Zalgo comes'].map((c) => c + '\u0301\u0323'.repeat(60)).join(''));
  await post(server, owner, room, 'The words below stay readable');
  const [page] = await watched(browser, server, owner);
  await page.goto(`/b/${board}/r/${room}`);
  const rows = messages(page).locator('article');
  await expect(rows).toHaveCount(3);
  await page.mouse.move(0, 0);
  const pictures = async (): Promise<string[]> =>
    Promise.all([0, 2].map(async (row) => (await rows.nth(row).locator('.text').screenshot()).toString('base64')));
  const [above, below] = await pictures();
  const piled = rows.nth(1).locator('.text, .author');
  const draw = (property: string, value: string) =>
    piled.evaluateAll(
      (all, [name, to]) => all.forEach((e) => (e as HTMLElement).style.setProperty(name!, to!)),
      [property, value],
    );
  await draw('visibility', 'hidden');
  expect(await pictures()).toEqual([above, below]);
  // Without the edge of their message they would: the pictures see it.
  await draw('visibility', 'visible');
  await draw('overflow', 'visible');
  expect(await pictures()).not.toEqual([above, below]);
});

/** Where the letters of a text stand from left to right: true when in the order they are read. */
function inOrder(page: Page, text: string): Promise<boolean> {
  return messages(page).evaluate((log, wanted) => {
    const walker = document.createTreeWalker(log, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent?.indexOf(wanted) ?? -1;
      if (at === -1) continue;
      const places = [...wanted].map((_, i) => {
        const range = document.createRange();
        range.setStart(node, at + i);
        range.setEnd(node, at + i + 1);
        return range.getBoundingClientRect().left;
      });
      return places.every((x, i) => i === 0 || x >= places[i - 1]!);
    }
    throw new Error(`nothing says ${wanted}`);
  }, text);
}

test('names that look alike are told apart, and no direction of writing turns what stands beside it', async ({
  browser,
  server,
  owner,
}) => {
  const board = await makeBoard(server, owner);
  const room = await makeRoom(server, owner, board);
  const [real, fake, amira] = [unique('ben'), unique('bem'), unique('amira')];
  const ben = await join(server, owner, board, real, 'Ben Okafor');
  const thief = await join(server, owner, board, fake, 'Bеn Оkafor');
  const arab = await join(server, owner, board, amira, 'أميرة الحسن');
  await post(server, ben, room, 'It is me');
  await post(server, thief, room, 'No, it is me');
  await post(server, arab, room, 'An override \u202e begins here\n\nthe next lines go on');
  await post(server, owner, room, `Is it @${real} or @${fake}? Ask @${amira}, who knows.`);
  await post(server, thief, room, '[\u202etxt.exe](https://example.org) stands beside this');
  const [page] = await watched(browser, server, owner);
  await page.goto(`/b/${board}/r/${room}`);
  const rows = messages(page).locator('article');
  await expect(rows).toHaveCount(5);
  await expect(rows.nth(0).locator('header')).toContainText(`@${real}`);
  await expect(rows.nth(1).locator('header')).toContainText(`@${fake}`);
  const chips = rows.nth(3).locator('.mention');
  await expect(chips).toHaveText([`@Ben Okafor @${real}`, `@Bеn Оkafor @${fake}`, '@أميرة الحسن']);
  for (const text of ['the next lines go on', 'Is it', 'who knows.', 'stands beside this', `@${amira}`]) {
    expect(await inOrder(page, text), text).toBe(true);
  }
  // Name, username and time of an author who writes from right to left stand in this page's order.
  const places = await rows
    .nth(2)
    .locator('header > *')
    .evaluateAll((all) => all.map((e) => e.getBoundingClientRect().left));
  expect(places).toHaveLength(3);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
