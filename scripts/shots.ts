/**
 * Takes a picture of every page, light and dark, on a desktop and a phone, into the ignored folder `shots/`.
 * Starts a server of its own with a small lively board, and ends it. Look at the pictures before you believe a page.
 * `npm run shots -- room inbox` takes only the pages whose names contain one of the words.
 */
import { chromium, type Browser, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join as path } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STRANGE, SCRIPTS } from '../tests/attacks/nasty-texts.ts';
import { call, join, makeBoard, makeRoom, setUp, type Person } from '../tests/harness/people.ts';
import { TestServer } from '../tests/harness/server.ts';
import { CHROMIUM_ARGS, ensureChromium } from './chromium.ts';

const folder = fileURLToPath(new URL('../shots', import.meta.url));
const words = process.argv.slice(2);

const VIEWS = [
  { name: 'desktop', viewport: { width: 1280, height: 800 } },
  { name: 'phone', viewport: { width: 390, height: 844 } },
] as const;

type Shot = { name: string; path: string; person: Person | null; settle: (page: Page) => Promise<void> };

/** Everything that a message can hold. */
const WRITTEN = [
  '**Bold**, *soft*, ~~gone~~, `code`, [a link](https://example.org/a), https://example.org/marquees?day=6 and **`bold code`**.',
  '# The plan\nFor @ben and @olga, and @room:\n1. Ask for the permit\n2. Book the marquee\n   - white, or\n   - green\n     with room for the choir\n3. Tell the neighbours',
  '> The choir would love two slots,\n> one before noon.\n>\n> > And one at six?\n\nYes, both!',
  'Run this:\n```sh\nnpm ci && npm start -- --port 3000 --base-url https://festival.example.org/a/very/long/address/that/has/to/wrap\n```\nand then\n```\nno language here\n\tand a tab\n```',
  '> שלום @olga, **מחר** נדבר על `npm start`\n\n- ראשון\n- שני',
];

