import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import type { SyncClient } from '../../src/lib/sync/client.ts';
import { presence } from '../../src/lib/sync/presence.svelte.ts';
import { Socket, TIMING } from '../../src/lib/sync/socket.svelte.ts';
import { current } from '../../src/lib/sync/current.svelte.ts';
import { eventually, polled, tab } from './harness.ts';
import { LogServer } from './log-server.ts';

let server: LogServer;
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  server = await LogServer.start();
});

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
  await server.close();
});

function open(n: number): SyncClient {
  const client = tab(server, server.person(n));
  ends.push(() => client.close());
  return client;
}

function socket(timing: Partial<typeof TIMING>, probe: () => void = () => undefined): Socket {
  const made = new Socket(`${server.origin.replace('http', 'ws')}/sync`, probe, { ...TIMING, watch: 20, ...timing });
  ends.push(() => made.close());
  return made;
}

describe('connection', () => {
  test('[L12] offline within two seconds of the server going, online within two of its return', async () => {
    const client = open(11);
    await eventually('online', () => client.socket.state.kind === 'online');
    const began = Date.now();
    server.kill();
    await eventually('offline', () => client.socket.state.kind === 'offline', 2_000);
    expect(Date.now() - began).toBeLessThan(2_000);
    server.revive();
    await eventually('online', () => client.socket.state.kind === 'online', 2_000);
    expect(client.inbox.remote.kind).not.toBe('absent');
  });

  test('[L12] a short drop is not called offline', async () => {
    const client = open(12);
    await eventually('online', () => client.socket.state.kind === 'online');
    const seen: string[] = [];
    client.socket.onState(({ kind }) => seen.push(kind));
    server.drop();
    await polled('again', () => seen.includes('online'));
    expect(seen).toEqual(['connecting', 'online']);
  });

  test('[L12] a server that accepts and says nothing is not online, and is given up', async () => {
    const made = socket({ attempt: 60, firstRetry: 10, longestRetry: 20 });
    await polled('several attempts', () => server.sockets >= 3);
    expect(made.state.kind).toBe('offline');
  });

  test('[L12] a connection that has gone silent is asked, and dropped when it does not answer', async () => {
    const client = open(13);
    await eventually('online', () => client.socket.state.kind === 'online');
    let asked = 0;
    const made = socket({ silence: 40, answer: 40, attempt: 60_000 }, () => (asked += 1));
    // Heard once, then never again.
    made.transport.onMessage(new MessageEvent('message', { data: new Uint8Array([9]).buffer }));
    expect(made.state.kind).toBe('online');
    await eventually('dropped', () => made.state.kind !== 'online');
    expect(asked).toBe(1);
  });

  test('[L12] asking makes the server speak, however quiet the documents', async () => {
    const client = open(14);
    await eventually('synced', () => client.inbox.remote.kind === 'synced');
    const before = client.socket.transport.lastMessageReceived;
    await new Promise((resolve) => setTimeout(resolve, 10));
    client.inbox.probe();
    await polled('heard', () => client.socket.transport.lastMessageReceived > before);
  });
});

describe('typing', () => {
  test('[L15] is seen by others, ends at once when told, and is never one’s own', async () => {
    const [anna, ben] = [open(21), open(22)];
    const name = `room/${newId()}/1`;
    const [a, b] = [anna.documents.open(name), ben.documents.open(name)];
    await eventually('synced', () => a.remote.kind === 'synced' && b.remote.kind === 'synced');
    current.client = anna;
    const mine = presence(a);
    current.client = ben;
    const theirs = presence(b);
    current.client = null;
    mine.show(true);
    mine.touch();
    await polled('seen', () => theirs.typing.join() === anna.me.id);
    expect(mine.typing).toEqual([]);
    mine.stop();
    await polled('gone', () => theirs.typing.length === 0, 2_000);
    mine.destroy();
    theirs.destroy();
  });
});
