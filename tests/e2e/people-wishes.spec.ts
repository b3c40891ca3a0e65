import type { Page } from '@playwright/test';
import { call, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import { browserOf, expect, messages, noViolations, pageOf, readyForOffline, team, test } from './app.ts';
import { shot } from './pictures.ts';
import { company, peopleDialog as dialog, privateRoom, roomLink, sidebar } from './private-room.ts';

const rows = (page: Page) => dialog(page).getByRole('list', { name: 'People in this room' }).getByRole('listitem');

const insideOf = async (server: TestServer, who: Person, room: string): Promise<string[]> =>
  (await call<{ items: { id: string }[] }>(server, who, 'GET', `/rooms/${room}/members`)).items.map(({ id }) => id);

test('offline, somebody is let in and somebody taken out: shown at once, kept over a reload, done on coming back', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner);
  const room = await privateRoom(server, anna, { board, people: [ben] });
  const device = await browserOf(browser, server, anna);
  const a = await device.newPage();
  const b = await pageOf(browser, server, ben);
  const o = await pageOf(browser, server, owner);
  await a.goto(`/b/${board}/r/${room}`);
  await b.goto(`/b/${board}/r/${room}`);
  await o.goto(`/b/${board}`);
  await expect(roomLink(b)).toBeVisible();
  await readyForOffline(a);
  await company(a).click();
  await expect(rows(a)).toHaveCount(2);
  await a.keyboard.press('Escape');
  await device.setOffline(true);

  await company(a).click();
  await expect(dialog(a)).toContainText('saved on this device, and done when you are back online');
  await dialog(a)
    .getByRole('button', { name: /^Let in/ })
    .first()
    .click();
  await expect(rows(a).filter({ hasText: owner.username })).toContainText('will be let in when you are back online');
  await dialog(a).getByRole('button', { name: 'Take Ben Okafor out' }).click();
  await a.getByRole('dialog', { name: 'Take Ben Okafor out?' }).getByRole('button', { name: 'Take out' }).click();
  await expect(rows(a).filter({ hasText: 'Ben Okafor' })).toContainText('will be taken out when you are back online');
  await shot(a, 'people-pending');
  await noViolations(a);

  await a.reload();
  await company(a).click();
  await expect(rows(a).filter({ hasText: owner.username })).toContainText('will be let in');
  await expect(rows(a).filter({ hasText: 'Ben Okafor' })).toContainText('will be taken out');
  expect((await insideOf(server, ben, room)).sort()).toEqual([anna.id, ben.id].sort());
  await device.setOffline(false);

  await expect(rows(a)).toHaveCount(2);
  await expect(rows(a).filter({ hasText: 'will be' })).toHaveCount(0);
  await expect(rows(a).filter({ hasText: 'Ben Okafor' })).toHaveCount(0);
  await expect(messages(b)).toHaveCount(0);
  await expect(sidebar(b).getByText('Surprise')).toHaveCount(0);
  await roomLink(o).click();
  await expect(o.getByRole('heading', { name: 'Private room: Surprise' })).toBeVisible();
  expect((await insideOf(server, anna, room)).sort()).toEqual([anna.id, owner.id].sort());
});

test('offline, what was wished is taken back; one leaves, thinks better of it, and leaves', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner);
  const room = await privateRoom(server, anna, { board, people: [ben] });
  const device = await browserOf(browser, server, anna);
  const a = await device.newPage();
  await a.goto(`/b/${board}/r/${room}`);
  await readyForOffline(a);
  await company(a).click();
  await expect(rows(a)).toHaveCount(2);
  await a.keyboard.press('Escape');
  await device.setOffline(true);

  await company(a).click();
  await dialog(a)
    .getByRole('button', { name: /^Let in/ })
    .first()
    .click();
  await dialog(a)
    .getByRole('button', { name: /^Do not let .* in$/ })
    .click();
  await expect(rows(a)).toHaveCount(2);
  const leave = async () => {
    await dialog(a).getByRole('button', { name: 'Leave this room' }).click();
    await a.getByRole('dialog', { name: 'Leave this room?' }).getByRole('button', { name: 'Leave room' }).click();
    await expect(a).toHaveURL(new RegExp(`/b/${board}$`));
  };
  await leave();
  await roomLink(a).click();
  const leaving = a.getByRole('status').filter({ hasText: 'You leave this room as soon as the server answers.' });
  await expect(leaving).toBeVisible();
  await shot(a, 'leaving');
  await noViolations(a);
  await leaving.getByRole('button', { name: 'Stay' }).click();
  await expect(leaving).toHaveCount(0);
  await company(a).click();
  await leave();
  await a.reload();
  await expect(roomLink(a)).toBeVisible();
  expect((await insideOf(server, ben, room)).sort()).toEqual([anna.id, ben.id].sort());
  await device.setOffline(false);
  await expect(roomLink(a)).toHaveCount(0);
  await expect.poll(() => insideOf(server, ben, room)).toEqual([ben.id]);
});

test('what may not be any more comes back with its reason, in the room or where the room was', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner);
  const room = await privateRoom(server, anna, { board, people: [ben] });
  const device = await browserOf(browser, server, ben);
  const b = await device.newPage();
  await b.goto(`/b/${board}/r/${room}`);
  await readyForOffline(b);
  const letIn = async () => {
    await company(b).click();
    await dialog(b)
      .getByRole('button', { name: /^Let in/ })
      .first()
      .click();
    await expect(rows(b).filter({ hasText: owner.username })).toContainText('will be let in');
    await b.keyboard.press('Escape');
  };
  await company(b).click();
  await expect(rows(b)).toHaveCount(2);
  await b.keyboard.press('Escape');
  await device.setOffline(true);
  await letIn();
  await call(server, owner, 'PUT', `/boards/${board}/members/${ben.id}`, { role: 'commenter' });
  await device.setOffline(false);
  const refused = b.getByRole('status').filter({ hasText: 'was not accepted' });
  await expect(refused).toContainText('into the room was not accepted: you are not allowed to.');
  await shot(b, 'refused');
  await noViolations(b);
  await refused.getByRole('button', { name: 'Dismiss' }).click();
  await expect(refused).toHaveCount(0);
  await call(server, owner, 'PUT', `/boards/${board}/members/${ben.id}`, { role: 'member' });
  await company(b).click();
  await expect(
    dialog(b)
      .getByRole('button', { name: /^Let in/ })
      .first(),
  ).toBeVisible();
  await b.keyboard.press('Escape');

  await device.setOffline(true);
  await letIn();
  await call(server, anna, 'DELETE', `/rooms/${room}/members/${ben.id}`);
  await device.setOffline(false);
  await expect(roomLink(b)).toHaveCount(0);
  await b.goto('/');
  const gone = b.getByText(/into the room was not accepted: the room is gone, or you are no longer in it/);
  await expect(gone).toBeVisible();
  await shot(b, 'refused-gone');
  await noViolations(b);
  expect(await insideOf(server, anna, room)).toEqual([anna.id]);
});
