import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { addColumn } from '../../src/lib/model/board.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { askBoard } from '../../src/lib/model/asks.ts';
import { saveDraft } from '../../src/lib/model/inbox.ts';
import { markRead } from '../../src/lib/model/inbox-acts.ts';
import type { SyncClient } from '../../src/lib/sync/client.ts';
import { change } from '../../src/lib/sync/documents.svelte.ts';
import { eventually, pause, polled, seeded, tab } from './harness.ts';
import { LogServer, type TestPerson } from './log-server.ts';

let server: LogServer;
let anna: TestPerson;
const clients: SyncClient[] = [];

beforeEach(async () => {
  server = await LogServer.start();
  // Each test is another person, because they share one IndexedDB.
  anna = server.person(Math.floor(Math.random() * 1_000_000) + 1);
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.close();
});

function open(person: TestPerson = anna): SyncClient {
  const client = tab(server, person);
  clients.push(client);
  return client;
}

describe('waiting', () => {
  test('[L5] counts what people do, in every document, and survives a reload without the server', async () => {
    server.kill();
    const first = open();
    const room = first.documents.open(`room/${newId()}/1`);
    const board = first.documents.open(`board/${newId()}`);
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'one' }));
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'two' }));
    change(board, (doc) => addColumn(doc, anna.id, 'To do'));
    expect(first.outbox.waiting).toBe(3);
    await eventually('saved', () => room.saved && board.saved);
    await first.close();
    const second = open();
    await eventually('known again', () => second.outbox.waiting === 3);
    expect(second.documents.open(room.name).sent).toBe(false);
  });

  test('[C10] words written in the moment in which their document opens come after those that wait', async () => {
    server.kill();
    const first = open();
    const room = first.documents.open(`room/${newId()}/1`);
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'earlier' }, { now: Date.now() + 9e7 }));
    await eventually('saved', () => room.saved);
    await first.close();
    const second = open();
    await eventually('known again', () => second.outbox.waiting === 1);
    const again = second.documents.open(room.name);
    change(again, (doc) => sendMessage(doc, anna.id, { text: 'later' }));
    await eventually('read', () => again.local.kind === 'ready');
    const texts = readVolume(again.doc).messages.map(({ body }) => (body.kind === 'message' ? body.text : ''));
    expect(texts).toEqual(['earlier', 'later']);
  });

  test('[L5] read marks, drafts and settings wait too, but nobody counts them; an ask counts', async () => {
    server.kill();
    const client = open();
    change(client.inbox, (doc) => saveDraft(doc, `room/${newId()}`, 'half a thought'));
    change(client.inbox, (doc) => markRead(doc, `room/${newId()}`, 7));
    expect(client.outbox.waiting).toBe(0);
    expect(client.inbox.sent).toBe(false);
    change(client.inbox, (doc) => askBoard(doc, 'Launch'));
    expect(client.outbox.waiting).toBe(1);
    server.revive();
    await eventually('sent', () => client.inbox.sent);
    expect(client.outbox.waiting).toBe(0);
  });

  test('[L6] documents that nobody has open any more are sent once the server is back', async () => {
    const client = open();
    await eventually('online', () => client.socket.state.kind === 'online');
    server.kill();
    await eventually('offline', () => client.socket.state.kind === 'offline');
    const names = Array.from({ length: 15 }, () => `room/${newId()}/1`);
    for (const name of names) {
      const room = client.documents.open(name);
      change(room, (doc) => sendMessage(doc, anna.id, { text: `in ${name}` }));
      await eventually('saved', () => room.saved);
      room.release();
    }
    await client.close();
    server.revive();
    const next = open();
    await eventually('nothing waits', () => next.inbox.remote.kind === 'synced' && next.outbox.waiting === 0);
    for (const name of names) expect(server.log(name).getMap('m').size).toBe(1);
    await polled('closed again', () => next.documents.all().length === 1);
  });

  test('[L6] a document that the server does not know yet is tried again, sooner when the inbox changes', async () => {
    const client = open();
    const name = `room/${newId()}/1`;
    server.hidden.add(name);
    const room = client.documents.open(name);
    await eventually('absent', () => room.remote.kind === 'absent');
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'first' }));
    // Long enough that the next try by itself is seconds away.
    await pause(4_000);
    expect(room.sent).toBe(false);
    server.hidden.delete(name);
    const before = Date.now();
    await server.write(client.inbox.name, (doc) => doc.getMap('asked').set(`room/${name.split('/')[1]}`, { ok: 1 }));
    await eventually('sent', () => room.sent);
    expect(Date.now() - before).toBeLessThan(1_500);
    expect(server.log(name).getMap('m').size).toBe(1);
  });

  test('[L6] words for a room that nothing here knows of are kept aside once nobody has made it for a minute', async () => {
    const client = open();
    const name = `room/${newId()}/1`;
    server.hidden.add(name);
    const room = client.documents.open(name);
    await eventually('absent', () => room.remote.kind === 'absent');
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'after I was removed' }));
    await eventually('may appear', () => room.remote.kind === 'connecting');
    const steady = performance.now.bind(performance);
    let ahead = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => steady() + ahead);
    try {
      const denied = async (): Promise<void> => {
        await pause(1_500);
        ahead += 30_000;
        await server.write(client.inbox.name, (doc) => doc.getMap('prefs').set('size', Math.random()));
      };
      await denied();
      expect(client.asides.items).toEqual([]);
      for (let i = 0; i < 4 && client.asides.items.length === 0; i++) await denied();
      await eventually('kept aside', () => client.asides.items.length === 1);
    } finally {
      clock.mockRestore();
    }
    expect(client.asides.items[0]).toMatchObject({ name, reason: 'not-found', text: ['after I was removed'] });
    expect(client.outbox.waiting).toBe(0);
  });

  test('[L7] two tabs agree at once without the server, and count each change once', async () => {
    server.kill();
    const [one, two] = [open(), open()];
    const name = `room/${newId()}/1`;
    const [a, b] = [one.documents.open(name), two.documents.open(name)];
    change(a, (doc) => sendMessage(doc, anna.id, { text: 'from one' }));
    change(b, (doc) => sendMessage(doc, anna.id, { text: 'from two' }));
    await polled('both have both', () => a.doc.getMap('m').size === 2 && b.doc.getMap('m').size === 2);
    await polled('both count both', () => one.outbox.waiting === 2 && two.outbox.waiting === 2);
    await eventually('saved', () => a.saved && b.saved);
    // The tab that made a change is gone: the other sends it, and it ceases to wait.
    await one.close();
    server.revive();
    await eventually('sent', () => b.sent && two.outbox.waiting === 0);
    expect(server.log(name).getMap('m').size).toBe(2);
    const third = open();
    await third.ready;
    expect(third.outbox.waiting).toBe(0);
  });

  test('[L7] a tab that opens a document later gets what another has not stored', async () => {
    server.kill();
    const [one, two] = [open(), open()];
    const name = `room/${newId()}/1`;
    const a = one.documents.open(name);
    await eventually('ready', () => a.local.kind === 'ready');
    change(a, (doc) => sendMessage(doc, anna.id, { text: 'just now' }));
    const b = two.documents.open(name);
    await polled('there', () => b.doc.getMap('m').size === 1);
  });

  test('[L8] what the server lists is on the device before anyone looks, and is there without it', async () => {
    const names = Array.from({ length: 6 }, () => `room/${newId()}/1`);
    for (const [index, name] of names.entries()) {
      await server.write(name, (doc) => doc.getMap('log').set('1', [`${index}`, index]));
      server.heads.set(name, index + 1);
    }
    const first = open();
    await first.ready;
    await polled('all here', () => names.every((name) => (first.row(name)?.rev ?? 0) > 0));
    await polled('none open', () => first.documents.all().length === 1);
    await first.close();
    server.kill();
    const second = open();
    for (const name of names) {
      const room = second.documents.open(name);
      await eventually('from the device', () => room.local.kind === 'ready');
      expect(room.onDevice).toBe(true);
      expect(room.doc.getMap('log').size).toBe(1);
    }
    const never = second.documents.open(`room/${newId()}/1`);
    await eventually('ready', () => never.local.kind === 'ready');
    expect(never.onDevice).toBe(false);
  });

  test('[L8] what is open and still on its way is waited for before everything is said to be here', async () => {
    const [room, other] = [`room/${newId()}/1`, `room/${newId()}/1`];
    for (const name of [room, other]) {
      await server.write(name, (doc) => doc.getMap('log').set('1', ['', 1]));
      server.heads.set(name, 1);
    }
    const { promise: opened, resolve: letIn } = Promise.withResolvers<void>();
    server.opens = (name) => (name === room ? opened : Promise.resolve());
    const client = open();
    client.documents.open(room);
    await polled('the other one here', () => client.row(other)?.rev === 1);
    expect(client.freshener.done).toBe(false);
    letIn();
    await polled('all here', () => client.freshener.done);
  });

  test('[L16] what is deleted from a document that the server does not list leaves this device too', async () => {
    const name = `room/${newId()}/1`;
    await server.write(name, (doc) => doc.getMap('m').set('a', 'canary'));
    const first = open();
    await first.ready;
    const room = first.documents.open(name);
    await polled('here', () => room.doc.getMap('m').size === 1 && room.saved);
    room.release();
    await first.close();
    await server.write(name, (doc) => doc.getMap('m').delete('a'));
    server.unlisted.set(name, 2);
    const second = open();
    await second.ready;
    await polled('brought up to date', () => second.row(name)?.rev === 2);
    await second.close();
    server.kill();
    const third = open();
    const again = third.documents.open(name);
    await eventually('ready', () => again.local.kind === 'ready');
    expect(again.doc.getMap('m').size).toBe(0);
  });

  test.each([1, 2, 3])(
    '[L5] tabs come and go, the server too: all arrives, and nothing waits for ever (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const names = Array.from({ length: 4 }, () => `room/${newId()}/1`);
      const wanted = new Map(names.map((name) => [name, new Set<string>()]));
      let tabs = [open(), open()];
      server.commitMs = () => random() * 20;
      for (let step = 0; step < 120; step += 1) {
        const client = tabs[Math.floor(random() * tabs.length)]!;
        const roll = random();
        if (roll < 0.7) {
          const room = client.documents.open(names[Math.floor(random() * names.length)]!);
          // People act on what they see, and see what is on the device.
          await eventually('ready', () => room.local.kind === 'ready');
          change(room, (doc) => wanted.get(room.name)!.add(sendMessage(doc, anna.id, { text: `${seed}-${step}` })));
          await eventually('saved', () => room.saved);
          if (random() < 0.5) room.release();
        } else if (roll < 0.8) {
          tabs = tabs.filter((other) => other !== client);
          await client.close();
          tabs.push(open());
        } else if (roll < 0.9) server.drop();
        else if (roll < 0.95) server.kill();
        else server.revive();
        await pause(random() * 15);
      }
      server.revive();
      await polled('nothing waits', () => tabs.every((client) => client.outbox.names.length === 0), 30_000);
      for (const [name, slots] of wanted) {
        const logged = new Set(Object.keys(server.log(name).getMap('m').toJSON()));
        expect([...slots].filter((slot) => !logged.has(`m/${slot}`))).toEqual([]);
      }
      await pause(50);
      const last = open();
      await last.ready;
      expect(last.outbox.names).toEqual([]);
    },
  );
});
