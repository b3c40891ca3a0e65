import 'fake-indexeddb/auto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addCard, addColumn, readBoard, readRooms } from '../../src/lib/model/board.ts';
import { readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { askBoard, askRoom } from '../../src/lib/model/asks.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { SyncClient } from '../../src/lib/sync/client.ts';
import { change, type OpenDocument } from '../../src/lib/sync/documents.svelte.ts';
import { serverApi } from '../../src/lib/sync/server-api.ts';
import { call, join, makeBoard, makeRoom, request, setUp, type Person } from '../harness/people.ts';
import { TestServer } from '../harness/server.ts';
import { Proxy } from '../sync/proxy.ts';
import { eventually, pause, polled, seeded } from './harness.ts';

/** The whole way: this client, the real server as its own process, its embedded database. */
let server: TestServer;
let owner: Person;
let board: string;
let names = 0;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  server = await TestServer.start();
  owner = await setUp(server);
  board = await makeBoard(server, owner);
}, 120_000);

afterAll(() => server.dispose());

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function member(role: 'member' | 'viewer' = 'member'): Promise<Person> {
  names += 1;
  return join(server, owner, board, `person${names}`, `Person ${names}`, role);
}

function device(person: Person, origin = server.url): SyncClient {
  const { id, seq, username, name, token } = person;
  const endpoint = { base: '', origin, token, fetch };
  const me = { id, seq, username, name, admin: false, session: token };
  const client = new SyncClient(me, endpoint, serverApi(endpoint), { signedOut: () => undefined });
  ends.push(() => client.close());
  return client;
}

async function room(): Promise<{ id: string; name: string }> {
  names += 1;
  const id = await makeRoom(server, owner, board, `Room ${names}`);
  return { id, name: `room/${id}/1` };
}

const texts = (open: OpenDocument): string[] =>
  readVolume(open.doc).messages.map(({ body }) => (body.kind === 'message' ? body.text : ''));

async function listed(id: string): Promise<string[]> {
  const page = await call<{ items: { text: string }[] }>(server, owner, 'GET', `/rooms/${id}/messages?limit=200`);
  return page.items.map((item) => item.text).reverse();
}

