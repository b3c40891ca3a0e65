import { call } from '../harness/people.ts';
import { browserOf, expect, messageBox, messages, noViolations, pageOf, say, team, test } from './app.ts';

test('a reaction is given and taken back by one click, and shows who gave it', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner);
  await call(server, ben, 'POST', `/rooms/${room}/messages`, { text: 'The boat is dry' });
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  await a.goto(`/b/${board}/r/${room}`);
  await b.goto(`/b/${board}/r/${room}`);
  const row = messages(a).getByRole('article').filter({ hasText: 'The boat is dry' });
  await row.focus();
  await row.getByRole('button', { name: 'React' }).press('Enter');
  await expect(a.getByRole('menuitemcheckbox', { name: 'Thumbs up' })).toBeFocused();
  await noViolations(a);
  await a.keyboard.press('ArrowRight');
  await a.keyboard.press('Enter');
  const own = row.getByRole('button', { name: '❤️ 1: You' });
  await expect(own).toHaveAttribute('aria-pressed', 'true');
  const seen = messages(b).getByRole('button', { name: '❤️ 1: Anna Larsen' });
  await expect(seen).toHaveAttribute('aria-pressed', 'false');
  await seen.click();
  await expect(row.getByRole('button', { name: '❤️ 2: You and Ben Okafor' })).toBeVisible();
  await noViolations(b);
  await row.getByRole('button', { name: /^❤️ 2/ }).click();
  await expect(messages(b).getByRole('button', { name: '❤️ 1: You' })).toBeVisible();
  await messages(b).getByRole('button', { name: '❤️ 1: You' }).click();
  await expect(row.getByRole('list', { name: 'Reactions' })).toHaveCount(0);
});

test('who only reads sees reactions and is offered none', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner);
  await call(server, owner, 'PUT', `/boards/${board}/members/${ben.id}`, { role: 'viewer' });
  await call(server, anna, 'POST', `/rooms/${room}/messages`, { text: 'The boat is dry' });
  const a = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  const row = messages(a).getByRole('article').filter({ hasText: 'The boat is dry' });
  await row.hover();
  await row.getByRole('button', { name: 'React' }).click();
  await a.getByRole('menuitemcheckbox', { name: 'Party' }).click();
  const b = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await expect(messages(b).getByRole('button', { name: '🎉 1: Anna Larsen' })).toBeDisabled();
  await messages(b).getByRole('article').hover();
  await expect(messages(b).getByRole('button', { name: 'More for this message' })).toBeVisible();
  await expect(messages(b).getByRole('button', { name: 'React', exact: true })).toHaveCount(0);
  await expect(messages(b).getByRole('button', { name: 'Reply', exact: true })).toHaveCount(0);
});

test('an answer quotes what it answers and leads there, written offline too', async ({ browser, server, owner }) => {
  const { board, room, anna, ben } = await team(server, owner);
  await call(server, ben, 'POST', `/rooms/${room}/messages`, { text: 'Who has the key?' });
  for (let i = 1; i <= 40; i += 1) {
    await call(server, owner, 'POST', `/rooms/${room}/messages`, { text: `Something else, number ${i}` });
  }
  const context = await browserOf(browser, server, anna);
  const a = await context.newPage();
  await a.goto(`/b/${board}/r/${room}`);
  await expect(messages(a).getByText('Something else, number 40')).toBeVisible();
  const question = messages(a).getByRole('article').filter({ hasText: 'Who has the key?' });
  await context.setOffline(true);
  await question.scrollIntoViewIfNeeded();
  await question.focus();
  await question.getByRole('button', { name: 'Reply', exact: true }).press('Enter');
  await expect(messageBox(a)).toBeFocused();
  await expect(a.getByText('Answering Ben Okafor')).toBeVisible();
  await noViolations(a);
  await say(a, 'I have it');
  await expect(a.getByText('Answering Ben Okafor')).toHaveCount(0);
  await context.setOffline(false);

  const b = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  const quote = messages(b).getByRole('button', { name: 'Answers Ben Okafor: Who has the key?' });
  await expect(quote).toBeVisible();
  await expect(quote).toBeInViewport();
  await noViolations(b);
  await quote.click();
  await expect(messages(b).getByRole('article').filter({ hasText: 'Who has the key?' }).first()).toBeInViewport();
});

test('Escape gives up an answer and keeps what is typed; a deleted message is quoted without its words', async ({
  browser,
  server,
  owner,
}) => {
  const { board, room, anna, ben } = await team(server, owner);
  const said = await call<{ id: string }>(server, ben, 'POST', `/rooms/${room}/messages`, { text: 'Take this back' });
  const a = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  const row = messages(a).getByRole('article').filter({ hasText: 'Take this back' });
  await row.hover();
  await row.getByRole('button', { name: 'Reply', exact: true }).click();
  await messageBox(a).fill('On second thoughts');
  await messageBox(a).press('Escape');
  await expect(a.getByText('Answering Ben Okafor')).toHaveCount(0);
  await expect(messageBox(a)).toHaveValue('On second thoughts');
  await row.hover();
  await row.getByRole('button', { name: 'Reply', exact: true }).click();
  await messageBox(a).press('Enter');
  await expect(messages(a).getByRole('button', { name: 'Answers Ben Okafor: Take this back' })).toBeVisible();
  await call(server, ben, 'DELETE', `/messages/${said.id}`);
  await expect(messages(a).getByRole('button', { name: 'Answers Ben Okafor: a deleted message' })).toBeVisible();
  await expect(messages(a).getByText('Take this back')).toHaveCount(0);
});
