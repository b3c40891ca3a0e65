import { keeps } from '../deletion/device.ts';
import { call, makeBoard, type Person } from '../harness/people.ts';
import { browserOf, expect, messageBox, messages, noViolations, pageOf, goOffline, say, team, test } from './app.ts';
import { shot } from './pictures.ts';
import { company, peopleDialog as dialog, privateRoom, roomLink, sidebar } from './private-room.ts';

test('a private room is made, people are let in by name, and nobody else finds it anywhere', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner);
  const a = await pageOf(browser, server, anna);
  const b = await pageOf(browser, server, ben);
  const o = await pageOf(browser, server, owner);
  for (const page of [a, b, o]) await page.goto(`/b/${board}`);
  await sidebar(a).getByRole('button', { name: 'New room' }).click();
  const making = a.getByRole('dialog', { name: 'New room' });
  await making.getByLabel('Room name').fill('Surprise party');
  await making.getByRole('switch', { name: 'Private' }).check();
  await expect(making).toContainText('Only the people you let in see this room');
  await shot(a, 'new-room');
  await noViolations(a);
  await making.getByRole('button', { name: 'Create room' }).click();
  await expect(a.getByRole('heading', { name: 'Private room: Surprise party' })).toBeVisible();
  await expect(roomLink(a, 'Surprise party')).toBeVisible();
  await say(a, 'cake at five', 'Surprise party');

  await company(a).click();
  await expect(dialog(a).getByRole('list', { name: 'People in this room' }).getByRole('listitem')).toHaveCount(1);
  await dialog(a).getByLabel('Let somebody in').fill('okaf');
  await dialog(a).getByRole('button', { name: 'Let in Ben Okafor' }).click();
  await expect(dialog(a).getByRole('list', { name: 'People in this room' })).toContainText('Ben Okafor');
  await expect(dialog(a).getByLabel('Let somebody in')).toHaveValue('');
  await shot(a, 'people');
  await noViolations(a);
  await a.keyboard.press('Escape');
  await expect(company(a)).toBeFocused();

  await roomLink(b, 'Surprise party').click();
  await expect(messages(b).getByText('cake at five')).toBeVisible();
  await expect(company(b)).toHaveAccessibleName('2 people in this room');
  await shot(b, 'room');
  await noViolations(b);
  await b.keyboard.press('Control+k');
  await b.getByRole('combobox').fill('surprise');
  await expect(b.getByRole('option', { name: /Private room/ })).toBeVisible();
  await shot(b, 'palette');
  await noViolations(b);
  await b.keyboard.press('Escape');

  await expect(sidebar(o).getByRole('link', { name: /General/ })).toBeVisible();
  await expect(sidebar(o).getByText('Surprise party')).toHaveCount(0);
  await o.keyboard.press('Control+k');
  await o.getByRole('combobox').fill('surprise party');
  await expect(o.getByText('Nothing on this device has that name.')).toBeVisible();
  await o.keyboard.press('Escape');
  await o.goto(new URL(a.url()).pathname);
  await expect(o.getByRole('heading', { name: 'Nothing here' })).toBeVisible();
  await expect(o.getByText('Surprise')).toHaveCount(0);
  expect(await keeps(o, ['Surprise party', 'cake at five'])).toEqual([]);
});

test('who is taken out while looking loses it at once, from the page and from the device', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner);
  const room = await privateRoom(server, anna, { board, people: [ben] });
  const a = await pageOf(browser, server, anna, `/b/${board}/r/${room}`);
  const b = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await say(a, `@${ben.username} hush-hush`, 'Surprise');
  await expect(messages(b).getByText('hush-hush')).toBeVisible();
  const told = async () =>
    (await call<{ items: { excerpt: string }[] }>(server, ben, 'GET', '/notifications')).items.map(
      (one) => one.excerpt,
    );
  await expect.poll(told).toEqual([`@${ben.username} hush-hush`]);

  await company(a).click();
  await dialog(a).getByRole('button', { name: 'Take Ben Okafor out' }).click();
  const sure = a.getByRole('dialog', { name: 'Take Ben Okafor out?' });
  await noViolations(a);
  await sure.getByRole('button', { name: 'Take out' }).click();
  await expect(dialog(a).getByRole('list', { name: 'People in this room' }).getByRole('listitem')).toHaveCount(1);

  await expect(messages(b)).toHaveCount(0);
  await expect(sidebar(b).getByText('Surprise')).toHaveCount(0);
  await expect.poll(told).toEqual([]);
  await b.goto('/inbox');
  await expect(b.getByText('hush-hush')).toHaveCount(0);
  await expect.poll(() => keeps(b, ['hush-hush']), { timeout: 30_000 }).toEqual([]);
});

