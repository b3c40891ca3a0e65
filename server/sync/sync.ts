import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';
import type { UserId } from '../../src/lib/model/ids.ts';
import { VOLUME_BYTES, VOLUME_CLIENTS, VOLUME_ENTRIES } from '../../src/lib/model/limits.ts';
import { ask } from '../jobs/ask.ts';
import { carry } from '../jobs/carry.ts';
import { compact, compactBacklog } from '../jobs/compact.ts';
import { deliver } from '../jobs/deliver.ts';
import { erase } from '../jobs/erase.ts';
import { eraseBoards } from '../jobs/erase-boards.ts';
import { eraseRooms } from '../jobs/erase-rooms.ts';
import { push, pushJobs } from '../jobs/push.ts';
import { JobRunner } from '../jobs/runner.ts';
import type { PushSender } from '../push/sender.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { Access } from './access.ts';
import type { Context } from './context.ts';
import { Corridor } from './corridor.ts';
import { Directory } from './directory.ts';
import { ERASURE_DELAYS, type ErasureDelays } from './erasure.ts';
import { tokenFrame } from './frames.ts';
import { headsOf, revsOf } from './heads.ts';
import { createHocuspocus } from './hooks.ts';
import { Intake } from './intake.ts';
import { CLOSE, REASON } from './outcome.ts';
import { Bucket, Buckets, PERSON_RATE, STRANGER_RATE, type RateLimit } from './rate.ts';
import { Revoker } from './revoke.ts';
import { Scribe, type VolumeLimits } from './scribe.ts';
import { Socket, type Wire } from './socket.ts';
import type { Authenticator, AuthedUser, Sync } from './types.ts';
import { Writer } from './writer.ts';
import { addressed, isPlain, plainTarget, YjsWire } from './yjs-endpoint.ts';

export type SyncOptions = {
  store: Store;
  log: Log;
  auth: Authenticator;
  /** Milliseconds since the epoch: the time that messages get. */
  clock?: () => number;
  /** When a volume is full. */
  volume?: Partial<VolumeLimits>;
  /** What one person may send. */
  rate?: RateLimit;
  /** When what is deleted leaves the log. */
  erasure?: Partial<ErasureDelays>;
  /** Tells browsers without a page. Unset: nobody is told there. */
  push?: PushSender;
  /** How often long logs are looked for. */
  compactEveryMs?: number;
  /** After how much of it a socket is closed. */
  silenceMs?: number;
};

/** The embedded database has no autovacuum. */
const VACUUM_EVERY_MS = 60 * 60_000;
const COMPACT_EVERY_MS = 60_000;
const ERASE_EVERY_MS = 60_000;
/** What grew long before a restart costs every loading after it. */
const FIRST_COMPACT_MS = 2_000;
/** A job that heals what a crash right after a membership change left undone. */
const HEAL_AFTER_MS = 10_000;
/** What could not be done is done after this time, and later each time. */
const AGAIN_MS = 1_000;
const LONGEST_AGAIN_MS = 30_000;
/** A stop waits so long for what is being stored, then for the farewells. */
const DRAIN_MS = 6_000;
const FAREWELL_MS = 1_500;
/**
 * A socket that said nothing for this long is closed. Browsers let the timers of a hidden tab run once a minute, so
 * its sign of life may come two minutes after the last one.
 */
const SILENCE_MS = 150_000;
const LOOKS_AT_SILENCE = 5;
/** One socket for each tab: nobody has so many, and a program that opens one for each document finds out. */
const SOCKETS_PER_PERSON = 100;
/** What a client's request says counts before its socket gets here. */
const ANY_REQUEST = new Request('http://server/');

