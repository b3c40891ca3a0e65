import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as encoding from 'lib0/encoding';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { adopt } from '../../src/lib/model/client-ids.ts';
import { readVolume, sendMessage } from '../../src/lib/model/conversation.ts';
import { TYPE } from '../../server/sync/frames.ts';
import { Bucket, Buckets } from '../../server/sync/rate.ts';
import { Socket } from '../../server/sync/socket.ts';
import { World, type Person } from './world.ts';

let world: World;
let ada: Person;
let bob: Person;
let board: string;
let name: string;

beforeAll(async () => {
  world = await World.open({ rate: { burst: 200_000, perSecond: 400_000 } });
  ada = await world.person('ada');
  bob = await world.person('bob');
  board = await world.board(ada, [bob]);
});
afterAll(() => world.close());
beforeEach(async () => {
  name = `room/${await world.room(board, ada)}/1`;
});

const count = (doc: Y.Doc): number => readVolume(doc).messages.length;

describe('frames', () => {
  test('[S33] what is not addressed to a document one has asked for goes nowhere', async () => {
    const b = await world.open(bob, name);
    const other = `room/${await world.room(board, ada)}/1`;
    for (const address of [other, '__proto__', 'constructor', `${name}\0__proto__x`, 'x'.repeat(200), '房间']) {
      b.send(
        0,
        (encoder) => {
          encoding.writeVarUint(encoder, 0);
          encoding.writeVarUint8Array(encoder, new Uint8Array([0]));
        },
        address,
      );
    }
    b.send(5, (encoder) => {
      encoding.writeVarString(encoder, 'stateless');
    });
    sendMessage(b.doc, bob.id, { text: 'still served' });
    await b.saved();
    expect(world.sync.stats().documents).toBe(1);
    b.drop();
  });

  test('[S33] text, nonsense and unknown types close the socket, and nobody else notices', async () => {
    const a = await world.open(ada, name);
    const wrongs: (Uint8Array | string)[] = ['text', new Uint8Array([]), new Uint8Array([255, 255, 255])];
    for (const wrong of wrongs) {
      const b = await world.open(bob, name);
      b.sendRaw(wrong);
      await b.until(() => b.closed !== null);
      expect(b.closed?.code).toBe(1003);
    }
    for (const type of [6, 9, 42]) {
      const b = await world.open(bob, name);
      b.send(type, () => undefined);
      await b.until(() => b.closed !== null);
    }
    sendMessage(a.doc, ada.id, { text: 'unharmed' });
    await a.saved();
    a.drop();
  });

  test('[S33] awareness of a megabyte is not read', async () => {
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    b.sendAwareness([[b.doc.clientID, { blob: 'x'.repeat(100_000) }]]);
    b.sendAwareness([[b.doc.clientID, { typing: 1 }]]);
    await a.until(() => a.awareness.getStates().size > 0);
    expect([...a.awareness.getStates().values()]).toEqual([{ user: bob.id, typing: 1 }]);
    a.drop();
    b.drop();
  });
});

