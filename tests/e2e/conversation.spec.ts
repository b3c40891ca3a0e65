import { browserOf, expect, messageBox, messages, noViolations, pageOf, say, team, test } from './app.ts';

test('two people talk in a room: typing shows, messages arrive on both sides and are called sent', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}/r/${room}`);
  await b.goto(`/b/${board}/r/${room}`);
  await expect(messageBox(b)).toBeVisible();
  await messageBox(a).pressSequentially('Hello Ben', { delay: 30 });
  await expect(b.getByText('Anna Larsen is typing')).toBeVisible();
  await messageBox(a).press('Enter');
  await expect(messages(b).getByText('Hello Ben')).toBeVisible();
  await expect(b.getByText('Anna Larsen is typing')).toBeHidden();
  await expect(messages(a).getByText('sent', { exact: true })).toBeVisible();
  await say(b, 'Hello Anna\nsecond line');
  await expect(messages(a).getByText('second line')).toBeVisible();
  await noViolations(a);
});

test('one edits and deletes one’s own message; nobody is offered another’s', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}/r/${room}`);
  await b.goto(`/b/${board}/r/${room}`);
  await say(a, 'A typpo');
  await expect(messages(b).getByText('A typpo')).toBeVisible();
  await messageBox(a).press('ArrowUp');
  const edit = a.getByRole('textbox', { name: 'Edit message' });
  await expect(edit).toHaveValue('A typpo');
  await edit.fill('A typo');
  await edit.press('Enter');
  await expect(messages(b).getByText('A typo', { exact: true })).toBeVisible();
  await expect(messages(b).getByText('edited')).toBeVisible();
  await expect(b.getByRole('button', { name: 'More for this message' })).toHaveCount(0);

  await messages(a).getByText('A typo', { exact: true }).hover();
  await a.getByRole('button', { name: 'More for this message' }).first().click();
  await a.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(a.getByRole('dialog')).toContainText('offline');
  await a.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(messages(b).getByText('A typo', { exact: true })).toHaveCount(0);
});

test('a mention chosen by keyboard notifies at once; one and all can be marked read', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben, '/');
  await a.goto(`/b/${board}/r/${room}`);
  for (const number of [1, 2]) {
    await messageBox(a).pressSequentially('@ben');
    await expect(a.getByRole('listbox').getByRole('option').first()).toContainText('Ben Okafor');
    await messageBox(a).press('Enter');
    await messageBox(a).pressSequentially(`please look ${number}`);
    await messageBox(a).press('Enter');
    await expect(messages(a).getByText(`please look ${number}`)).toBeVisible();
  }
  await expect(b.getByRole('link', { name: /Inbox/ })).toContainText('2');
  await b.getByRole('link', { name: /Inbox/ }).click();
  await expect(b.getByText('please look 1')).toBeVisible();
  await noViolations(b);
  await b.getByRole('button', { name: 'Mark as read' }).first().click();
  await expect(b.getByRole('link', { name: /Inbox/ })).toContainText('1');
  await b.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(b.getByRole('link', { name: /Inbox/ })).not.toContainText(/\d/);
  await b.getByRole('link', { name: /please look 1/ }).click();
  await expect(messages(b).getByText('please look 1')).toBeVisible();
  await expect(messages(b).getByText('Ben Okafor').first()).toBeVisible();
});

test('a task has its own thread', async ({ browser, server, owner }) => {
  const { board, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}`);
  await a.getByRole('button', { name: 'Add column' }).click();
  await a.getByLabel('Column title').fill('To do');
  await a.getByLabel('Column title').press('Enter');
  await a.getByRole('region', { name: 'To do' }).getByRole('button', { name: 'Add card' }).click();
  await a.getByLabel('Card title').fill('Write the invitation');
  await a.getByLabel('Card title').press('Enter');
  await b.goto(`/b/${board}`);
  await b.getByRole('link', { name: /Write the invitation/ }).click();
  await say(b, 'I can do this one', 'Write the invitation');
  await expect(messages(b).getByText('sent', { exact: true })).toBeVisible();
  await a.getByRole('link', { name: /Write the invitation/ }).click();
  await expect(messages(a).getByText('I can do this one')).toBeVisible();
  await noViolations(a);
});

test('a copied link leads somebody else to the message; its time is said in full on request', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const context = await browserOf(browser, server, anna);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const a = await context.newPage();
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}/r/${room}`);
  await say(a, 'What this is about');
  for (let line = 1; line <= 40; line += 1) await say(a, `and line ${line}`);
  await expect(messages(a).getByText('and line 40')).toBeVisible();
  await expect(messages(a).getByText('sent', { exact: true })).toBeVisible();

  await messages(a).getByText('What this is about').hover();
  await a.getByRole('button', { name: 'More for this message' }).click();
  await a.getByRole('menuitem', { name: 'Copy link' }).click();
  await expect(a.getByText('Copied', { exact: true })).toBeVisible();
  const link = await a.evaluate(() => navigator.clipboard.readText());
  await b.goto(link);
  const target = messages(b).locator('article', { hasText: 'What this is about' });
  await expect(target).toBeInViewport();
  await expect(target).toBeFocused();
  await expect(messages(b).getByText('and line 40')).not.toBeInViewport();
  const time = target.locator('time');
  await expect(time).toHaveText(/now|min/);
  await expect(time).toHaveAttribute('title', new RegExp(String(new Date().getFullYear())));
});
