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
import { privateRoom, roomLink } from './private-room.ts';
import { call, join, PASSWORD, request, signIn } from '../harness/people.ts';
import type { Page } from '@playwright/test';

const bell = (page: Page) => page.getByRole('link', { name: /^Inbox/ }).first();
const ask = (page: Page) => page.getByRole('dialog', { name: /^Notify/ });
const levels = (page: Page) => page.getByRole('dialog', { name: 'Notifications' });

test('everyone is called from the list; above five people the page asks first, and the text is kept', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner, 'Crowd');
  for (let i = 0; i < 4; i++) await join(server, owner, board, unique('more.'), `More ${i}`);
  const context = await browserOf(browser, server, anna);
  const a = await context.newPage();
  const b = await pageOf(browser, server, ben, '/');
  await a.goto(`/b/${board}/r/${room}`);
  await messageBox(a).pressSequentially('@');
  const list = a.getByRole('listbox', { name: 'People and groups' });
  await expect(list.getByRole('option', { name: /room Everyone in this room, 6 people/ })).toBeVisible();
  await expect(list.getByRole('option', { name: /here Everyone who is online now, up to 6 people/ })).toBeVisible();
  await noViolations(a);
  await messageBox(a).pressSequentially('boa');
  await messageBox(a).press('Enter');
  await expect(messageBox(a)).toHaveValue('@board ');
  await messageBox(a).pressSequentially('lunch is here');
  await messageBox(a).press('Enter');
  await expect(ask(a)).toHaveAccessibleName('Notify 6 people?');
  await noViolations(a);
  await a.keyboard.press('Escape');
  await expect(ask(a)).toBeHidden();
  await expect(messageBox(a)).toBeFocused();
  await expect(messageBox(a)).toHaveValue('@board lunch is here');
  await expect(messages(a).getByText('lunch is here')).toHaveCount(0);
  await messageBox(a).press('Enter');
  await expect(ask(a).getByRole('button', { name: 'Send and notify' })).toBeFocused();
  await a.keyboard.press('Enter');
  await expect(messages(a).getByText('lunch is here')).toBeVisible();
  await expect(messageBox(a)).toHaveValue('');
  await expect(messageBox(a)).toBeFocused();
  await expect(bell(b)).toContainText('1');
  await b.goto(`/b/${board}/r/${room}`);
  await expect(messages(b).locator('.mention.mine', { hasText: '@board' })).toBeVisible();

  // An edit that calls everyone asks as well.
  await say(a, 'tea');
  await messageBox(a).press('ArrowUp');
  const edit = a.getByRole('textbox', { name: 'Edit message' });
  await edit.fill('tea for @room now');
  await edit.press('Enter');
  await expect(ask(a)).toBeVisible();
  await a.keyboard.press('Escape');
  await expect(edit).toHaveValue('tea for @room now');
});

test('offline the page asks as well, from the people it knows, and what is sent arrives later', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner, 'Offline crowd');
  for (let i = 0; i < 4; i++) await join(server, owner, board, unique('more.'), `More ${i}`);
  const context = await browserOf(browser, server, anna);
  const a = await context.newPage();
  const b = await pageOf(browser, server, ben, '/');
  await a.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(a)).toBeVisible();
  await goOffline(a);
  await say(a, '@room written on a train');
  await expect(ask(a)).toHaveAccessibleName('Notify 6 people?');
  await a.keyboard.press('Enter');
  await expect(messages(a).getByText('saved on this device')).toBeVisible();
  await context.setOffline(false);
  await expect(messages(a).getByText('sent', { exact: true })).toBeVisible();
  await expect(bell(b)).toContainText('1');
});