async function scene(server: TestServer): Promise<Shot[]> {
  const owner = await setUp(server, 'olga', 'Olga Berg');
  const board = await makeBoard(server, owner, 'Spring festival');
  const empty = await makeBoard(server, owner, 'Allotment');
  const room = await makeRoom(server, owner, board, 'General');
  await makeRoom(server, owner, board, 'Programme');
  const quiet = await makeRoom(server, owner, board, 'Quiet corner');
  const maria = await join(server, owner, board, 'maria', 'Maria Fernández-Ortega');
  const ben = await join(server, owner, board, 'ben', 'Ben Okafor');
  const viewer = await join(server, owner, board, 'vera', 'Vera Viewer', 'viewer');
  const column: Record<string, string> = {};
  for (const title of ['Ideas', 'This week', 'Done']) {
    column[title] = (await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/columns`, { title })).id;
  }
  let task = '';
  for (const [where, title] of [
    ['Ideas', 'Lanterns along the river path, if the council agrees in time'],
    ['Ideas', 'A stage for the school choir'],
    ['Ideas', 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung'],
    ['This week', 'Book the marquee'],
    ['This week', 'Write to the neighbours'],
    ['This week', 'مهرجان الربيع'],
    ['Done', 'Ask for the permit'],
  ] as const) {
    task = (
      await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/tasks`, { column: column[where], title })
    ).id;
  }
  const talk: [Person, string][] = [
    [owner, 'Good morning! The permit came through yesterday.'],
    [owner, 'We can start booking. @ben could you ask about the marquee?'],
    [ben, 'On it. They open at nine: https://example.org/marquees'],
    [maria, 'The choir would love `two` slots, one before noon and one at six.'],
    [maria, '@olga, shall I promise them the stage?\nThey need an answer by Friday.'],
    [owner, 'Yes, please do.'],
    [ben, 'מחר בבוקר אני אדע יותר'],
    [
      ben,
      'The marquee is ours for the whole weekend. I put the paperwork on the card, and asked whether they can bring it on Thursday so that we have an evening for the lights.',
    ],
  ];
  for (const [person, text] of talk) await call(server, person, 'POST', `/rooms/${room}/messages`, { text });
  const written = await makeRoom(server, owner, board, 'Catering');
  for (const [i, text] of WRITTEN.entries()) {
    await call(server, i % 2 ? owner : maria, 'POST', `/rooms/${written}/messages`, { text });
  }
  const nasty = await makeRoom(server, owner, board, 'Translations');
  const thief = await join(server, owner, board, 'o1ga', 'Оlga Berg');
  const strange = await join(
    server,
    owner,
    board,
    'zalgo',
    'Z\u0300\u0315\u0346\u035b\u0316\u0323\u0332\u0337'.repeat(6),
  );
  const arabic = await join(server, owner, board, 'amira', 'أميرة الحسن');
  const lies = SCRIPTS.filter(({ name }) => /lie|script link|pictures?$|attributes/.test(name)).map(({ text }) => text);
  const odd = STRANGE.map(({ text }) => text).filter((text) => text.length < 2_000);
  for (const [i, text] of [...lies, 'w'.repeat(300), ...odd, 'Is it @olga or @o1ga, @zalgo or @amira?'].entries()) {
    const writers = [thief, strange, arabic, owner];
    await call(server, writers[i % 4] ?? owner, 'POST', `/rooms/${nasty}/messages`, { text });
  }
  await call(server, ben, 'POST', `/tasks/${task}/comments`, { text: 'Permit number 2026-114, valid from noon.' });
  await call(server, maria, 'POST', `/tasks/${task}/comments`, { text: '@olga filed it with the others.' });
  const { code } = await call<{ code: string }>(server, owner, 'POST', `/boards/${board}/invitations`, {
    role: 'member',
  });

  const main = (page: Page) => page.getByRole('main').waitFor();
  const shown = (text: string) => (page: Page) => page.getByRole('main').getByText(text).first().waitFor();
  return [
    {
      name: 'sign-in',
      path: '/sign-in',
      person: null,
      settle: (page) => page.getByRole('button', { name: 'Sign in' }).waitFor(),
    },
    { name: 'setup', path: '/setup?token=none', person: null, settle: main },
    { name: 'invite', path: `/invite/${code}`, person: null, settle: shown('Spring festival') },
    { name: 'boards', path: '/', person: owner, settle: shown('Spring festival') },
    { name: 'board', path: `/b/${board}`, person: owner, settle: shown('Book the marquee') },
    { name: 'board-empty', path: `/b/${empty}`, person: owner, settle: main },
    { name: 'board-viewer', path: `/b/${board}`, person: viewer, settle: shown('Book the marquee') },
    { name: 'room', path: `/b/${board}/r/${room}`, person: owner, settle: shown('whole weekend') },
    { name: 'room-written', path: `/b/${board}/r/${written}`, person: owner, settle: shown('ראשון') },
    { name: 'room-nasty', path: `/b/${board}/r/${nasty}`, person: owner, settle: shown('Is it') },
    { name: 'room-empty', path: `/b/${board}/r/${quiet}`, person: ben, settle: main },
    { name: 'room-viewer', path: `/b/${board}/r/${room}`, person: viewer, settle: shown('whole weekend') },
    { name: 'task', path: `/b/${board}/t/${task}`, person: ben, settle: shown('Permit number') },
    { name: 'inbox', path: '/inbox', person: owner, settle: shown('filed it') },
    { name: 'inbox-empty', path: '/inbox', person: viewer, settle: main },
    { name: 'settings', path: '/settings', person: owner, settle: main },
    { name: 'missing', path: '/b/nosuchboardanywhere0', person: owner, settle: main },
    { name: 'not-found', path: '/no/such/page', person: owner, settle: main },
  ];
}

async function take(browser: Browser, server: TestServer, shot: Shot): Promise<void> {
  for (const view of VIEWS) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        baseURL: server.url,
        viewport: view.viewport,
        colorScheme,
        locale: 'en-GB',
      });
      if (shot.person) {
        const split = shot.person.cookie.indexOf('=');
        const [name, value] = [shot.person.cookie.slice(0, split), shot.person.cookie.slice(split + 1)];
        await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }]);
      }
      const page = await context.newPage();
      await page.goto(shot.path);
      const file = path(folder, `${shot.name}-${view.name}-${colorScheme}.png`);
      // A page that does not settle is pictured all the same: the picture shows why.
      await shot.settle(page).catch((error: unknown) => console.error(`${shot.name}: ${String(error)}`));
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: file });
      await context.close();
    }
  }
}

mkdirSync(folder, { recursive: true });
const executablePath = ensureChromium();
const server = await TestServer.start();
try {
  const browser = await chromium.launch({ args: CHROMIUM_ARGS, ...(executablePath ? { executablePath } : {}) });
  for (const shot of await scene(server)) {
    if (words.length > 0 && !words.some((word) => shot.name.includes(word))) continue;
    await take(browser, server, shot);
    console.log(`shots/${shot.name}-*.png`);
  }
  await browser.close();
} finally {
  await server.dispose();
}
