import type { Locator, Page } from '@playwright/test';
import { call, join, makeRoom, signIn, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import {
  browserOf,
  expect,
  messageBox,
  messages,
  noViolations,
  pageOf,
  goOffline,
  say,
  team,
  test,
  unique,
} from './app.ts';
import { fine, regionTo, tabTo, visit } from './keys.ts';

const dialog = (page: Page, name: string | RegExp): Locator => page.getByRole('dialog', { name });
const sidebar = (page: Page): Locator => page.getByRole('navigation', { name: 'Boards and rooms' });
const rowOf = (page: Page, text: string): Locator => messages(page).getByRole('article').filter({ hasText: text });

const post = (server: TestServer, person: Person, room: string, text: string): Promise<{ id: string }> =>
  call(server, person, 'POST', `/rooms/${room}/messages`, { text });

test.beforeEach(() => test.setTimeout(400_000));

test('what the frame opens is opened, used and closed by keys', async ({ browser, server, owner }) => {
  const { board, room } = await team(server, owner, 'Harbour');
  await call(server, owner, 'PATCH', `/rooms/${await makeRoom(server, owner, board, 'Old')}`, { archived: true });
  const page = await pageOf(browser, server, owner, `/b/${board}/r/${room}`);
  await expect(messageBox(page)).toBeFocused();
  const nav = sidebar(page);

  await visit(page, {
    name: 'palette by Ctrl+K',
    opener: messageBox(page),
    key: 'ControlOrMeta+k',
    view: dialog(page, 'Go to'),
    modal: true,
  });
  await visit(page, {
    name: 'shortcuts',
    opener: messageBox(page),
    key: 'ControlOrMeta+/',
    view: dialog(page, 'Keyboard shortcuts'),
    modal: true,
  });
  await page.keyboard.press('F6');
  await expect(nav.getByRole('link', { name: 'General' })).toBeFocused();
  await visit(page, {
    name: 'room details from the list',
    opener: nav.getByRole('button', { name: 'Details of General' }),
    view: dialog(page, 'Room details'),
    modal: true,
  });
  await visit(page, {
    name: 'new room',
    opener: nav.getByRole('button', { name: 'New room' }),
    view: dialog(page, 'New room'),
    modal: true,
    use: async () => {
      await dialog(page, 'New room').getByLabel('Room name').focus();
      await page.keyboard.type('general');
      await page.keyboard.press('Enter');
      await expect(page.getByText('There is already a room with this name.')).toBeVisible();
      await fine(page);
    },
  });
  await test.step('archived rooms', async () => {
    const archived = nav.getByRole('button', { name: /Archived rooms/ });
    await tabTo(page, archived);
    await page.keyboard.press('Enter');
    await expect(archived).toHaveAttribute('aria-expanded', 'true');
    await page.keyboard.press('Tab');
    await expect(nav.getByRole('link', { name: /Old.*archived/ })).toBeFocused();
    await noViolations(page);
    await tabTo(page, archived, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect(archived).toHaveAttribute('aria-expanded', 'false');
  });
  const people = dialog(page, 'People');
  await visit(page, {
    name: 'people of the board',
    opener: nav.getByRole('button', { name: 'People', exact: true }),
    view: people,
    modal: true,
    use: async () => {
      const make = people.getByRole('button', { name: 'Make an invitation link' });
      await tabTo(page, make);
      await page.keyboard.press('Enter');
      await expect(people.getByLabel('Invitation link')).toBeVisible();
      const ends = people.getByRole('button', { name: 'End this link' });
      await expect(ends).toHaveCount(3);
      await fine(page);
      await tabTo(page, ends.first());
      await page.keyboard.press('Enter');
      await expect(ends).toHaveCount(2);
      await expect.poll(() => people.evaluate((one) => one.contains(document.activeElement))).toBe(true);
      await visit(page, {
        name: 'removing somebody',
        opener: people.getByRole('button', { name: 'Remove Ben Okafor' }),
        view: dialog(page, 'Remove Ben Okafor?'),
        modal: true,
      });
    },
  });
  await visit(page, {
    name: 'the person’s own menu',
    opener: nav.getByRole('button', { name: /Olga Owner/ }),
    view: page.getByRole('menu', { name: 'You' }),
    onlyWide: true,
    use: async () => {
      await page.keyboard.press('ArrowDown');
      await expect(page.getByRole('menuitem', { name: /Sign out/ })).toBeFocused();
    },
  });
  await visit(page, {
    name: 'palette',
    opener: nav.getByRole('button', { name: /^Go to/ }),
    view: dialog(page, 'Go to'),
    modal: true,
  });
  await visit(page, {
    name: 'new board',
    opener: nav.getByRole('button', { name: 'New board' }),
    view: dialog(page, 'New board'),
    modal: true,
    use: async () => {
      await dialog(page, 'New board').getByLabel('Board title').focus();
      await page.keyboard.press('Enter');
      await expect(page.getByText('Give the board a title.')).toBeVisible();
      await fine(page);
    },
  });
});

test('the drawer of a phone is opened and closed by keys', async ({ browser, server, owner }) => {
  const { board, room } = await team(server, owner, 'Harbour');
  const page = await pageOf(browser, server, owner);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(page)).toBeVisible();
  const menu = page.getByRole('button', { name: 'Menu', exact: true });
  await tabTo(page, menu);
  await page.keyboard.press('Enter');
  const nav = sidebar(page);
  await expect(nav.getByRole('button', { name: 'Close menu' })).toBeFocused();
  await noViolations(page);
  await page.keyboard.press('Escape');
  await expect(nav).toBeHidden();
  await expect(menu).toBeFocused();
  // What is asked for from the drawer gives the focus back to what opened the drawer.
  await page.keyboard.press('Enter');
  await tabTo(page, nav.getByRole('button', { name: 'New board' }));
  await page.keyboard.press('Enter');
  await expect(dialog(page, 'New board')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(menu).toBeFocused();
  // A link of it leads to its page, and closes it.
  await page.keyboard.press('Enter');
  await tabTo(page, nav.getByRole('link', { name: /^Inbox/ }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Inbox', level: 1 })).toBeFocused();
  await expect(nav).toBeHidden();
});

test('what a room opens is opened, used and closed by keys', async ({ browser, server, owner }) => {
  const { board, room, ben } = await team(server, owner, 'Harbour');
  await call(server, owner, 'PATCH', `/rooms/${room}`, { description: 'Ships that come and go' });
  await post(server, ben, room, 'Good morning');
  const { id } = await post(server, owner, room, 'Meet at nine');
  await call(server, owner, 'PATCH', `/messages/${id}`, { text: 'Meet at ten' });
  await post(server, ben, room, 'Not so nice');
  const page = await pageOf(browser, server, owner);
  await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await page.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(page)).toBeFocused();
  await expect(rowOf(page, 'Not so nice')).toBeVisible();
  const main = page.getByRole('main');
  /** The arrows walk the messages from the newest up. */
  const walkTo = async (row: Locator): Promise<void> => {
    await tabTo(page, messages(page), 'Shift+Tab');
    for (let i = 0; i < 5 && !(await row.evaluate((one) => one === document.activeElement)); i++) {
      await page.keyboard.press('ArrowUp');
    }
    await expect(row).toBeFocused();
  };
  const more = page.getByRole('button', { name: 'More for this message' });
  const menu = page.getByRole('menu', { name: 'Message' });
  const pick = async (name: string): Promise<void> => {
    await tabTo(page, more);
    await page.keyboard.press('Enter');
    await expect(menu.getByRole('menuitem').first()).toBeFocused();
    await page.keyboard.type(name.slice(0, 3).toLowerCase());
    await expect(menu.getByRole('menuitem', { name })).toBeFocused();
    await page.keyboard.press('Enter');
  };

  await visit(page, {
    name: 'emoji picker',
    opener: page.getByRole('button', { name: 'Emoji', exact: true }),
    view: dialog(page, 'Emoji'),
  });
  await test.step('mention list', async () => {
    await tabTo(page, messageBox(page), 'Shift+Tab');
    await page.keyboard.type('@be');
    const list = page.getByRole('listbox', { name: /^People/ });
    await expect(list.getByRole('option', { name: /Ben/ })).toBeVisible();
    await fine(page);
    await page.keyboard.press('Escape');
    await expect(list).toHaveCount(0);
    await expect(messageBox(page)).toBeFocused();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Backspace');
  });
  await visit(page, {
    name: 'who is here',
    opener: page.getByRole('button', { name: /^Here now/ }),
    view: page.getByRole('list', { name: 'Here now' }).locator('..'),
    shows: true,
  });

  await walkTo(rowOf(page, 'Meet at ten'));
  await visit(page, { name: 'message menu', opener: more, view: menu });
  await visit(page, {
    name: 'reactions',
    opener: page.getByRole('button', { name: 'React', exact: true }),
    view: page.getByRole('menu', { name: 'Reactions to choose from' }),
  });
  await test.step('every emoji as a reaction', async () => {
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowLeft');
    await expect(page.getByRole('menuitem', { name: 'More emoji' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('searchbox', { name: 'Search emoji' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(rowOf(page, 'Meet at ten')).toBeFocused();
  });
  await visit(page, {
    name: 'earlier wordings',
    opener: rowOf(page, 'Meet at ten').getByRole('button', { name: 'edited' }),
    view: dialog(page, 'Earlier wordings'),
    modal: true,
  });
  await test.step('editing', async () => {
    await walkTo(rowOf(page, 'Meet at ten'));
    await pick('Edit');
    const edit = page.getByRole('textbox', { name: 'Edit message' });
    await expect(edit).toBeFocused();
    await fine(page);
    await page.keyboard.press('Escape');
    await expect(edit).toHaveCount(0);
    await expect(messageBox(page)).toBeFocused();
  });
  await test.step('replying', async () => {
    await walkTo(rowOf(page, 'Good morning'));
    await pick('Reply');
    await expect(messageBox(page)).toBeFocused();
    await expect(page.getByText('Answering Ben Okafor')).toBeVisible();
    await fine(page);
    await page.keyboard.press('Escape');
    await expect(page.getByText('Answering Ben Okafor')).toHaveCount(0);
    await expect(messageBox(page)).toBeFocused();
  });
  await test.step('deleting, thought better of', async () => {
    await walkTo(rowOf(page, 'Meet at ten'));
    await pick('Delete');
    const sure = dialog(page, 'Delete this message?');
    await expect(sure).toBeVisible();
    await fine(page);
    await page.keyboard.press('Escape');
    await expect(sure).toBeHidden();
    await expect(rowOf(page, 'Meet at ten')).toBeFocused();
    await expect(more).toBeVisible();
  });
  await test.step('removing, taken back', async () => {
    await walkTo(rowOf(page, 'Not so nice'));
    await pick('Remove');
    await expect(rowOf(page, 'Removed by')).toBeFocused();
    const undo = page.getByRole('button', { name: 'Undo' });
    await fine(page);
    await page.keyboard.press('Escape');
    await expect(messageBox(page)).toBeFocused();
    await regionTo(page, undo);
    await page.keyboard.press('Enter');
    await expect(rowOf(page, 'Not so nice')).toBeVisible();
    await expect(undo).toHaveCount(0);
    await expect(messageBox(page)).toBeFocused();
  });
  await test.step('deleting', async () => {
    await walkTo(rowOf(page, 'Meet at ten'));
    await pick('Delete');
    await tabTo(page, dialog(page, 'Delete this message?').getByRole('button', { name: 'Delete', exact: true }));
    await page.keyboard.press('Enter');
    await expect(rowOf(page, 'Meet at ten')).toHaveCount(0);
    await expect(messageBox(page)).toBeFocused();
  });

  await visit(page, {
    name: 'details by the description',
    opener: main.getByRole('button', { name: 'Ships that come and go' }),
    view: dialog(page, 'Room details'),
    modal: true,
  });
  await visit(page, {
    name: 'how much one is notified',
    opener: main.getByRole('button', { name: 'Notifications of this room' }),
    view: dialog(page, 'Notifications'),
    modal: true,
  });
  await visit(page, {
    name: 'room details, deleting thought better of',
    opener: main.getByRole('button', { name: 'Room details' }),
    view: page.getByRole('dialog'),
    modal: true,
    use: async () => {
      await tabTo(page, page.getByRole('button', { name: 'Delete room' }));
      await page.keyboard.press('Enter');
      await expect(dialog(page, 'Delete this room?')).toBeVisible();
      await fine(page);
      await tabTo(page, page.getByRole('button', { name: 'Back', exact: true }));
      await page.keyboard.press('Enter');
      await expect(dialog(page, 'Room details')).toBeVisible();
    },
  });
});

test('what a board and a task open is opened, used and closed by keys', async ({ browser, server, owner }) => {
  const { board } = await team(server, owner, 'Harbour');
  const column = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/columns`, { title: 'To do' });
  await call(server, owner, 'POST', `/boards/${board}/columns`, { title: 'Done' });
  await call(server, owner, 'POST', `/boards/${board}/tasks`, { column: column.id, title: 'Paint the boat' });
  const page = await pageOf(browser, server, owner, `/b/${board}`);
  const main = page.getByRole('main');
  const card = main.getByRole('link', { name: 'Paint the boat' });
  await expect(card).toBeVisible();
  const focused = (locator: Locator): Promise<void> => expect(locator).toBeFocused();

  /** A field that stands in the place of what opened it. */
  const field = async (name: string, opener: Locator, view: Locator, asks?: () => Promise<void>): Promise<void> => {
    await test.step(name, async () => {
      await tabTo(page, opener);
      await page.keyboard.press('Enter');
      await asks?.();
      await focused(view);
      await fine(page);
      await page.keyboard.press('Escape');
      await expect(view).toHaveCount(0);
    });
  };
  const rename = async (): Promise<void> => {
    await focused(page.getByRole('menuitem', { name: 'Rename' }));
    await page.keyboard.press('Enter');
  };

  const renameBoard = page.getByRole('button', { name: 'Rename board' });
  await field('renaming the board', renameBoard, page.getByRole('textbox', { name: 'Board title' }));
  await focused(renameBoard);
  const moreOfColumn = page.getByRole('button', { name: 'More for To do' });
  await visit(page, {
    name: 'menu of a column',
    opener: moreOfColumn,
    view: page.getByRole('menu', { name: 'Actions for To do' }),
  });
  await field('renaming a column', moreOfColumn, page.getByRole('textbox', { name: 'Column title' }), rename);
  await focused(moreOfColumn);
  await tabTo(page, card);
  const moreOfCard = page.getByRole('button', { name: 'More for this card' });
  await visit(page, {
    name: 'menu of a card',
    opener: moreOfCard,
    view: page.getByRole('menu', { name: 'Actions for Paint the boat' }),
  });
  await field('renaming a card', moreOfCard, page.getByRole('textbox', { name: 'Card title' }), rename);
  await focused(card);
  await visit(page, { name: 'moving a card', opener: card, key: 'm', view: dialog(page, 'Move card'), modal: true });
  const addCard = page.getByRole('region', { name: 'To do' }).getByRole('button', { name: 'Add card' });
  await field('adding a card', addCard, page.getByRole('textbox', { name: 'Card title' }));
  await focused(addCard);
  const addColumn = page.getByRole('button', { name: 'Add column' });
  await field('adding a column', addColumn, page.getByRole('textbox', { name: 'Column title' }));
  await focused(addColumn);

  await tabTo(page, card, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await focused(page.getByRole('heading', { name: 'Paint the boat', level: 1 }));
  const renameCard = page.getByRole('button', { name: 'Rename card' });
  await field('renaming the card on its page', renameCard, page.getByRole('textbox', { name: 'Card title' }));
  await focused(renameCard);
});

test('what the inbox and the settings open is opened, used and closed by keys', async ({ browser, server, owner }) => {
  const { room, anna, ben } = await team(server, owner, 'Harbour');
  for (const text of ['the first', 'the second']) await post(server, ben, room, `@${anna.username} ${text}`);
  await signIn(server, anna.username);
  const page = await pageOf(browser, server, anna, '/inbox');
  const main = page.getByRole('main');
  const item = (text: string): Locator => main.getByRole('listitem').filter({ hasText: text });
  await expect(item('the second')).toBeVisible();
  await test.step('past the sidebar', async () => {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await noViolations(page);
    await page.keyboard.press('Enter');
    await expect(main).toBeFocused();
  });
  const moreOfItem = item('the second').getByRole('button', { name: 'More for this notification' });
  await visit(page, {
    name: 'putting one off',
    opener: moreOfItem,
    view: page.getByRole('menu', { name: 'More for this notification' }),
  });
  await visit(page, {
    name: 'menu of a conversation',
    opener: main.getByRole('button', { name: 'More for General' }),
    view: page.getByRole('menu', { name: 'More for General' }),
  });
  await test.step('one is put off', async () => {
    await tabTo(page, moreOfItem);
    await page.keyboard.press('Enter');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await expect(item('the second')).toHaveCount(0);
    await expect(item('the first').getByRole('link')).toBeFocused();
  });
  await test.step('the last one is done', async () => {
    await page.keyboard.press('e');
    await expect(page.getByRole('heading', { name: 'Inbox', level: 1 })).toBeFocused();
    await expect(main.getByText('You are done with everything here.')).toBeVisible();
    await fine(page);
  });
  await test.step('the other tabs', async () => {
    await tabTo(page, main.getByRole('radio', { name: /^All/ }));
    for (const [name, text] of [
      ['Mentions', 'Nobody waits for you here.'],
      ['Snoozed', 'comes back'],
      ['Done', 'the first'],
    ] as const) {
      await page.keyboard.press('ArrowRight');
      await expect(main.getByRole('radio', { name })).toBeChecked();
      await expect(main.getByText(text).first()).toBeVisible();
      await fine(page);
    }
  });

  await page.goto('/settings');
  await expect(main.getByRole('button', { name: 'Sign out everywhere else' })).toBeVisible();
  await visit(page, {
    name: 'signing out elsewhere',
    opener: main.getByRole('button', { name: 'Sign out everywhere else' }),
    view: dialog(page, 'Sign out everywhere else?'),
    modal: true,
  });
  await test.step('each switch', async () => {
    const shown = main.getByRole('checkbox', { name: 'Show others when I am here and typing' });
    await tabTo(page, shown);
    await page.keyboard.press('Space');
    await expect(shown).not.toBeChecked();
    await page.keyboard.press('Space');
    await expect(shown).toBeChecked();
    await tabTo(page, main.getByRole('radio', { name: 'As the device' }));
    await page.keyboard.press('ArrowRight');
    await expect(main.getByRole('radio', { name: 'Light' })).toBeChecked();
    await page.keyboard.press('ArrowLeft');
    await tabTo(page, main.getByRole('checkbox', { name: 'Also remove my copies from this device' }));
    await page.keyboard.press('Space');
    await fine(page);
  });
});

test('states of a room and of the network that come and go have nothing to object to', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, ben } = await team(server, owner, 'Harbour');
  const viewer = await join(server, owner, board, unique('vera.'), 'Vera Viewer', 'viewer');
  const device = await browserOf(browser, server, ben);
  const page = await device.newPage();
  await test.step('an empty room', async () => {
    await page.goto(`/b/${board}/r/${room}`);
    await expect(page.getByText('Nothing has been said here yet.')).toBeVisible();
    await fine(page);
  });
  await test.step('who may only read', async () => {
    const reader = await pageOf(browser, server, viewer);
    await reader.goto(`/b/${board}/r/${room}`);
    await expect(reader.getByText('You can read here.')).toBeVisible();
    await fine(reader);
  });
  await test.step('new ones below', async () => {
    for (let i = 1; i <= 30; i++) await post(server, owner, room, `Ship ${i} has come in`);
    await expect(rowOf(page, 'Ship 30 ')).toBeVisible();
    await tabTo(page, messages(page), 'Shift+Tab');
    await page.keyboard.press('Home');
    await expect(rowOf(page, 'Ship 1 has')).toBeInViewport();
    await post(server, owner, room, 'And one more');
    const pill = page.getByRole('button', { name: '1 new' });
    await expect(pill).toBeVisible();
    await fine(page);
    await tabTo(page, pill);
    await page.keyboard.press('Enter');
    await expect(rowOf(page, 'And one more')).toBeInViewport();
    await expect(messages(page)).toBeFocused();
  });
  await test.step('offline', async () => {
    await goOffline(page);
    await say(page, 'written on the train');
    await expect(messages(page).getByText('saved on this device')).toBeVisible();
    await expect(page.getByText(/^Offline/).first()).toBeVisible();
    await fine(page);
  });
  await test.step('refused', async () => {
    await call(server, owner, 'PUT', `/boards/${board}/members/${ben.id}`, { role: 'viewer' });
    await device.setOffline(false);
    const refused = page.getByRole('region', { name: 'Refused message' });
    await expect(refused).toContainText('written on the train');
    await fine(page);
    await tabTo(page, refused.getByRole('button', { name: 'Copy' }));
    await tabTo(page, refused.getByRole('button', { name: 'Discard' }));
    await page.keyboard.press('Enter');
    await expect(refused).toHaveCount(0);
    await expect(messages(page)).toBeFocused();
  });
  await test.step('a room that is not there any more', async () => {
    await call(server, owner, 'DELETE', `/rooms/${room}`);
    await expect(page.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
    await fine(page);
  });
  await test.step('a board that one has lost', async () => {
    await page.goto(`/b/${board}`);
    await expect(page.getByText('Columns and cards appear here when somebody adds them.')).toBeVisible();
    await fine(page);
    await call(server, owner, 'DELETE', `/boards/${board}/members/${ben.id}`);
    await expect(page.getByText('You are no longer a member')).toBeVisible();
    await fine(page);
  });
  await test.step('no board at all', async () => {
    await page.goto('/');
    await expect(page.getByRole('button', { name: /board/ }).last()).toBeVisible();
    await fine(page);
  });
});
