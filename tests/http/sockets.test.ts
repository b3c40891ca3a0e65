import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { StoreUnavailable } from '../../server/store/database.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { TestApp, eventually, type Person } from './harness.ts';

const AUTH = 2;
const AUTHENTICATED = 2;
const CLOSE = 7;

let app: TestApp;
let olga: Person;
let board: string;
beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
  board = await app.board(olga);
});
afterAll(() => app.stop());

type Headers = Record<string, string>;
const cookie = (person = olga): Headers => ({ cookie: person.cookie, origin: app.origin });

function open(path: string, headers: Headers): WebSocket {
  const socket = new WebSocket(`${app.address.replace(/^http/, 'ws')}${path}`, { headers });
  socket.binaryType = 'arraybuffer';
  return socket;
}

/** The status of the handshake: 101 when it became a WebSocket. */
function handshake(path: string, headers: Headers): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = open(path, headers);
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.on('error', () => undefined);
  });
}

const closed = (socket: WebSocket) =>
  new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    socket.on('error', () => undefined);
  });

/** Asks for a document as a sync client does; the answer to the authentication, by its number and words. */
function attach(socket: WebSocket, name: string, token: string): Promise<{ type: number; words: string }> {
  return new Promise((resolve) => {
    socket.on('message', (data: ArrayBuffer) => {
      const decoder = decoding.createDecoder(new Uint8Array(data));
      if (decoding.readVarString(decoder) !== name || decoding.readVarUint(decoder) !== AUTH) return;
      resolve({ type: decoding.readVarUint(decoder), words: decoding.readVarString(decoder) });
    });
    const send = () => {
      const encoder = encoding.createEncoder();
      encoding.writeVarString(encoder, name);
      encoding.writeVarUint(encoder, AUTH);
      encoding.writeVarUint(encoder, 0);
      encoding.writeVarString(encoder, token);
      encoding.writeVarString(encoder, '4.8.0');
      socket.send(encoding.toUint8Array(encoder));
    };
    if (socket.readyState === WebSocket.OPEN) send();
    else socket.on('open', send);
  });
}

/** The reason with which the server ends a document on a socket. */
function closing(socket: WebSocket, name: string): Promise<string> {
  return new Promise((resolve) => {
    socket.on('message', (data: ArrayBuffer) => {
      const decoder = decoding.createDecoder(new Uint8Array(data));
      if (decoding.readVarString(decoder) !== name || decoding.readVarUint(decoder) !== CLOSE) return;
      resolve(decoding.readVarString(decoder));
    });
  });
}

describe('[S71] a database that goes away with its answer', () => {
  it.each(['DELETE', 'PUT'])('leaves nobody connected as what they may not be any more: %s', async (method) => {
    const bob = await app.join(olga, board, `lost${method.toLowerCase()}`, 'member');
    const { boards } = app.parts.services.store;
    const which = method === 'DELETE' ? 'removeMember' : 'setMember';
    const change = boards[which].bind(boards) as (...args: unknown[]) => Promise<never>;
    vi.spyOn(boards, which).mockImplementationOnce(async (...args: unknown[]) => {
      await change(...args);
      throw new StoreUnavailable('CONNECTION_CLOSED', null);
    });
    const socket = open('/sync', cookie(bob));
    expect((await attach(socket, `board/${board}`, '')).type).toBe(AUTHENTICATED);
    const end = closed(socket);
    const path = `/boards/${board}/members/${bob.id}`;
    const answer = await app.call(olga, method, path, method === 'PUT' ? { role: 'viewer' } : undefined);
    expect(answer.status).toBe(503);
    expect((await end).reason).toBe('unavailable');
    const again = open('/sync', cookie(bob));
    expect((await attach(again, `board/${board}`, '')).words).toBe(method === 'PUT' ? 'readonly' : 'not-found');
    again.close();
    vi.restoreAllMocks();
  });
});

