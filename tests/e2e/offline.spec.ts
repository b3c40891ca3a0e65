import { call, type Person } from '../harness/people.ts';
import { TestServer } from '../harness/server.ts';
import { browserOf, expect, messageBox, messages, pageOf, readyForOffline, say, team, test } from './app.ts';
import { setUp } from '../harness/people.ts';

/** These tests end their server, so each has its own. */
async function own(): Promise<{ server: TestServer; owner: Person }> {
  const server = await TestServer.start();
  return { server, owner: await setUp(server) };
}

test('with the server gone everything is there: reload, unvisited pages, a second tab, messages, cards', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const { server, owner } = await own();
  try {
    const { board, room, anna, ben } = await team(server, owner);
    const todo = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/columns`, { title: 'To do' });
    await call(server, owner, 'POST', `/boards/${board}/columns`, { title: 'Done' });
    const task = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/tasks`, {
      column: todo.id,
      title: 'Pack',
    });
    await call(server, owner, 'POST', `/rooms/${room}/messages`, { text: 'Before the storm' });
    await call(server, owner, 'POST', `/tasks/${task.id}/comments`, { text: 'Socks first' });

    const context = await browserOf(browser, server, anna);
    const page = await context.newPage();
    await page.goto('/');
    await expect(page.getByRole('main').getByRole('link', { name: /Launch/ })).toBeVisible();
    await readyForOffline(page);
    await server.kill();

    await page.reload();
    await expect(page.getByRole('status').filter({ hasText: 'Offline' })).toBeVisible();
    await page.goto(`/b/${board}/r/${room}`);
    await expect(messages(page).getByText('Before the storm')).toBeVisible();
    await page.goto(`/b/${board}/t/${task.id}`);
    await expect(messages(page).getByText('Socks first')).toBeVisible();
    await page.goto('/inbox');
    await expect(page.getByRole('heading', { name: 'Inbox', level: 1 })).toBeVisible();
    for (const unknown of [
      `/b/${board}/r/${'z'.repeat(20)}`,
      `/b/${board}/t/${'z'.repeat(20)}`,
      `/b/${'z'.repeat(20)}`,
    ]) {
      await page.goto(unknown);
      await expect(page.getByRole('heading', { name: 'Not on this device yet' })).toBeVisible();
    }

    await page.goto(`/b/${board}/r/${room}`);
    const tab = await context.newPage();
    await tab.goto(`/b/${board}/r/${room}`);
    await messageBox(page).pressSequentially(`@${ben.username}`);
    await messageBox(page).press('Enter');
    await messageBox(page).pressSequentially('written offline');
    await messageBox(page).press('Enter');
    await expect(messages(page).getByText('saved on this device')).toBeVisible();
    await expect(messages(tab).getByText('written offline')).toBeVisible();
    await tab.goto(`/b/${board}`);
    const card = tab.getByRole('region', { name: 'To do' }).getByRole('link', { name: /Pack/ });
    await card.focus();
    await card.press('Space');
    await tab.keyboard.press('ArrowRight');
    await tab.keyboard.press('Space');
    await expect(tab.getByRole('region', { name: 'Done' }).getByRole('link', { name: /Pack/ })).toBeVisible();
    await expect(tab.getByRole('status').filter({ hasText: 'Offline' })).toContainText('2 changes');
    await tab.reload();
    await expect(tab.getByRole('status').filter({ hasText: 'Offline' })).toContainText('2 changes');
    await expect(tab.getByRole('region', { name: 'Done' }).getByRole('link', { name: /Pack/ })).toBeVisible();

    await server.start();
    const other = await pageOf(browser, server, ben);
    await other.goto(`/b/${board}/r/${room}`);
    await expect(messages(other).getByText('written offline')).toHaveCount(1);
    await expect(messages(page).getByText('sent', { exact: true })).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: 'Offline' })).toHaveCount(0);
    await other.goto(`/b/${board}`);
    await expect(other.getByRole('region', { name: 'Done' }).getByRole('link', { name: /Pack/ })).toBeVisible();
    const notified = await call<{ items: unknown[] }>(server, ben, 'GET', '/notifications');
    expect(notified.items).toHaveLength(1);
  } finally {
    await server.dispose();
  }
});

test('the server is killed in the middle of sending and restarted: nothing is lost, doubled or out of order', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const { server, owner } = await own();
  try {
    const { board, room, anna, ben } = await team(server, owner);
    const a = await pageOf(browser, server, anna);
    const b = await pageOf(browser, server, ben);
    await a.goto(`/b/${board}/r/${room}`);
    await b.goto(`/b/${board}/r/${room}`);
    for (let number = 0; number < 12; number += 1) {
      if (number === 5) await server.kill();
      await say(a, `line ${number}.`);
      if (number === 9) server.launch();
    }
    await server.ready();
    for (const page of [a, b]) {
      await expect(messages(page).getByText(/^line \d+\.$/)).toHaveText(
        Array.from({ length: 12 }, (_, number) => `line ${number}.`),
      );
    }
    await expect(messages(a).getByText('saved on this device')).toHaveCount(0);
    const stored = await call<{ items: { text: string }[] }>(server, anna, 'GET', `/rooms/${room}/messages`);
    expect(stored.items.map((one) => one.text).reverse()).toEqual(
      Array.from({ length: 12 }, (_, number) => `line ${number}.`),
    );
  } finally {
    await server.dispose();
  }
});

test('what the server refuses is kept, with the reason, and can be copied', async ({ browser }) => {
  test.setTimeout(180_000);
  const { server, owner } = await own();
  try {
    const { board, room, anna } = await team(server, owner);
    const page = await pageOf(browser, server, anna);
    await page.goto(`/b/${board}/r/${room}`);
    await expect(messageBox(page)).toBeVisible();
    await page.context().setOffline(true);
    await say(page, 'too late for this');
    await expect(messages(page).getByText('saved on this device')).toBeVisible();
    await call(server, owner, 'PUT', `/boards/${board}/members/${anna.id}`, { role: 'viewer' });
    await page.context().setOffline(false);
    await expect(page.getByText('refused', { exact: false }).first()).toBeVisible();
    await expect(page.getByText('too late for this')).toBeVisible();
  } finally {
    await server.dispose();
  }
});