test('made and written into offline, it is private from the first moment; one who was away loses it on coming back', async ({
  browser,
  server,
  owner,
}) => {
  const { board, anna, ben } = await team(server, owner);
  const device = await browserOf(browser, server, anna);
  const a = await device.newPage();
  await a.goto(`/b/${board}`);
  await goOffline(a);
  await sidebar(a).getByRole('button', { name: 'New room' }).click();
  const making = a.getByRole('dialog', { name: 'New room' });
  await making.getByLabel('Room name').fill('Hideout');
  await making.getByRole('switch', { name: 'Private' }).check();
  await making.getByRole('button', { name: 'Create room' }).click();
  await say(a, 'written without a network', 'Hideout');
  await expect(a.getByRole('heading', { name: 'Private room: Hideout' })).toBeVisible();
  await company(a).click();
  await expect(dialog(a)).toContainText('The server has not made this room yet');
  await noViolations(a);
  await a.keyboard.press('Escape');
  await a.reload();
  await expect(messages(a).getByText('written without a network')).toBeVisible();
  await device.setOffline(false);

  const roomsOf = async (person: Person) =>
    (
      await call<{ items: { id: string; name: string; private: boolean }[] }>(
        server,
        person,
        'GET',
        `/boards/${board}/rooms`,
      )
    ).items;
  await expect.poll(async () => (await roomsOf(anna)).find(({ name }) => name === 'Hideout')?.private).toBe(true);
  expect((await roomsOf(owner)).map(({ name }) => name)).toEqual(['General']);
  const room = (await roomsOf(anna)).find(({ name }) => name === 'Hideout')?.id ?? '';
  await expect
    .poll(async () => (await call<{ items: { text: string }[] }>(server, anna, 'GET', `/rooms/${room}/messages`)).items)
    .toMatchObject([{ text: 'written without a network' }]);

  await call(server, anna, 'PUT', `/rooms/${room}/members/${ben.id}`);
  const away = await browserOf(browser, server, ben);
  const b = await away.newPage();
  await b.goto(`/b/${board}/r/${room}`);
  await expect(messages(b).getByText('written without a network')).toBeVisible();
  await goOffline(b);
  await call(server, anna, 'DELETE', `/rooms/${room}/members/${ben.id}`);
  await b.goto(`/b/${board}`);
  await expect(roomLink(b, 'Hideout')).toBeVisible();
  await away.setOffline(false);
  await expect(roomLink(b, 'Hideout')).toHaveCount(0);
  await expect.poll(() => keeps(b, ['written without a network']), { timeout: 40_000 }).toEqual([]);
});

test('mentions offer who is in the room first, and say who is not; leaving asks first', async ({
  browser,
  server,
  owner,
}) => {
  const board = await makeBoard(server, owner);
  const { anna, ben } = await team(server, owner, 'Other');
  for (const person of [anna, ben])
    await call(server, owner, 'PUT', `/boards/${board}/members/${person.id}`, { role: 'member' });
  const room = await privateRoom(server, owner, { board, people: [ben] });
  const b = await pageOf(browser, server, ben, `/b/${board}/r/${room}`);
  await messageBox(b, 'Surprise').pressSequentially('@');
  const options = b.getByRole('listbox', { name: 'People' }).getByRole('option');
  await expect(options.filter({ hasText: owner.username })).toBeVisible();
  await expect(options.first()).not.toContainText('not in this room');
  await expect(options.filter({ hasText: 'Anna Larsen' })).toContainText('not in this room');
  await expect(options.filter({ hasText: 'not in this room' })).toHaveCount(1);
  await shot(b, 'mentions');
  await noViolations(b);
  await messageBox(b, 'Surprise').press('Escape');
  await messageBox(b, 'Surprise').fill('');

  await company(b).click();
  await expect(dialog(b).getByRole('button', { name: /^Take .* out$/ })).toHaveCount(0);
  await dialog(b).getByRole('button', { name: 'Leave this room' }).click();
  const sure = b.getByRole('dialog', { name: 'Leave this room?' });
  await shot(b, 'leave');
  await sure.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog(b).getByRole('list', { name: 'People in this room' }).getByRole('listitem')).toHaveCount(2);
  await dialog(b).getByRole('button', { name: 'Leave this room' }).click();
  await sure.getByRole('button', { name: 'Leave room' }).click();
  await expect(b).toHaveURL(new RegExp(`/b/${board}$`));
  await expect(roomLink(b, 'Surprise')).toHaveCount(0);

  const o = await pageOf(browser, server, owner, `/b/${board}/r/${room}`);
  await company(o).click();
  await dialog(o).getByRole('button', { name: 'Leave this room' }).click();
  await expect(o.getByRole('dialog', { name: 'Leave this room?' })).toContainText('the room is archived');
  await o.getByRole('button', { name: 'Leave room' }).click();
  await expect(roomLink(o, 'Surprise')).toHaveCount(0);
});