describe('with the real server', () => {
  test('[L2] through connections cut at random, everything arrives once, in one order', async () => {
    const random = seeded(7);
    const { id, name } = await room();
    const { proxy, url } = await Proxy.to(server.url);
    ends.push(() => proxy.close());
    const people = [device(await member(), url.replace(/\/$/, '')), device(await member(), url.replace(/\/$/, ''))];
    const opens = people.map((client) => client.documents.open(name));
    let storm = true;
    const weather = (async () => {
      while (storm) {
        await pause(random() * 500);
        proxy.cut();
        await pause(random() * 80);
        proxy.mend();
      }
    })();
    await Promise.all(
      opens.map(async (open, person) => {
        for (let n = 0; n < 60; n += 1) {
          change(open, (doc) => sendMessage(doc, people[person]!.me.id, { text: `${person}-${n}` }));
          await pause(random() * 60);
        }
      }),
    );
    storm = false;
    await weather;
    await eventually('sent', () => opens.every((open) => open.sent), 30_000);
    await polled('alike', () => texts(opens[0]!).join() === texts(opens[1]!).join() && texts(opens[0]!).length === 120);
    expect(await listed(id)).toEqual(texts(opens[0]!));
    for (const person of [0, 1]) {
      const own = texts(opens[0]!).filter((text) => text.startsWith(`${person}-`));
      expect(own).toEqual(Array.from({ length: 60 }, (_, n) => `${person}-${n}`));
    }
    expect(people.map((client) => [client.outbox.waiting, client.asides.items.length])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('[L2] killed the moment it is said, the server still has it', async () => {
    const { id, name } = await room();
    const client = device(await member());
    const open = client.documents.open(name);
    for (let round = 0; round < 4; round += 1) {
      for (let n = 0; n < 5; n += 1) {
        change(open, (doc) => sendMessage(doc, client.me.id, { text: `${round}-${n}` }));
        await pause(3);
      }
      await eventually('sent', () => open.sent, 30_000);
      await server.kill();
      await server.start();
      expect((await listed(id)).length).toBe((round + 1) * 5);
    }
  });

  test('[L6] a board, a room, a card and words in them, all made offline, arrive when the server is back', async () => {
    const person = await member();
    const { proxy, url } = await Proxy.to(server.url);
    ends.push(() => proxy.close());
    const client = device(person, url.replace(/\/$/, ''));
    await eventually('synced', () => client.inbox.remote.kind === 'synced');
    proxy.cut();
    await eventually('offline', () => client.socket.state.kind !== 'online');
    const made = change(client.inbox, (doc) => askBoard(doc, 'Made offline'))!;
    const talk = change(client.inbox, (doc) => askRoom(doc, made, 'Talk'))!;
    const [b, r] = [client.documents.open(`board/${made}`), client.documents.open(`room/${talk}/1`)];
    const column = change(b, (doc) => addColumn(doc, person.id, 'To do'))!;
    const card = change(b, (doc) => addCard(doc, person.id, column, 'Pack'))!;
    const t = client.documents.open(`task/${card}/1`);
    change(r, (doc) => sendMessage(doc, person.id, { text: 'in the room' }));
    change(t, (doc) => sendMessage(doc, person.id, { text: 'on the card' }));
    await eventually('saved', () => [b, r, t].every((open) => open.saved));
    expect(client.outbox.waiting).toBe(6);
    for (const open of [b, r, t]) open.release();
    proxy.mend();
    await eventually('nothing waits', () => client.outbox.waiting === 0, 30_000);
    expect(client.asides.items).toEqual([]);
    expect(readInbox(client.inbox.doc).asks).toEqual([]);
    const other = device(person);
    const [b2, r2, t2] = [b, r, t].map((open) => other.documents.open(open.name)) as [
      OpenDocument,
      OpenDocument,
      OpenDocument,
    ];
    await eventually('synced', () => [b2, r2, t2].every((open) => open.remote.kind === 'synced'));
    expect(readBoard(b2.doc).columns.map(({ cards }) => cards.map(({ title }) => title))).toEqual([['Pack']]);
    expect(readRooms(b2.doc).map((one) => one.name)).toEqual(['Talk']);
    expect([texts(r2), texts(t2)]).toEqual([['in the room'], ['on the card']]);
  });

  test('[L8] what this person may see is on the device before it is opened', async () => {
    const { id, name } = await room();
    await call(server, owner, 'POST', `/rooms/${id}/messages`, { text: 'before the storm' });
    const person = await member();
    const { proxy, url } = await Proxy.to(server.url);
    ends.push(() => proxy.close());
    const client = device(person, url.replace(/\/$/, ''));
    await eventually('freshened', () => client.freshener.done, 30_000);
    proxy.cut();
    const open = client.documents.open(name);
    await eventually('from the device', () => open.local.kind === 'ready');
    expect(open.onDevice).toBe(true);
    expect(texts(open)).toEqual(['before the storm']);
  });

  test('[L9] a viewer’s words are refused, kept with the reason, and the room comes afresh', async () => {
    const { name } = await room();
    const client = device(await member('viewer'));
    const open = client.documents.open(name);
    await eventually('synced', () => open.remote.kind === 'synced');
    change(open, (doc) => sendMessage(doc, client.me.id, { text: 'may I?' }));
    await eventually('kept', () => client.asides.items.length === 1);
    expect(client.asides.items[0]!.text).toEqual(['may I?']);
    await eventually('afresh', () => open.remote.kind === 'synced' && open.sent);
    expect(texts(open)).toEqual([]);
  });

  test('[L10] who is removed loses the board, its rooms and tasks from the device, within two seconds', async () => {
    const { id, name } = await room();
    await call(server, owner, 'POST', `/rooms/${id}/messages`, { text: 'secret' });
    const person = await member();
    const client = device(person);
    const [b, r] = [client.documents.open(`board/${board}`), client.documents.open(name)];
    await eventually('synced', () => [b, r].every((open) => open.remote.kind === 'synced' && open.saved));
    expect(texts(r)).toEqual(['secret']);
    const answer = await request(server, owner, 'DELETE', `/boards/${board}/members/${person.id}`);
    expect(answer.ok).toBe(true);
    await polled('gone', () => texts(r).length === 0 && readBoard(b.doc).columns.length === 0, 2_500);
    await polled('absent', () => b.remote.kind === 'absent' && r.remote.kind === 'absent');
    expect([b.onDevice, r.onDevice]).toEqual([false, false]);
  });
});
