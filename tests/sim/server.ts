import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Log } from '../../server/log.ts';
import { StoreUnavailable, type Store } from '../../server/store/store.ts';
import { createSync } from '../../server/sync/sync.ts';
import type { AuthedUser, Sync } from '../../server/sync/types.ts';
import type { VolumeLimits } from '../../server/sync/scribe.ts';
import type { Chance } from './chance.ts';
import { Owner, type Clock } from './clock.ts';
import type { Network, ServerEnd } from './net.ts';
import type { Point } from './store/connection.ts';
import { Data } from './store/data.ts';
import { openMemoryStore } from './store/memory-store.ts';

export type Process = { owner: Owner; store: Store; sync: Sync };

/** Where a test may meddle with the store of a process that starts. */
export type Plant = { store?: (store: Store) => Store };

/** The real server, one process after another, on one database. */
export class SimServer {
  readonly data = new Data();
  readonly sessions = new Map<string, AuthedUser>();
  process: Process | null = null;
  /** Counts the store's steps down to the process' death. */
  killIn: number | null = null;
  /** The database does not answer. */
  away = false;
  /** Transactions may lose against others, which there are none of while the world is made. */
  conflicts = false;
  deaths = 0;
  #skew = 0;
  starts = 0;
  #booting = false;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #net: Network;
  readonly #log: Log;
  readonly #volume: Partial<VolumeLimits>;
  readonly #readersWait: boolean;
  readonly #plant: Plant;

  constructor(o: {
    clock: Clock;
    chance: Chance;
    net: Network;
    log: Log;
    volume: Partial<VolumeLimits>;
    readersWait: boolean;
    plant: Plant;
  }) {
    this.#clock = o.clock;
    this.#chance = o.chance;
    this.#net = o.net;
    this.#log = o.log;
    this.#volume = o.volume;
    this.#readersWait = o.readersWait;
    this.#plant = o.plant;
  }

  start(): void {
    if (this.process !== null || this.#booting) return;
    this.#booting = true;
    this.starts += 1;
    const owner = new Owner(`server#${this.starts}`);
    // An event of its own: what it sets going belongs to this process.
    this.#clock.at(owner, 0, () => this.#boot(owner));
  }

  #boot(owner: Owner): void {
    this.#booting = false;
    owner.skew = this.#skew;
    const store = openMemoryStore(this.data, {
      step: (point) => this.#step(owner, point),
      now: () => this.#clock.time,
      readersWait: this.#readersWait,
    });
    const planted = this.#plant.store?.(store) ?? store;
    const sync = createSync({
      store: planted,
      log: this.#log,
      auth: {
        userForToken: async (token) => {
          await this.#clock.wait(owner, 0.5);
          return this.sessions.get(token) ?? null;
        },
      },
      volume: this.#volume,
    });
    this.process = { owner, store: planted, sync };
    this.#net.listener = {
      owner,
      accept: (wire: ServerEnd) => {
        sync.handleSocket(wire as unknown as WebSocket, { url: '/sync', headers: {} } as IncomingMessage, null);
      },
    };
  }

  /** The clock of the machine that it and the database run on is set, forward or back. */
  setClock(byMs: number): void {
    this.#skew += byMs;
    if (this.process !== null) this.process.owner.skew = this.#skew;
  }

  /** As SIGKILL: nothing of the process runs any more, and the disk holds what was committed. */
  kill(): void {
    if (this.process === null) return;
    this.deaths += 1;
    this.killIn = null;
    this.#clock.kill(this.process.owner);
    this.process = null;
    this.#net.listener = null;
    this.#net.serverDied();
    this.data.end(false);
  }

  /** Runs something in the server's process; resolves null when the process died over it. */
  do<T>(work: (process: Process) => Promise<T>): Promise<T | null> {
    const { process } = this;
    if (process === null) return Promise.resolve(null);
    const { promise, resolve } = Promise.withResolvers<T | null>();
    const died = (): void => resolve(null);
    process.owner.onDeath.add(died);
    this.#clock.at(process.owner, 0, () => {
      work(process)
        .then(resolve, (error: unknown) => {
          if (!(error instanceof StoreUnavailable) && !isPassing(error)) throw error;
          resolve(null);
        })
        .finally(() => process.owner.onDeath.delete(died));
    });
    return promise;
  }

  #step(owner: Owner, point: Point): Promise<void> {
    if (this.killIn !== null) {
      this.killIn -= 1;
      if (this.killIn <= 0) {
        this.kill();
        return new Promise(() => undefined);
      }
    }
    const chance = this.#chance;
    const wait = point === 'commit' ? chance.between(0.5, 4) : chance.is(0.01) ? chance.between(5, 40) : chance.next();
    return new Promise((resolve, reject) => {
      this.#clock.at(owner, wait, () => {
        const conflict = this.conflicts && point === 'statement' && chance.is(0.0005);
        if (this.away) reject(new StoreUnavailable('CONNECTION_CLOSED', undefined));
        else if (conflict) reject(new StoreUnavailable('40001', undefined));
        else resolve();
      });
    });
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && error.name === 'Unavailable';
}