describe('pace', () => {
  test('[S32] a bucket gives what it holds, then what comes back', () => {
    let now = 0;
    const bucket = new Bucket({ burst: 100, perSecond: 10 }, () => now);
    expect(bucket.take(100)).toBe(0);
    expect(bucket.take(20)).toBe(2_000);
    now = 2_000;
    expect(bucket.take(0)).toBe(0);
    expect(bucket.full).toBe(false);
    now = 60_000;
    expect(bucket.full).toBe(true);
    const buckets = new Buckets({ burst: 1, perSecond: 1 }, () => now);
    expect(buckets.of('a')).toBe(buckets.of('a'));
    expect(buckets.of('a')).not.toBe(buckets.of('b'));
  });

  test('[S32] who sends too fast is read later, loses nothing, and keeps nobody else waiting', async () => {
    const a = await world.open(ada, name);
    const b = await world.open(bob, name);
    const before = performance.now();
    for (let i = 0; i < 60; i++) sendMessage(b.doc, bob.id, { text: 'x'.repeat(8_000) });
    sendMessage(a.doc, ada.id, { text: 'quick' });
    await a.saved();
    const quick = performance.now() - before;
    await b.saved();
    const slow = performance.now() - before;
    expect(slow).toBeGreaterThan(500);
    expect(quick).toBeLessThan(slow);
    expect(count(await world.stored(name))).toBe(61);
    a.drop();
    b.drop();
  });

  test('[S42] of a flood of frames only a part is read in one turn of the event loop', async () => {
    const flood = 40_000;
    const seen = { all: 0, inTurn: 0, most: 0 };
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    const bucket = new Bucket({ burst: 1e12, perSecond: 1e12 }, () => performance.now());
    const read = new Promise<void>((resolve) => {
      server.on('connection', (ws) => {
        const socket = new Socket({
          ws,
          who: null,
          auth: { userForToken: () => Promise.resolve(null) },
          log: world.log,
          stranger: bucket,
          bucketOf: () => bucket,
          isCrowded: () => false,
          now: () => performance.now(),
        });
        ws.on('message', (data, isBinary) => {
          socket.receive(data, isBinary);
          if (seen.inTurn === 0) setImmediate(() => (seen.inTurn = 0));
          seen.all += 1;
          seen.inTurn += 1;
          seen.most = Math.max(seen.most, seen.inTurn);
          if (seen.all === flood) resolve();
        });
      });
    });
    await once(server, 'listening');
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await once(client, 'open');
    const frame = encoding.encode((encoder) => {
      encoding.writeVarString(encoder, name);
      encoding.writeVarUint(encoder, TYPE.queryAwareness);
    });
    for (let i = 0; i < flood; i++) client.send(frame);
    await read;
    // What was read already, in pieces of 64 KiB, is handled to its end.
    expect(seen.most).toBeLessThan(2_000 + (4 * 64 * 1024) / frame.length);
    client.close();
    await once(client, 'close');
    server.close();
  });
});

describe('clients of others', () => {
  test('[S5] the stock provider, several documents on one socket', async () => {
    const second = `room/${await world.room(board, ada)}/1`;
    const b = await world.open(bob, second);
    const socket = new HocuspocusProviderWebsocket({
      url: `${world.url.replace('http', 'ws')}/sync`,
      WebSocketPolyfill: WebSocket,
    });
    const providers = [name, second].map((one) => {
      const document = new Y.Doc();
      adopt(document, ada.seq);
      const provider = new HocuspocusProvider({
        websocketProvider: socket,
        name: one,
        document,
        token: ada.token,
        sessionAwareness: true,
      });
      provider.attach();
      return provider;
    });
    await Promise.all(providers.map((provider) => new Promise((resolve) => provider.on('synced', resolve))));
    for (const provider of providers) sendMessage(provider.document, ada.id, { text: 'stock' });
    await expect.poll(() => providers.every((provider) => !provider.hasUnsyncedChanges)).toBe(true);
    await b.until(() => count(b.doc) === 1);
    expect(count(await world.stored(name))).toBe(1);
    for (const provider of providers) provider.destroy();
    socket.destroy();
    b.drop();
  });

  test('[S40] plain y-websocket reads and writes a document, through the same gate', async () => {
    const a = await world.open(ada, name);
    const doc = new Y.Doc();
    adopt(doc, bob.seq);
    const provider = new WebsocketProvider(`${world.url.replace('http', 'ws')}/yjs`, name, doc, {
      WebSocketPolyfill: WebSocket as never,
      params: { token: bob.token },
      disableBc: true,
    });
    await new Promise<void>((resolve) => provider.once('sync', () => resolve()));
    sendMessage(doc, bob.id, { text: 'from a plain client' });
    await a.until(() => count(a.doc) === 1);
    sendMessage(a.doc, ada.id, { text: 'and back' });
    await expect.poll(() => readVolume(doc).messages.filter((message) => message.seq !== null).length).toBe(2);
    provider.destroy();
    a.drop();
  });

  test('[S40] a plain client hears in the close code why it may not', async () => {
    const codes = await Promise.all(
      [
        `/yjs/${name}?token=wrong`,
        `/yjs/room/${'x'.repeat(20)}/1?token=${ada.token}`,
        `/yjs/nonsense?token=${ada.token}`,
      ].map(
        (path) =>
          new Promise((resolve) => {
            new WebSocket(`${world.url.replace('http', 'ws')}${path}`).on('close', resolve).on('error', resolve);
          }),
      ),
    );
    expect(codes).toEqual([4401, 4404, 4404]);
  });
});
