import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import * as Y from 'yjs';
import { newId, type BoardId, type RoomId } from '../../src/lib/model/ids.ts';
import type { Role } from '../../src/lib/model/roles.ts';
import { createLog, type Log } from '../../server/log.ts';
import { openStore, type Store } from '../../server/store/store.ts';
import { createSync, type SyncOptions } from '../../server/sync/sync.ts';
import { MAX_FRAME, type AuthedUser, type Sync } from '../../server/sync/types.ts';
import { freshDataDir } from '../harness/data-dir.ts';
import { dropDatabase, freshDatabase, startPostgres, type TestPostgres } from '../harness/postgres.ts';
import { Peer } from './peer.ts';

export type Person = AuthedUser & { token: string };
type Options = Omit<Partial<SyncOptions>, 'store' | 'log' | 'auth'>;

/** Stands between the corridor and the real store: holds transactions and loadings back, or makes them fail. */
export class Valve {
  #held: PromiseWithResolvers<void> | null = null;
  #faults: Error[] = [];
  #waiting = 0;

  /** Transactions and loadings that wait here. */
  get waiting(): number {
    return this.#waiting;
  }

  /** What comes now waits until `release`. */
  hold(): void {
    this.#held ??= Promise.withResolvers<void>();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = null;
  }

  /** The next transaction or loading fails with this, after it did its work: as when the answer to a commit is lost. */
  failNext(error: Error): void {
    this.#faults.push(error);
  }

  /** No more faults. */
  mend(): void {
    this.#faults = [];
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    await this.#held?.promise;
    this.#waiting -= 1;
    const result = await work();
    const fault = this.#faults.shift();
    if (fault !== undefined) throw fault;
    return result;
  }

  wrap(store: Store): Store {
    return {
      ...store,
      transaction: (fn) => this.through(() => store.transaction(fn)),
      documents: { ...store.documents, load: (name, tx) => this.through(() => store.documents.load(name, tx)) },
    };
  }
}

/**
 * A server of its own for a test file: the real store on the embedded database (or on a real Postgres), the real
 * corridor behind real sockets. Only signing in is left out: a token is whoever it was given to.
 */
export class World {
  readonly store: Store;
  readonly log: Log;
  readonly lines: string[];
  readonly valve = new Valve();
  /** Where its database is. */
  readonly place: { dataDir: string; databaseUrl: string | undefined };
  sync: Sync;
  url = '';
  #tokens = new Map<string, AuthedUser>();
  #options: Options;
  #http: Server | null = null;
  #peers = new Set<Peer>();
  #cleanUp: () => Promise<void>;

  private constructor(
    store: Store,
    place: World['place'],
    log: Log,
    lines: string[],
    options: Options,
    cleanUp: () => Promise<void>,
  ) {
    this.store = store;
    this.place = place;
    this.log = log;
    this.lines = lines;
    this.#options = options;
    this.#cleanUp = cleanUp;
    this.sync = this.#createSync();
  }

  /** `route` may lead the store to the database by another address. */
  static async open(
    options: Options = {},
    engine: 'embedded' | 'postgres' = 'embedded',
    route: (url: string) => Promise<string> = (url) => Promise.resolve(url),
  ): Promise<World> {
    const dataDir = engine === 'embedded' ? await freshDataDir() : mkdtempSync(join(tmpdir(), 'taskflow-sync-'));
    const lines: string[] = [];
    const log = createLog({ level: 'debug', write: (line) => void lines.push(line) });
    let postgres: TestPostgres | null = null;
    let databaseUrl: string | undefined;
    if (engine === 'postgres') {
      postgres = await startPostgres();
      databaseUrl = await freshDatabase(postgres.url);
    }
    const address = databaseUrl === undefined ? undefined : await route(databaseUrl);
    const store = await openStore({ databaseUrl: address, dataDir, log });
    const world = new World(store, { dataDir, databaseUrl: address }, log, lines, options, async () => {
      await store.close();
      if (databaseUrl !== undefined) await dropDatabase(databaseUrl);
      await postgres?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });
    await world.#listen();
    return world;
  }

