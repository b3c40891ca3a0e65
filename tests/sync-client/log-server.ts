import { Hocuspocus } from '@hocuspocus/server';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import * as Y from 'yjs';

export type TestPerson = { id: string; seq: number; username: string; name: string; admin: boolean; session: string };

/** Refuses in the way of the corridor: applies nothing, ends this document's connection, and says why. */
class Refusal extends Error {
  readonly code = 4403;
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * A server that keeps the corridor's promises and nothing else: an update is committed to a log, which takes a while,
 * before it is applied and acknowledged. Everything a client must survive can be made to happen to it.
 */
export class LogServer {
  readonly people = new Map<string, TestPerson>();
  /** Names that are answered as the corridor answers what does not exist. */
  readonly hidden = new Set<string>();
  readonly signedOut = new Set<string>();
  readonly heads = new Map<string, number>();
  /** Others, which are told only to who asks for them. */
  readonly unlisted = new Map<string, number>();
  /** Milliseconds that a commit takes. */
  commitMs: () => number = () => 1;
  /** What the opening of a document waits for. */
  opens: (name: string) => Promise<void> = () => Promise.resolve();
  /** A reason to refuse this update, or null. */
  refuse: (name: string, person: TestPerson, update: Uint8Array) => string | null = () => null;
  /** Whether not to apply this update: answered with SyncStatus 0, and when it 'asks', with a Step1 too. */
  defer: () => 'no' | 'asks' | 'silent' = () => 'no';
  requests: string[] = [];
  sockets = 0;
  readonly #logs = new Map<string, Y.Doc>();
  readonly #open = new Set<WebSocket>();
  readonly #http = createServer((request, response) => this.#answer(request, response));
  readonly #ws = new WebSocketServer({ noServer: true });
  #hocuspocus = this.#make();
  #up = true;