describe('[H21] the door of /sync', () => {
  it.each<[string, number, () => Headers]>([
    ['a cookie from our page', 101, () => cookie()],
    ['a cookie from our page, by the number of the machine', 101, () => ({ ...cookie(), origin: app.address })],
    ['a cookie without an origin', 403, () => ({ cookie: olga.cookie })],
    ['a cookie from a foreign page', 403, () => ({ ...cookie(), origin: 'https://evil.example' })],
    ['a cookie from the origin null', 403, () => ({ ...cookie(), origin: 'null' })],
    [
      'an old cookie from a foreign page',
      403,
      () => ({ cookie: `taskflow_session=${'a'.repeat(40)}`, origin: 'null' }),
    ],
    ['a bearer token', 101, () => ({ authorization: `Bearer ${olga.token}` })],
    ['nothing: the protocol may still tell a token', 101, () => ({})],
  ])('to %s answers %i', async (_what, status, headers) => {
    expect(await handshake('/sync', headers())).toBe(status);
  });

  it('to the cookie of somebody else than the page names is the door of nobody', async () => {
    const mine = open(`/sync?user=${olga.id}`, cookie());
    expect((await attach(mine, `board/${board}`, '')).type).toBe(AUTHENTICATED);
    mine.close();
    const stale = open(`/sync?user=${newId()}`, cookie());
    expect((await attach(stale, `board/${board}`, '')).words).toBe('signed-out');
    stale.close();
  });

  it.each(['/', '/syn', '/sync/', '/sync/x', '/SYNC', '/api/v1/sync', '/yjs'])('is not at %s', async (path) => {
    expect(await handshake(path, cookie())).toBe(404);
  });

  it('takes only WebSockets', async () => {
    const { port } = new URL(app.address);
    const text = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('GET /sync HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
      });
      let all = '';
      socket.on('data', (data) => (all += data.toString()));
      socket.on('close', () => resolve(all));
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('lets a frame of more than 8 MiB end its own socket and nothing else', async () => {
    const socket = open('/sync', cookie());
    await new Promise((resolve) => socket.on('open', resolve));
    const end = closed(socket);
    socket.send(Buffer.alloc(8 * 1024 * 1024 + 1));
    expect((await end).code).toBe(1009);
    expect((await app.call(olga, 'GET', '/me')).status).toBe(200);
  });
});

describe('[H2] a document', () => {
  it('opens for who may read it, by cookie and by token', async () => {
    const byCookie = open('/sync', cookie());
    expect((await attach(byCookie, `board/${board}`, '')).type).toBe(AUTHENTICATED);
    byCookie.close();
    const byToken = open('/sync', {});
    expect((await attach(byToken, `board/${board}`, olga.token)).type).toBe(AUTHENTICATED);
    byToken.close();
  });

  it('is not found alike when absent, when foreign, and to nobody', async () => {
    const stranger = await app.join(olga, await app.board(olga, 'Other'), 'stranger', 'member');
    const socket = open('/sync', cookie(stranger));
    const foreign = await attach(socket, `board/${board}`, '');
    const absent = await attach(socket, `board/${newId()}`, '');
    const inbox = await attach(socket, `inbox/${olga.id}`, '');
    expect(foreign.type).not.toBe(AUTHENTICATED);
    expect([absent, inbox]).toEqual([foreign, foreign]);
    socket.close();
    const nobody = open('/sync', {});
    const refused = Promise.race([attach(nobody, `board/${board}`, ''), closed(nobody)]);
    expect(await refused).not.toMatchObject({ type: AUTHENTICATED });
    nobody.close();
  });
});

describe('[H10] a socket', () => {
  it('ends with the session that opened it, and no other', async () => {
    const here = await app.signIn('olga');
    const there = await app.signIn('olga');
    const [mine, other] = [open('/sync', cookie(here)), open('/sync', cookie(there))];
    await Promise.all([attach(mine, `board/${board}`, ''), attach(other, `board/${board}`, '')]);
    const end = closed(mine);
    const started = Date.now();
    await app.ok(here, 'DELETE', '/session');
    await end;
    expect(Date.now() - started).toBeLessThan(2_000);
    expect(other.readyState).toBe(WebSocket.OPEN);
    other.close();
  });

  it('ends with a change of the password elsewhere', async () => {
    const kim = await app.join(olga, board, 'kim', 'member');
    const elsewhere = await app.signIn('kim');
    const socket = open('/sync', cookie(elsewhere));
    await attach(socket, `board/${board}`, '');
    const end = closed(socket);
    await app.ok(kim, 'PATCH', '/me', { password: { current: 'correct horse battery', new: 'another battery' } });
    await end;
  });

  it('[H2] loses the documents of a board within 2 s of its person being removed from it, and lives on', async () => {
    const gone = await app.join(olga, board, 'gone', 'member');
    const socket = open('/sync', cookie(gone));
    await attach(socket, `board/${board}`, '');
    const ended = closing(socket, `board/${board}`);
    const started = Date.now();
    await app.ok(olga, 'DELETE', `/boards/${board}/members/${gone.id}`);
    expect(await ended).toBe('revoked');
    expect(Date.now() - started).toBeLessThan(2_000);
    expect((await attach(socket, `inbox/${gone.id}`, '')).type).toBe(AUTHENTICATED);
    expect((await attach(socket, `board/${board}`, '')).type).not.toBe(AUTHENTICATED);
    socket.close();
  });

  it('is counted', async () => {
    const socket = open('/sync', cookie());
    await attach(socket, `board/${board}`, '');
    const { body } = await app.raw<string>('/metrics');
    expect(body).toMatch(/^taskflow_sockets [1-9]/m);
    socket.close();
    await eventually(
      () => app.raw<string>('/metrics'),
      (answer) => /^taskflow_sockets 0$/m.test(answer.body),
    );
  });
});