  /** Ends the corridor as a stop of the process would, and starts a new one on the same database. */
  async restart(options: Options = this.#options): Promise<void> {
    await this.sync.stop();
    this.#options = options;
    this.sync = this.#createSync();
  }

  /** Drops every device that this world has made. */
  disconnect(): void {
    for (const peer of this.#peers) peer.destroy();
    this.#peers.clear();
  }

  async close(): Promise<void> {
    this.disconnect();
    await this.sync.stop();
    await new Promise((resolve) => this.#http?.close(resolve));
    await this.#cleanUp();
  }

  async person(username = `p${newId().slice(0, 10)}`): Promise<Person> {
    const user = await this.store.users.create({ username, name: username, passwordHash: '-', admin: false });
    if (typeof user === 'string') throw new Error(user);
    const token = newId();
    const who: AuthedUser = { id: user.id, seq: user.seq, username, name: username, admin: false, session: newId() };
    this.#tokens.set(token, who);
    return { ...who, token };
  }

  signOut(person: Person): void {
    this.#tokens.delete(person.token);
  }

  /** A board with these members; the first is its owner. */
  async board(owner: Person, members: readonly (Person | [Person, Role])[] = []): Promise<BoardId> {
    const id = newId();
    await this.store.boards.create({ id, title: 'Board', owner: owner.id });
    for (const member of members) {
      const [person, role] = Array.isArray(member) ? member : [member, 'member' as const];
      await this.store.boards.setMember(id, person.id, role);
    }
    await this.sync.boardChanged(id);
    return id;
  }

  async room(board: BoardId, by: Person, name = `room ${newId().slice(0, 6)}`): Promise<RoomId> {
    const id = newId();
    const made = await this.store.rooms.create({ id, board, name, by: by.id, private: false });
    if (made !== 'ok') throw new Error(made);
    await this.sync.roomChanged(id);
    return id;
  }

  async setRole(board: BoardId, person: Person, role: Role | null): Promise<void> {
    if (role === null) await this.store.boards.removeMember(board, person.id);
    else await this.store.boards.setMember(board, person.id, role);
    await this.sync.membershipChanged(board);
  }

  /** A document open on a device, not connected yet. */
  peer(person: Person, name: string, doc?: Y.Doc): Peer {
    const peer = new Peer(this.url, person.token, person, name, doc);
    this.#peers.add(peer);
    return peer;
  }

  open(person: Person, name: string, doc?: Y.Doc): Promise<Peer> {
    return this.peer(person, name, doc).connect();
  }

  /** The document as the log has it, read by nobody's help but Yjs'. */
  async stored(name: string): Promise<Y.Doc> {
    const doc = new Y.Doc();
    const stored = await this.store.documents.load(name);
    if (stored?.snapshot) Y.applyUpdate(doc, stored.snapshot);
    for (const { data } of stored?.updates ?? []) Y.applyUpdate(doc, data);
    return doc;
  }

  #createSync(): Sync {
    return createSync({
      store: this.valve.wrap(this.store),
      log: this.log,
      auth: { userForToken: (token) => Promise.resolve(this.#tokens.get(token) ?? null) },
      ...this.#options,
    });
  }

  async #listen(): Promise<void> {
    const http = createServer();
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME, perMessageDeflate: false });
    http.on('upgrade', (request, socket, head) => {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
      sockets.handleUpgrade(request, socket, head, (ws) => {
        this.sync.handleSocket(ws, request, token === undefined ? null : (this.#tokens.get(token) ?? null));
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    this.#http = http;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }
}

/** What a document says, whatever the order in which it came to say it. */
export function canonical(doc: Y.Doc, roots: readonly string[]): string {
  return JSON.stringify(roots.map((root) => [root, sorted(doc.getMap(root).toJSON())]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