  static async start(): Promise<LogServer> {
    const server = new LogServer();
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  constructor() {
    this.#http.on('upgrade', (request, socket, head) => {
      if (!this.#up) {
        socket.destroy();
        return;
      }
      this.#ws.handleUpgrade(request, socket, head, (ws) => this.#serve(ws, request));
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  person(n: number): TestPerson {
    const id = `person${String(n).padStart(14, '0')}`;
    const person = { id, seq: n, username: `p${n}`, name: `Person ${n}`, admin: false, session: `session-${n}` };
    this.people.set(`token-${n}`, person);
    return person;
  }

  /** What has been committed, which is what would survive a crash. */
  log(name: string): Y.Doc {
    let doc = this.#logs.get(name);
    if (doc === undefined) {
      doc = new Y.Doc();
      this.#logs.set(name, doc);
    }
    return doc;
  }

  /** The server's own write, to everyone who has the document open. */
  async write(name: string, fn: (doc: Y.Doc) => void): Promise<void> {
    const connection = await this.#hocuspocus.openDirectConnection(name, {});
    await connection.transact((doc) => {
      doc.once('update', (update: Uint8Array) => Y.applyUpdate(this.log(name), update));
      fn(doc);
    });
    await connection.disconnect();
  }

  /** Ends the sockets as a lost network does. */
  drop(): void {
    for (const ws of this.#open) ws.terminate();
  }

  /** As `kill -9`: sockets end, memory is gone, the log stays. */
  kill(): void {
    this.#up = false;
    this.drop();
    this.#hocuspocus = this.#make();
  }

  revive(): void {
    this.#up = true;
  }

  /** Ends everyone's connections to a document, saying why. */
  end(name: string, reason: string): void {
    for (const connection of this.#hocuspocus.documents.get(name)?.getConnections() ?? []) {
      connection.close({ code: 4403, reason });
    }
  }

  async close(): Promise<void> {
    this.#up = false;
    this.drop();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #serve(ws: WebSocket, request: IncomingMessage): void {
    this.#open.add(ws);
    this.sockets += 1;
    const url = new URL(request.url ?? '/', 'http://localhost');
    const connection = this.#hocuspocus.handleConnection(ws, new Request(url));
    ws.on('message', (data: Buffer) => connection.handleMessage(new Uint8Array(data)));
    ws.on('close', (code, reason) => {
      this.#open.delete(ws);
      connection.handleClose({ code, reason: reason.toString() });
    });
    ws.on('error', () => ws.terminate());
  }

  #make(): Hocuspocus {
    return new Hocuspocus({
      quiet: true,
      onAuthenticate: async ({ token, documentName }) => {
        await this.opens(documentName);
        const person = this.people.get(token);
        if (person === undefined || this.signedOut.has(token)) return deny('signed-out');
        if (this.hidden.has(documentName)) return deny('not-found');
        return { person };
      },
      onLoadDocument: ({ document, documentName }) => {
        Y.applyUpdate(document, Y.encodeStateAsUpdate(this.log(documentName)));
        return Promise.resolve(document);
      },
      beforeHandleAwareness: ({ states, context }) => {
        const { person } = context as { person: TestPerson };
        for (const [client, state] of states) states.set(client, { ...state, user: person.id });
        return Promise.resolve();
      },
      beforeSync: async ({ type, payload, documentName, connection, document }) => {
        if (type === 0) return;
        const update = payload.slice();
        const { person } = connection.context as { person: TestPerson };
        const reason = this.refuse(documentName, person, update);
        if (reason !== null) throw new Refusal(reason);
        const generation = this.#hocuspocus;
        const deferred = this.defer();
        connection.readOnly = deferred !== 'no';
        if (deferred === 'asks') sendStep1(connection, document);
        if (deferred !== 'no') return;
        await new Promise((resolve) => setTimeout(resolve, this.commitMs()));
        // A killed process commits nothing more, and says nothing more.
        if (generation !== this.#hocuspocus) await new Promise(() => undefined);
        Y.applyUpdate(this.log(documentName), update);
      },
    });
  }

  /** Lets a page in a browser do what a test in this process can do: `POST /control/<what>`. */
  #control(what: string): void {
    if (what === 'kill') this.kill();
    else if (what === 'revive') this.revive();
    else if (what === 'drop') this.drop();
    else if (what === 'sign-out') for (const token of this.people.keys()) this.signedOut.add(token);
    else if (what === 'sign-in') this.signedOut.clear();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    const person = this.people.get(token);
    this.requests.push(`${request.method} ${path}`);
    const say = (status: number, body: unknown): void => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'access-control-allow-origin': '*',
        'access-control-allow-headers': '*',
        'access-control-allow-methods': '*',
      });
      response.end(status === 204 ? undefined : JSON.stringify(body));
    };
    if (path.startsWith('/control/')) {
      this.#control(path.slice('/control/'.length));
      say(200, { sockets: this.#open.size, requests: this.requests });
    } else if (!this.#up) {
      request.socket.destroy();
    } else if (request.method === 'OPTIONS') {
      say(204, null);
    } else if (path === '/api/v1/session' && request.method === 'DELETE') {
      this.signedOut.add(token);
      say(204, null);
    } else if (person === undefined || this.signedOut.has(token)) {
      say(401, { error: { code: 'signed-out', message: 'Sign in first.' } });
    } else if (path === '/api/v1/me') {
      say(200, person);
    } else if (path === '/api/v1/heads') {
      const of = new URL(request.url ?? '', 'http://server').searchParams.get('of')?.split(',');
      const items = [...(of === undefined ? this.heads : this.unlisted)].map(([name, rev]) => ({ name, rev }));
      say(200, { items: items.filter(({ name }) => of?.includes(name) ?? true), next: null });
    } else {
      say(404, { error: { code: 'not-found', message: 'No such thing.' } });
    }
  }
}

function deny(reason: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(reason), { reason }));
}

function sendStep1(connection: unknown, document: Y.Doc): void {
  const { messageAddress, send } = connection as { messageAddress: string; send(message: Uint8Array): void };
  const name = new TextEncoder().encode(messageAddress);
  const vector = Y.encodeStateVector(document);
  // name, Sync, Step1, vector: each with its length as a varint.
  const bytes = [...varint(name.length), ...name, 0, 0, ...varint(vector.length), ...vector];
  send.call(connection, new Uint8Array(bytes));
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