test('each chooses how much of a room they are told, on all devices, also offline', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner, 'Levels');
  const a = await pageOf(browser, server, anna);
  const context = await browserOf(browser, server, ben);
  const b = await context.newPage();
  const phone = await (await browserOf(browser, server, await signIn(server, ben.username))).newPage();
  await a.goto(`/b/${board}/r/${room}`);
  await b.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(b)).toBeVisible();
  await goOffline(b);
  await b.getByRole('button', { name: 'Notifications of this room' }).click();
  await expect(levels(b).getByRole('radio', { name: 'Mentions' })).toBeChecked();
  await expect(levels(b).getByRole('radio', { name: 'Mentions' })).toBeFocused();
  await b.keyboard.press('ArrowDown');
  await expect(levels(b).getByRole('radio', { name: 'Only to me' })).toBeChecked();
  await noViolations(b);
  await b.keyboard.press('Escape');
  await context.setOffline(false);
  await phone.goto(`/b/${board}/r/${room}`);
  await phone.getByRole('button', { name: 'Notifications of this room' }).click();
  await expect(levels(phone).getByRole('radio', { name: 'Only to me' })).toBeChecked();
  await phone.goto('/');
  await b.goto('/');
  await say(a, '@room for everyone');
  await expect(messages(a).getByText('sent', { exact: true })).toBeVisible();
  await say(a, `@${ben.username} for you`);
  await expect(bell(b)).toContainText('1');
  await b.goto('/inbox');
  await expect(b.getByRole('main').getByText('for you')).toBeVisible();
  await expect(b.getByRole('main').getByText('for everyone')).toHaveCount(0);
});

test('who looks at the room when a message comes has nothing unread of it', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner, 'Looking');
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}/r/${room}`);
  await b.goto(`/b/${board}/r/${room}`);
  await messageBox(b).focus();
  for (const nth of ['first', 'second']) {
    await say(a, `@${ben.username} ${nth}`);
    await expect(messages(b).getByText(nth)).toBeVisible();
  }
  // The server has told of both, and both are read.
  const unread = async (): Promise<boolean[]> => {
    const { items } = await call<{ items: { unread: boolean }[] }>(server, ben, 'GET', '/notifications');
    return items.map((one) => one.unread);
  };
  await expect.poll(unread).toEqual([false, false]);
  await expect(bell(b)).not.toContainText(/\d/);
});

test('a name that is nobody’s here is said so, and an owner may invite; nothing keeps the message', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner, 'Strangers');
  // There is such an account, elsewhere: the words are the same.
  const elsewhere = await team(server, owner, 'Elsewhere');
  const o = await pageOf(browser, server, owner);
  const a = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  for (const stranger of [elsewhere.ben.username, 'nobody.at.all']) {
    await messageBox(a).fill(`hello @${stranger} there`);
    await expect(a.getByText(`@${stranger} is not on this board.`)).toBeVisible();
    await expect(a.getByRole('button', { name: 'Invite', exact: true })).toHaveCount(0);
    await messageBox(a).press('Enter');
    await expect(messages(a).getByText(`hello @${stranger} there`)).toBeVisible();
    await expect(a.getByText(`@${stranger} is not on this board.`)).toBeVisible();
  }
  await messageBox(a).fill(`@${ben.username} hello \`@code.name\` and me@example.org too`);
  await expect(a.getByText('not on this board')).toHaveCount(0);
  await o.goto(`/b/${board}/r/${room}`);
  await messageBox(o).fill('ask @carla about it');
  await expect(o.getByText('@carla is not on this board.')).toBeVisible();
  await noViolations(o);
  await o.getByRole('button', { name: 'Invite', exact: true }).click();
  const people = o.getByRole('dialog', { name: 'People' });
  await expect(people.getByRole('heading', { name: 'Invite @carla by a link' })).toBeVisible();
  await expect(people.getByLabel('Role')).toBeFocused();
  await expect(people.getByLabel('Role')).toHaveValue('member');
  await people.getByRole('button', { name: 'Make an invitation link' }).click();
  await expect(people.getByText(/joins as a member.*Send it to @carla/s)).toBeVisible();
  const link = await people.getByLabel('Invitation link').inputValue();
  await noViolations(o);
  await o.keyboard.press('Escape');
  await expect(o.getByRole('button', { name: 'Invite', exact: true })).toBeFocused();
  await expect(messageBox(o)).toHaveValue('ask @carla about it');

  // Whoever takes the link under that name is called by the same words.
  await request(server, null, 'POST', `/invitations/${link.split('/').at(-1)}/accept`, {
    username: 'carla',
    name: 'Carla Costa',
    password: PASSWORD,
  });
  await expect(o.getByText('@carla is not on this board.')).toHaveCount(0);
  await messageBox(o).press('Enter');
  await expect(messages(o).locator('.mention', { hasText: '@carla' })).toBeVisible();
});

