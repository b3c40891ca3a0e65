/** Told without a page open: a real server, its real job, and a push service that is a server of its own. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, TestApp, type Person } from './harness.ts';
import { Browser, claimsOf, PushService } from './push-service.ts';

let app: TestApp;
let service: PushService;
let olga: Person;
let board: string;
let room: string;

beforeAll(async () => {
  app = await TestApp.start({ PUSH_PRIVATE_ENDPOINTS: 'true' });
  service = await PushService.start();
  olga = await app.setUp();
  board = await app.board(olga);
  room = await app.room(olga, board, 'Kitchen');
});

afterAll(async () => {
  await app.stop();
  await service.stop();
});

const say = (text: string) => app.ok(olga, 'POST', `/rooms/${room}/messages`, { text });
const came = (path: string, count = 1) =>
  eventually(
    () => Promise.resolve(service.at(path)),
    (taken) => taken.length >= count,
    45_000,
  );
const left = (person: Person) => app.parts.services.store.push.ofUser(person.id, Date.now());
const waiting = () => app.parts.services.store.jobs.nextAt(['push']);

async function subscriber(name: string): Promise<{ person: Person; browser: Browser; path: string }> {
  const person = await app.join(olga, board, name, 'member');
  const path = `/${name}`;
  const browser = new Browser(service.url + path);
  await app.ok(person, 'POST', '/push/subscriptions', browser.subscription);
  return { person, browser, path };
}

test('[H40] a mention reaches the browser: readable by it alone, signed by this server, of one length', async () => {
  const { browser, path } = await subscriber('anna');
  const { key } = await app.ok<{ key: string }>(olga, 'GET', '/push/key');
  await say('@anna the soup is ready');
  const [first] = await came(path);
  await say('@anna really');
  const [, second] = await came(path, 2);
  if (first === undefined || second === undefined) throw new Error('unreachable');
  const message = JSON.parse(browser.read(first.body)) as Record<string, unknown>;
  expect(message).toMatchObject({
    title: 'Olga Owner mentioned you in Kitchen',
    body: '@anna the soup is ready',
    board,
    conversation: `room/${room}`,
    volume: 1,
  });
  expect(first.body.includes('soup')).toBe(false);
  expect(first.body.length).toBe(second.body.length);
  expect(() => new Browser('http://x').read(first.body)).toThrow();
  expect(first.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '86400', urgency: 'high' });
  expect(claimsOf(first.headers.authorization ?? '', key)).toMatchObject({ aud: service.url });
});

test('[H40] of a private room it says the name, which no board’s document holds', async () => {
  const { person, browser, path } = await subscriber('hana');
  const { id } = await app.ok<{ id: string }>(olga, 'POST', `/boards/${board}/rooms`, {
    name: 'Pantry',
    private: true,
  });
  await app.ok(olga, 'PUT', `/rooms/${id}/members/${person.id}`);
  await app.ok(olga, 'POST', `/rooms/${id}/messages`, { text: '@hana between us' });
  const [first] = await came(path);
  expect(JSON.parse(browser.read(first?.body ?? Buffer.alloc(0)))).toMatchObject({
    title: 'Olga Owner mentioned you in Pantry',
    conversation: `room/${id}`,
  });
});

test('[H42] what has been read by then is not sent', async () => {
  const { person, path } = await subscriber('ben');
  await say('@ben look at this');
  const { items } = await eventually(
    () => app.ok(person, 'GET', '/notifications'),
    ({ items }) => items.length === 1,
  );
  await app.ok(person, 'POST', `/notifications/${items[0]?.id}/read`);
  await eventually(waiting, (at) => at === null, 45_000);
  expect(service.at(path)).toEqual([]);
});

test('[H42] a push service that is busy is asked again when it says; one that does not know the browser, never', async () => {
  const busy = await subscriber('cora');
  const gone = await subscriber('dora');
  service.answers.set(busy.path, [{ status: 429, headers: { 'retry-after': '7' } }, { status: 201 }]);
  service.answers.set(gone.path, [{ status: 410 }]);
  await say('@cora @dora are you there');
  const [first, second] = await came(busy.path, 2);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(7_000);
  await eventually(waiting, (at) => at === null);
  expect([service.at(busy.path).length, service.at(gone.path).length]).toEqual([2, 1]);
  expect([(await left(busy.person)).length, (await left(gone.person)).length]).toEqual([1, 0]);
});

test('[H41] a redirect is not followed', async () => {
  const { person, path } = await subscriber('eva');
  service.answers.set(path, [{ status: 302, headers: { location: `${service.url}/elsewhere` } }]);
  await say('@eva hello');
  await came(path);
  await eventually(waiting, (at) => at === null);
  expect([service.at(path).length, service.at('/elsewhere').length]).toEqual([1, 0]);
  expect(await left(person)).toHaveLength(1);
});

test('[H40] a subscription is its session’s, and ends with it', async () => {
  const { person, browser } = await subscriber('finn');
  const other = await app.signIn('finn');
  const second = new Browser(`${service.url}/finn-2`);
  await app.ok(other, 'POST', '/push/subscriptions', second.subscription);
  expect(await left(person)).toHaveLength(2);
  await app.ok(person, 'POST', '/push/subscriptions', browser.subscription);
  expect(await left(person)).toHaveLength(2);
  await app.ok(person, 'DELETE', '/push/subscriptions');
  await app.ok(person, 'DELETE', '/push/subscriptions');
  expect((await left(person)).map(({ endpoint }) => endpoint)).toEqual([second.endpoint]);
  await app.ok(other, 'DELETE', '/session');
  expect(await left(person)).toEqual([]);
});

test('[H40] of a person the newest twenty are kept', async () => {
  const person = await app.join(olga, board, 'gina', 'member');
  for (let n = 0; n < 22; n++) {
    const session = await app.signIn('gina');
    await app.ok(session, 'POST', '/push/subscriptions', new Browser(`${service.url}/gina-${n}`).subscription);
  }
  const kept = (await left(person)).map(({ endpoint }) => endpoint);
  expect(kept).toHaveLength(20);
  expect(kept).not.toContain(`${service.url}/gina-0`);
  expect(kept).toContain(`${service.url}/gina-21`);
});

test.each([
  ['no address', { endpoint: 'nowhere' }],
  ['a file', { endpoint: 'file:///etc/passwd' }],
  ['a short key', { keys: { p256dh: 'AAAA', auth: 'a'.repeat(22) } }],
  ['a short secret', { keys: { p256dh: 'B'.repeat(87), auth: 'a' } }],
  ['one field more', { expirationTime: null }],
  ['somebody else’s session', { session: 'x' }],
])('[H41] refused: %s', async (_what, over) => {
  const body = { ...new Browser(`${service.url}/x`).subscription, ...over };
  expect((await app.call(olga, 'POST', '/push/subscriptions', body)).status).toBe(400);
});

test('[H42] a key that is no point of the curve is dropped when it is first used', async () => {
  const person = await app.join(olga, board, 'hugo', 'member');
  const keys = { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) };
  await app.ok(person, 'POST', '/push/subscriptions', { endpoint: `${service.url}/hugo`, keys });
  await say('@hugo hello');
  await eventually(
    () => left(person),
    (rows) => rows.length === 0,
    45_000,
  );
  expect(service.at('/hugo')).toEqual([]);
});

test('[H40] the key of the server stays through a restart of its parts', async () => {
  const { store } = app.parts.services;
  const { key } = await app.ok<{ key: string }>(olga, 'GET', '/push/key');
  const kept = await store.push.vapid({ publicKey: 'other', privateKey: 'other' });
  expect(kept.publicKey).toBe(key);
});
