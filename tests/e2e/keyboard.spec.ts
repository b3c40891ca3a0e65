import { call, makeRoom } from '../harness/people.ts';
import { browserOf, expect, giveSession, messageBox, messages, noViolations, pageOf, team, test } from './app.ts';

test('Ctrl+K goes to rooms, tasks, boards and people by name, without a mouse, also offline', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner, 'Harbour');
  const column = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/columns`, { title: 'To do' });
  await call(server, owner, 'POST', `/boards/${board}/tasks`, { column: column.id, title: 'Überholung des Bootes' });
  const context = await browserOf(browser, server, anna);
  const page = await context.newPage();
  await page.goto(`/b/${board}`);
  await expect(page.getByRole('link', { name: /Überholung/ })).toBeVisible();
  const field = page.getByRole('combobox', { name: /^Go to/ });
  const options = page.getByRole('listbox', { name: 'Results' }).getByRole('option');

  await page.keyboard.press('ControlOrMeta+k');
  await expect(field).toBeFocused();
  await noViolations(page);
  await field.fill('uberh');
  await expect(options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Überholung des Bootes', level: 1 })).toBeVisible();

  await context.setOffline(true);
  await page.keyboard.press('ControlOrMeta+k');
  await field.fill('gen har');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'General', level: 1 })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+k');
  await field.fill('nothing is called this');
  await expect(page.getByText('Nothing on this device has that name.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);
  await context.setOffline(false);

  await page.keyboard.press('ControlOrMeta+k');
  await field.fill('okafor');
  await expect(options.first()).toContainText(`@${ben.username}`);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: /People/ })).toBeVisible();
});

test('the palette is gone for the very next key', async ({ browser, server, owner }) => {
  const { board, room, anna } = await team(server, owner, 'Harbour');
  const page = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  await expect(messageBox(page)).toBeFocused();
  const field = page.getByRole('combobox', { name: /^Go to/ });
  await page.keyboard.press('ControlOrMeta+k');
  await expect(field).toBeFocused();
  // The browser says that a dialog has closed in a task of its own: until then, the page has it still.
  await page.evaluate(() => {
    const dialog = document.querySelector('dialog:modal')!;
    dialog.addEventListener('close', (event) => event.stopImmediatePropagation(), { capture: true });
  });
  await page.keyboard.press('Escape');
  await page.keyboard.type('hello');
  await expect(messageBox(page)).toHaveValue('hello');
  await page.keyboard.press('ControlOrMeta+k');
  await expect(field).toBeFocused();
});

test('what is typed while the palette is being fetched stands in its box, and nowhere else', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna } = await team(server, owner, 'Harbour');
  // The service worker would have it at hand.
  const context = await browser.newContext({ baseURL: server.url, serviceWorkers: 'block' });
  await giveSession(context, server.url, anna);
  const page = await context.newPage();
  const fetched = Promise.withResolvers<undefined>();
  let held = 0;
  await page.route('**/_app/immutable/**/*.js', async (route) => {
    const response = await route.fetch();
    if ((await response.text()).includes('Go to a room, task, board or person')) {
      held += 1;
      await fetched.promise;
    }
    await route.fulfill({ response });
  });
  await page.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(page)).toBeFocused();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('Genx');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await expect.poll(() => held).toBe(1);
  const field = page.getByRole('combobox', { name: /^Go to/ });
  await expect(field).toHaveCount(0);
  fetched.resolve(undefined);
  await expect(field).toHaveValue('Gen');
  await page.keyboard.type('eral');
  await expect(field).toHaveValue('General');
  await expect(
    page
      .getByRole('listbox', { name: 'Results' })
      .getByRole('option', { name: /General/ })
      .first(),
  ).toBeVisible();
  await expect(messageBox(page)).toHaveValue('');
  await expect(messages(page).getByRole('article')).toHaveCount(0);
});

test('Alt with the arrows walks the unread rooms, and says when there is none', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner, 'Quarry');
  const second = await makeRoom(server, owner, board, 'Plans');
  await makeRoom(server, owner, board, 'Silence');
  const page = await pageOf(browser, server, anna, `/b/${board}`);
  await call(server, ben, 'POST', `/rooms/${room}/messages`, { text: 'Read me last' });
  await call(server, ben, 'POST', `/rooms/${second}/messages`, { text: 'Read me first' });
  const rooms = page.getByRole('navigation', { name: 'Boards and rooms' });
  await expect(rooms.getByRole('link', { name: /General.*unread/ })).toBeVisible();
  await expect(rooms.getByRole('link', { name: /Plans.*unread/ })).toBeVisible();
  await page.keyboard.press('Alt+ArrowDown');
  // In the order of the list: where something was said last comes first.
  await expect(page.getByRole('heading', { name: 'Plans', level: 1 })).toBeVisible();
  await expect(messages(page).getByText('Read me first')).toBeVisible();
  await expect(rooms.getByRole('link', { name: /Plans.*unread/ })).toHaveCount(0);
  await page.keyboard.press('Alt+ArrowDown');
  await expect(page.getByRole('heading', { name: 'General', level: 1 })).toBeVisible();
  await expect(rooms.getByRole('link', { name: /General.*unread/ })).toHaveCount(0);
  await page.keyboard.press('Alt+ArrowUp');
  await expect(page.getByText('Nothing unread in any room.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'General', level: 1 })).toBeVisible();
});

test('F6 walks the parts of the page; Ctrl+/ lists every shortcut', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner, 'Mill');
  await call(server, ben, 'POST', `/rooms/${room}/messages`, { text: 'Good morning' });
  const page = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  await expect(messages(page).getByText('Good morning')).toBeVisible();
  await expect(messageBox(page)).toBeFocused();
  await page.keyboard.press('F6');
  await expect(
    page.getByRole('navigation', { name: 'Boards and rooms' }).getByRole('link', { name: /General/ }),
  ).toBeFocused();
  await page.keyboard.press('F6');
  await expect(page.getByRole('heading', { name: 'General', level: 1 })).toBeFocused();
  await page.keyboard.press('F6');
  await expect(messages(page)).toBeFocused();
  await page.keyboard.press('F6');
  await expect(messageBox(page)).toBeFocused();
  await page.keyboard.press('Shift+F6');
  await expect(messages(page)).toBeFocused();
  await page.keyboard.press('ControlOrMeta+/');
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list).toContainText('Next unread room');
  await noViolations(page);
  await page.keyboard.press('Escape');
  await expect(list).toHaveCount(0);
});