test('who is named and not in the private room is added from there, has the room at once, and is told', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner, 'Secret');
  const room = await privateRoom(server, ben, { board });
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}`);
  await b.goto(`/b/${board}/r/${room}`);
  const entry = roomLink(a);
  await messageBox(b, 'Surprise').fill(`cake at five, @${anna.username}?`);
  await expect(b.getByText(`@${anna.username} is not in this room, and will not be notified.`)).toBeVisible();
  await noViolations(b);
  await expect(entry).toHaveCount(0);
  await b.getByRole('button', { name: 'Add to room' }).press('Enter');
  await expect(messageBox(b, 'Surprise')).toBeFocused();
  await expect(messageBox(b, 'Surprise')).toHaveValue(`cake at five, @${anna.username}?`);
  await expect(b.getByText('Anna Larsen will be let in as soon as the server answers.').first()).toBeVisible();
  await expect(entry).toBeVisible();
  await expect(b.getByText('is not in this room')).toHaveCount(0);
  await b.keyboard.press('Enter');
  await expect(bell(a)).toContainText('1');
  await entry.click();
  await expect(messages(a).locator('.mention.mine')).toBeVisible();
  await expect(bell(a)).not.toContainText('1');
});

test('calls of everyone that come too often notify nobody, and their writer reads so', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner, 'Flood');
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben, '/');
  await a.goto(`/b/${board}/r/${room}`);
  for (let i = 1; i <= 6; i++) await say(a, `@room call ${i}`);
  await expect(messages(a).getByText(/at most 5 calls/)).toHaveCount(1);
  await noViolations(a);
  await expect(bell(b)).toContainText('5');
});

test('a commenter is not offered everyone, and reads that such a call notifies nobody', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room } = await team(server, owner, 'Guests');
  const guest = await join(server, owner, board, unique('guest.'), 'Guest Person', 'commenter');
  const g = await pageOf(browser, server, guest, `/b/${board}/r/${room}`);
  await messageBox(g).pressSequentially('@roo');
  await expect(g.getByRole('listbox')).toHaveCount(0);
  await messageBox(g).pressSequentially('m all of you');
  await expect(g.getByText('@room will notify nobody')).toBeVisible();
  await messageBox(g).press('Enter');
  await expect(messages(g).getByText('all of you')).toBeVisible();
});

test('who read a message is told of what an edit made of it, until they see it again', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}/r/${room}`);
  await say(a, 'who takes it?');
  await b.goto(`/b/${board}/r/${room}`);
  await expect(messages(b).getByText('who takes it?')).toBeVisible();
  const entry = b.getByRole('link', { name: /General/ }).first();
  await expect(entry).not.toContainText('unread');
  await b.getByRole('link', { name: 'Launch' }).first().click();
  await expect(messages(b)).toHaveCount(0);
  await messageBox(a).press('ArrowUp');
  const editing = a.getByRole('textbox', { name: 'Edit message' });
  await editing.fill(`who takes it? @${ben.username} does`);
  await editing.press('Enter');
  await expect(bell(b)).toContainText('1');
  await expect(entry).toContainText('1');
  await entry.click();
  await expect(messages(b).locator('.mention.mine')).toBeVisible();
  await expect(bell(b)).not.toContainText('1');
  // The same while it is in view: told, and read at once.
  await messageBox(a).press('ArrowUp');
  await editing.fill('who takes it?');
  await editing.press('Enter');
  await expect(messages(b).locator('.mention.mine')).toHaveCount(0);
  await messageBox(a).press('ArrowUp');
  await editing.fill(`who takes it? @${ben.username} does`);
  await editing.press('Enter');
  await expect(messages(b).locator('.mention.mine')).toBeVisible();
  await expect
    .poll(async () => {
      const { items } = await call<{ items: { unread: boolean }[] }>(server, ben, 'GET', '/notifications');
      return items.map(({ unread }) => unread);
    })
    .toEqual([false]);
});