/** Puts the corridor together and starts its jobs. End it by `stop`. */
export function createSync(options: SyncOptions): Sync {
  const { store, auth } = options;
  const log = options.log.child('sync');
  const now = options.clock ?? Date.now;
  const limits = { entries: VOLUME_ENTRIES, clients: VOLUME_CLIENTS, bytes: VOLUME_BYTES, ...options.volume };
  const monotonic = (): number => performance.now();

  const access = new Access(store);
  const delays = { ...ERASURE_DELAYS, ...options.erasure };
  const sockets = new Set<Socket>();
  const here = (): ReadonlySet<UserId> => new Set([...sockets].flatMap((socket) => [...socket.users]));
  const scribe = new Scribe({ store, access, limits, delays, now, here });
  const corridor: Corridor = new Corridor({
    store,
    scribe,
    log,
    onStored: ({ progress, jobs }) => {
      directory.progressed(progress);
      if (jobs) runner.wake();
    },
  });
  const intake = new Intake(corridor, log);
  const writer = new Writer(corridor, intake, access);
  const directory = new Directory({ store, corridor, writer, access, log });
  const hocuspocus = createHocuspocus({
    corridor,
    intake,
    access,
    store,
    log,
    onOpened: (name) => {
      directory.opened(name);
    },
  });
  const revoker = new Revoker(corridor, access, sockets);
  const buckets = new Buckets(options.rate ?? PERSON_RATE, monotonic);

  const wasMade = async (board: string, room: string | null): Promise<void> => {
    access.boardChanged(board);
    await directory.board(board);
    if (room !== null) await directory.homes.room(room);
  };
  const runner = new JobRunner({
    store,
    log: log.child('jobs'),
    handlers: {
      deliver: deliver(store, writer, options.push ? (...told) => pushJobs(store, ...told) : null),
      ...(options.push && { push: push(store, writer, options.push, log) }),
      carry: carry(store, writer),
      erase: erase(store, writer),
      compact: ({ key }) => compact(key, store, log),
      ask: ask(store, writer, {
        made: wasMade,
        changed: (room) => roomChanged(room, null),
        out: (user, board, room) => revoker.revoke({ user, board, room }),
        unsure: (board) => unsure(board),
        left: (room, user) => roomChanged(room, user),
      }),
      directory: ({ key }) => directory.board(key, true),
      home: ({ key }) => directory.homes.all(key),
    },
    periodic: [
      {
        name: 'compact',
        everyMs: options.compactEveryMs ?? COMPACT_EVERY_MS,
        firstMs: Math.min(options.compactEveryMs ?? COMPACT_EVERY_MS, FIRST_COMPACT_MS),
        run: () => compactBacklog(store, log),
      },
      {
        name: 'erase boards',
        everyMs: options.compactEveryMs ?? ERASE_EVERY_MS,
        run: () =>
          eraseBoards(store, log, delays.eraseMs, {
            told: () => {
              runner.wake();
            },
            forget: (board) => directory.board(board, true),
          }),
      },
      {
        name: 'erase rooms',
        everyMs: options.compactEveryMs ?? ERASE_EVERY_MS,
        run: () =>
          eraseRooms(store, writer, log, delays.eraseMs, {
            told: () => {
              runner.wake();
            },
            forget: (room) => roomChanged(room, null),
          }),
      },
      { name: 'vacuum', everyMs: VACUUM_EVERY_MS, run: () => store.maintenance.vacuum() },
    ],
  });
  runner.start();
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  const listening = setInterval(() => {
    for (const socket of sockets) if (socket.silence > silenceMs) socket.end(CLOSE.slow, 'silent');
  }, silenceMs / LOOKS_AT_SILENCE);
  listening.unref();

  let stopping: Promise<void> | null = null;

  function isCrowded(user: UserId): boolean {
    let open = 0;
    for (const socket of sockets) if (socket.isOf(user)) open += 1;
    return open >= SOCKETS_PER_PERSON;
  }

  function handleSocket(ws: WebSocket, request: IncomingMessage, who: AuthedUser | null): void {
    ws.on('error', (error) => {
      log.debug('socket error', { error: error.message });
    });
    if (stopping !== null) {
      ws.close(CLOSE.restart, 'restarting');
      return;
    }
    if (who !== null && isCrowded(who.id)) {
      // Not a refusal of the upgrade: a browser's page is told nothing of those.
      ws.close(CLOSE.crowded, REASON.crowded);
      return;
    }
    const plain = isPlain(request.url);
    const wire: Wire = plain ? new YjsWire(ws) : ws;
    const socket = new Socket({
      ws: wire,
      who,
      auth,
      log,
      stranger: new Bucket(STRANGER_RATE, monotonic),
      bucketOf: (user) => buckets.of(user),
      isCrowded,
      now: monotonic,
    });
    socket.serve(hocuspocus.handleConnection(socket, ANY_REQUEST, { socket } as Context));
    sockets.add(socket);
    ws.on('close', (code, reason) => {
      sockets.delete(socket);
      socket.gone(code, reason.toString());
    });
    if (plain) servePlain(ws, socket, request.url);
    else {
      ws.on('message', (data: RawData, isBinary: boolean) => {
        socket.receive(data, isBinary);
      });
    }
  }

  function servePlain(ws: WebSocket, socket: Socket, url: string | undefined): void {
    const target = plainTarget(url);
    if (target === null) {
      socket.end(CLOSE.notFound, 'not-found');
      return;
    }
    const { name, token } = target;
    ws.on('message', (data: RawData, isBinary: boolean) => {
      const frame = isBinary && data instanceof Uint8Array ? addressed(name, data) : data;
      if (frame !== null) socket.receive(frame as RawData, isBinary);
    });
    socket.receive(tokenFrame(name, token) as unknown as RawData, true);
  }

  function unsure(board: string): void {
    revoker.judgeAnew(board);
    later(() => changed(board, true));
  }

  /** `everyone`: the board itself changed, which every member's inbox shows. */
  async function changed(board: string, everyone: boolean): Promise<void> {
    const runAt = Date.now() + HEAL_AFTER_MS;
    try {
      await store.jobs.enqueue([
        { kind: 'directory', key: board, payload: null, runAt },
        // Who left a private room, or the board with it, keeps no notification of it.
        { kind: 'deliver', key: 'all', payload: null },
      ]);
      await revoker.enforce(board);
    } catch (error) {
      revoker.judgeAnew(board);
      throw error;
    }
    runner.wake();
    await directory.board(board, everyone).catch((error: unknown) => {
      log.warn('directory left to its job', { board, error });
    });
  }

  /**
   * What the database's going away left undone is done later, as long as this process lives; after it, documents are brought up
   * to date when they are opened. Whoever waits hears of the failure.
   */
  function inTheEnd(work: () => Promise<void>, failures = 0): Promise<void> {
    return work().catch((error: unknown) => {
      later(work, failures);
      throw error;
    });
  }

  function later(work: () => Promise<void>, failures = 0): void {
    const wait = Math.min(AGAIN_MS * 2 ** failures, LONGEST_AGAIN_MS);
    const timer = setTimeout(() => {
      if (stopping === null) inTheEnd(work, failures + 1).catch(() => undefined);
    }, wait);
    timer.unref();
  }

  async function roomChanged(id: string, left: UserId | null): Promise<void> {
    const board = await store.rooms.boardOf(id);
    if (board === null) return;
    await changed(board, false);
    const people = await store.roomMembers.of(id);
    if (people === null) return;
    const inboxes = left === null ? people : [...people, left];
    const runAt = Date.now() + HEAL_AFTER_MS;
    await store.jobs.enqueue(inboxes.map((key) => ({ kind: 'home', key, payload: null, runAt })));
    try {
      if (left !== null) await directory.homes.board(left, board);
      await directory.homes.room(id);
    } catch (error) {
      log.warn('inboxes left to their jobs', { room: id, error });
    }
  }

  async function shutDown(): Promise<void> {
    clearInterval(listening);
    for (const socket of sockets) socket.deafen();
    await Promise.race([
      (async () => {
        await Promise.all([runner.stop(), directory.stop()]);
        const connections = [...hocuspocus.documents.values()].flatMap((document) => document.getConnections());
        await Promise.all(connections.map((connection) => connection.waitForPendingMessages()));
        await corridor.commit.drain();
      })(),
      wait(DRAIN_MS),
    ]);
    const closed = Promise.all([...sockets].map((socket) => socket.hangUp(CLOSE.restart, 'restarting')));
    await Promise.race([closed, wait(FAREWELL_MS)]);
    for (const socket of sockets) socket.terminate();
  }

  return {
    handleSocket,
    write: (name, fn, writeOptions) => writer.write(name, fn, writeOptions),
    writeAs: (who, name, fn) => writer.writeAs(who, name, fn),
    read: (name, fn) => writer.read(name, fn),
    revoke: (o) => {
      revoker.revoke(o);
      return Promise.resolve();
    },
    judgeAnew: unsure,
    openSessions: () =>
      [...sockets].flatMap((socket) => [...socket.sessions].map(([session, user]) => ({ user, session }))),
    membershipChanged: (board) => inTheEnd(() => changed(board, false)),
    boardChanged: (board) => inTheEnd(() => changed(board, true)),
    roomChanged: (room, left) => inTheEnd(() => roomChanged(room, left ?? null)),
    heads: (user) => headsOf(user, store),
    revs: (user, names) => revsOf(user, names, store),
    stats: () => ({
      sockets: sockets.size,
      connections: [...hocuspocus.documents.values()].reduce((sum, document) => sum + document.connections.size, 0),
      documents: hocuspocus.documents.size,
      lanes: corridor.lanes.size,
      ...corridor.counts,
      commits: corridor.commit.commits,
      waiting: corridor.commit.waiting,
    }),
    stop: () => (stopping ??= shutDown()),
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
