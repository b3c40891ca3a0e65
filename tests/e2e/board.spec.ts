import { call } from '../harness/people.ts';
import { expect, noViolations, pageOf, team, test } from './app.ts';

type Column = { id: string; title: string };

test('a first board: made, named columns, cards added, renamed and moved by keyboard, seen by the other', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner, 'Studio');
  const todo = await call<Column>(server, owner, 'POST', `/boards/${board}/columns`, { title: 'To do' });
  await call<Column>(server, owner, 'POST', `/boards/${board}/columns`, { title: 'Done' });
  for (const title of ['Paint', 'Draw']) {
    await call(server, owner, 'POST', `/boards/${board}/tasks`, { column: todo.id, title });
  }
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}`);
  await b.goto(`/b/${board}`);
  const card = a.getByRole('region', { name: 'To do' }).getByRole('link', { name: /Paint/ });
  await card.focus();
  await card.press('Space');
  await a.keyboard.press('ArrowRight');
  await a.keyboard.press('Space');
  await expect(b.getByRole('region', { name: 'Done' }).getByRole('link', { name: /Paint/ })).toBeVisible();
  await expect(b.getByRole('region', { name: 'To do' }).getByRole('link', { name: /Paint/ })).toHaveCount(0);
  await noViolations(a);
});

test('a new board opens at once and is there for its maker on another device', async ({ browser, server, owner }) => {
  const first = await pageOf(browser, server, owner);
  const second = await pageOf(browser, server, owner);
  await first.goto('/');
  await first.getByRole('button', { name: 'New board' }).first().click();
  await first.getByLabel('Board title').fill('Allotment');
  await first.getByRole('button', { name: 'Create board' }).click();
  await expect(first.getByRole('heading', { name: 'Allotment', level: 1 })).toBeVisible();
  await second.goto('/');
  await second
    .getByRole('main')
    .getByRole('link', { name: /Allotment/ })
    .click();
  await expect(second.getByRole('heading', { name: 'Allotment', level: 1 })).toBeVisible();
});

test('a viewer reads and is offered nothing to change', async ({ browser, server, owner }) => {
  const { board, room, ben } = await team(server, owner);
  await call(server, owner, 'PUT', `/boards/${board}/members/${ben.id}`, { role: 'viewer' });
  const page = await pageOf(browser, server, ben, `/b/${board}`);
  await expect(page.getByRole('heading', { name: 'Launch', level: 1 })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add column' })).toHaveCount(0);
  await page.goto(`/b/${board}/r/${room}`);
  await expect(page.getByText('You can read here')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Message General' })).toHaveCount(0);
});
