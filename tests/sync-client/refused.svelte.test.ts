import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sendMessage, readVolume } from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import type { SyncClient } from '../../src/lib/sync/client.ts';
import { change } from '../../src/lib/sync/documents.svelte.ts';
import { Live } from '../../src/lib/sync/live.svelte.ts';
import { eventually, pause, polled, tab } from './harness.ts';
import { LogServer, type TestPerson } from './log-server.ts';

let server: LogServer;
let anna: TestPerson;
const clients: SyncClient[] = [];

beforeEach(async () => {
  server = await LogServer.start();
  anna = server.person(Math.floor(Math.random() * 1_000_000) + 1);
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.close();
});

function open(onSignedOut?: () => void): SyncClient {
  const client = tab(server, anna, onSignedOut);
  clients.push(client);
  return client;
}

const has = (update: Uint8Array, text: string): boolean => new TextDecoder().decode(update).includes(text);

describe('refused', () => {
  test('[L9] the words are kept with the reason, the document comes afresh, and Live follows', async () => {
    server.refuse = (_name, _person, update) => (has(update, 'poison') ? 'refused:bad-value' : null);
    const client = open();
    const room = client.documents.open(`room/${newId()}/1`);
    await eventually('synced', () => room.remote.kind === 'synced');
    const live = new Live(room, readVolume, ['m', 'mod', 'log', 'meta']);
    const seen: string[][] = [];
    const stop = $effect.root(() => {
      $effect(() => {
        seen.push(live.current.messages.map(({ body }) => (body.kind === 'message' ? body.text : '')));
      });
    });
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'good' }));
    await eventually('sent', () => room.sent);
    const before = room.doc;
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'poison' }));
    await eventually('kept aside', () => client.asides.items.length === 1);
    await eventually('afresh', () => room.doc !== before && room.remote.kind === 'synced');
    expect(client.asides.items[0]).toMatchObject({ name: room.name, reason: 'bad-value', text: ['poison'] });
    await polled('Live shows what is left', () => seen.at(-1)?.join() === 'good');
    expect(client.outbox.waiting).toBe(0);
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'good again' }));
    await eventually('sent', () => room.sent);
    await polled('Live follows the new copy', () => seen.at(-1)?.join() === 'good,good again');
    stop();
    // And nothing of it comes back from the device.
    await client.close();
    const next = open();
    const again = next.documents.open(room.name);
    await eventually('ready', () => again.local.kind === 'ready' && again.remote.kind === 'synced');
    expect(again.doc.getMap('m').size).toBe(2);
    expect(next.asides.items.map((item) => item.text)).toEqual([['poison']]);
    await next.asides.discard(next.asides.items[0]!.id);
    expect(next.asides.items).toEqual([]);
  });

  test('[L9] written offline: refused when the server is back, and kept', async () => {
    server.refuse = () => 'refused:read-only';
    server.kill();
    const client = open();
    const room = client.documents.open(`room/${newId()}/1`);
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'too late for this' }));
    await eventually('saved', () => room.saved);
    server.refuse = (_name, _person, update) => (update.length > 2 ? 'refused:read-only' : null);
    server.revive();
    await eventually('kept aside', () => client.asides.items.length === 1);
    expect(client.asides.items[0]).toMatchObject({ reason: 'read-only', text: ['too late for this'] });
    await eventually('afresh', () => room.remote.kind === 'synced' && room.sent);
    expect(room.doc.getMap('m').size).toBe(0);
  });

  test('[L9] with two tabs the words are kept once, and neither brings them back', async () => {
    server.refuse = (_name, _person, update) => (has(update, 'poison') ? 'refused:quota' : null);
    const [one, two] = [open(), open()];
    const name = `room/${newId()}/1`;
    const [a, b] = [one.documents.open(name), two.documents.open(name)];
    await eventually('synced', () => a.remote.kind === 'synced' && b.remote.kind === 'synced');
    change(a, (doc) => sendMessage(doc, anna.id, { text: 'good' }));
    change(a, (doc) => sendMessage(doc, anna.id, { text: 'poison' }));
    await eventually('kept', () => one.asides.items.length === 1);
    await polled('both afresh', () => [a, b].every((open) => open.remote.kind === 'synced' && open.sent));
    change(b, (doc) => sendMessage(doc, anna.id, { text: 'after' }));
    await polled('both have it', () => [a, b].every((open) => JSON.stringify(open.doc.getMap('m')).includes('after')));
    for (const open of [a, b]) expect(JSON.stringify(open.doc.getMap('m'))).not.toContain('poison');
    await pause(300);
    expect(one.asides.items).toHaveLength(1);
    expect(two.asides.items).toHaveLength(1);
    expect(one.outbox.waiting + two.outbox.waiting).toBe(0);
  });

  test('[L9] what is written before the catalog has been read goes into the living copy', async () => {
    server.refuse = (_name, _person, update) => (has(update, 'poison') ? 'refused:bad-value' : null);
    const name = `room/${newId()}/1`;
    const first = open();
    change(first.documents.open(name), (doc) => sendMessage(doc, anna.id, { text: 'poison' }));
    await eventually('kept aside', () => first.asides.items.length === 1);
    await eventually('afresh', () => first.documents.open(name).remote.kind === 'synced');
    await first.close();
    server.kill();
    const second = open();
    const room = second.documents.open(name);
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'at once' }));
    await eventually('saved', () => room.saved && room.local.kind === 'ready');
    await second.close();
    const third = open().documents.open(name);
    await eventually('ready', () => third.local.kind === 'ready');
    expect(readVolume(third.doc).messages.map(({ body }) => body)).toMatchObject([{ text: 'at once' }]);
  });

  test('[L9] a server that refuses everything is not asked in circles', async () => {
    server.refuse = (name) => (name.startsWith('room') ? 'refused:malformed' : null);
    const client = open();
    const room = client.documents.open(`room/${newId()}/1`);
    await pause(3_000);
    // It is tried again now and then, and for that moment the document has come.
    await eventually('said', () => room.remote.kind === 'refused' && room.remote.reason === 'malformed');
    expect(client.asides.items.length).toBeLessThanOrEqual(1);
  });

  test('[L9] what is written while a document is refused again and again is kept aside too', async () => {
    server.refuse = (name) => (name.startsWith('room') ? 'refused:archived' : null);
    const client = open();
    const room = client.documents.open(`room/${newId()}/1`);
    await eventually('refused once more', () => room.remote.kind === 'refused');
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'in between' }));
    await eventually('kept aside', () => client.asides.items.some(({ text }) => text.includes('in between')));
    await polled('nothing waits', () => client.outbox.names.length === 0 && room.sent);
    const texts = client.asides.items.flatMap(({ text }) => text);
    expect(texts).toEqual(['in between']);
  });

  test('[L10] a board taken away leaves the device with its rooms and tasks; unsent words stay', async () => {
    const [board, room, task] = [newId(), newId(), newId()];
    const names = [`board/${board}`, `room/${room}/1`, `task/${task}`, `task/${task}/1`];
    await server.write(names[0]!, (doc) => {
      doc.getMap('rooms').set(room, { name: 'Talk', by: anna.id, at: 1 });
      doc.getMap('b').set('col/columncolumncolumn/title', 'To do');
      doc.getMap('b').set(`card/${task}/title`, 'Pack');
      doc.getMap('b').set(`card/${task}/by`, anna.id);
    });
    for (const name of names.slice(1)) await server.write(name, (doc) => doc.getMap('log').set('1', ['secret', 1]));
    const client = open();
    const opened = names.map((name) => client.documents.open(name));
    await eventually('synced', () => opened.every((open) => open.remote.kind === 'synced'));
    opened[3]!.release();
    server.commitMs = () => 60_000;
    change(opened[1]!, (doc) => sendMessage(doc, anna.id, { text: 'not yet there' }));
    await eventually('saved', () => opened[1]!.saved);
    for (const name of names) server.hidden.add(name);
    server.end(names[0]!, 'revoked');
    await eventually('kept', () => client.asides.items.length === 1);
    expect(client.asides.items[0]).toMatchObject({ name: names[1], reason: 'revoked', text: ['not yet there'] });
    await eventually('gone', () => opened.slice(0, 3).every((open) => open.remote.kind === 'absent' && !open.onDevice));
    for (const open of opened.slice(0, 3)) expect(open.doc.store.clients.size).toBe(0);
    await client.close();
    server.kill();
    const next = open();
    for (const name of names) {
      const again = next.documents.open(name);
      await eventually('ready', () => again.local.kind === 'ready');
      expect(again.doc.store.clients.size).toBe(0);
      expect(again.onDevice).toBe(false);
    }
  });

  test('[L10] who was removed while away loses the board once back, without opening it', async () => {
    const [board, room] = [newId(), newId()];
    const names = [`board/${board}`, `room/${room}/1`];
    await server.write(names[0]!, (doc) => doc.getMap('rooms').set(room, { name: 'Talk', by: anna.id, at: 1 }));
    await server.write(names[1]!, (doc) => doc.getMap('log').set('1', ['secret', 1]));
    const inbox = `inbox/${anna.id}`;
    await server.write(inbox, (doc) => doc.getMap('boards').set(board, { title: 'Launch', role: 'member' }));
    for (const name of names) server.heads.set(name, 1);
    const first = open();
    await polled('here', () => names.every((name) => first.row(name)?.rev === 1));
    await first.close();
    server.heads.clear();
    for (const name of names) server.hidden.add(name);
    await server.write(inbox, (doc) => doc.getMap('boards').delete(board));
    const second = open();
    await polled('gone', () => names.every((name) => second.row(name)?.onDevice === false));
    expect(second.asides.items).toEqual([]);
  });

  test('[L10] changes that wait in a board do not keep it on the device of who was removed while away', async () => {
    const [board, room] = [newId(), newId()];
    const names = [`board/${board}`, `room/${room}/1`];
    await server.write(names[0]!, (doc) => doc.getMap('rooms').set(room, { name: 'Talk', by: anna.id, at: 1 }));
    const inbox = `inbox/${anna.id}`;
    await server.write(inbox, (doc) => doc.getMap('boards').set(board, { title: 'Launch', role: 'member' }));
    const first = open();
    const opened = names.map((name) => first.documents.open(name));
    await eventually('here', () => opened.every((document) => document.remote.kind === 'synced'));
    server.kill();
    change(opened[0]!, (doc) => doc.getMap('b').set('col/columncolumncolumn/title', 'Too late'));
    change(opened[1]!, (doc) => sendMessage(doc, anna.id, { text: 'late too' }));
    await eventually('saved', () => opened.every((document) => document.saved));
    await first.close();
    for (const name of names) server.hidden.add(name);
    server.revive();
    await server.write(inbox, (doc) => doc.getMap('boards').delete(board));
    const second = open();
    await polled('gone', () => names.every((name) => second.row(name)?.onDevice === false));
    await polled('nothing waits', () => second.outbox.names.length === 0);
    const kept = second.asides.items.flatMap(({ text }) => text);
    expect(kept.sort()).toEqual(['Too late', 'late too']);
  });

  test('[L10] words in a task whose card was refused are kept for their writer, and wait no longer', async () => {
    const name = `task/${newId()}/1`;
    server.hidden.add(name);
    server.kill();
    const client = open();
    const thread = client.documents.open(name);
    change(thread, (doc) => sendMessage(doc, anna.id, { text: 'about the card' }));
    await eventually('saved', () => thread.saved);
    server.revive();
    await eventually('kept', () => client.asides.items.length === 1);
    expect(client.asides.items[0]).toMatchObject({ name, reason: 'not-found', text: ['about the card'] });
    await polled('nothing waits', () => client.outbox.names.length === 0);
  });

  test('[L11] the server ends the session: every tab hears, what is on the device stays', async () => {
    let heard = 0;
    const client = open(() => (heard += 1));
    const room = client.documents.open(`room/${newId()}/1`);
    change(room, (doc) => sendMessage(doc, anna.id, { text: 'kept' }));
    await eventually('sent', () => room.sent);
    server.signedOut.add(`token-${anna.seq}`);
    server.end(client.inbox.name, 'revoked');
    await polled('heard', () => heard > 0);
    await client.close();
    const next = open();
    const again = next.documents.open(room.name);
    await eventually('ready', () => again.local.kind === 'ready');
    expect(again.doc.getMap('m').size).toBe(1);
  });
});
