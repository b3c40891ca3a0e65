import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { createLog } from '../../server/log.ts';
import { openStore, type Store } from '../../server/store/store.ts';
import type { User } from '../../server/store/users.ts';
import { Data } from '../sim/store/data.ts';
import { openMemoryStore } from '../sim/store/memory-store.ts';
import { freshDataDir } from '../harness/data-dir.ts';
import {
  dropDatabase,
  freshDatabase,
  postgresIsAvailable,
  startPostgres,
  type TestPostgres,
} from '../harness/postgres.ts';

export const silent = createLog({ level: 'silent' });

/** Resolves when whatever is made from now on is younger than what was made before: times are kept in milliseconds. */
export async function later(): Promise<void> {
  const before = Date.now();
  while (Date.now() <= before + 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The SQL engines, and the store in memory that the simulator runs on. */
type Kind = Store['engine'] | 'memory';

/** A store on one engine, in an empty database of its own. */
export class World {
  store!: Store;
  readonly engine: Kind;
  databaseUrl: string | undefined;
  dataDir = '';
  #postgres: TestPostgres | null = null;
  #names = 0;

  constructor(engine: Kind) {
    this.engine = engine;
  }

  async open(): Promise<void> {
    if (this.engine === 'memory') {
      const step = () => new Promise<void>((resolve) => setImmediate(resolve));
      let last = 0;
      // No statement takes no time.
      const now = () => (last = Math.max(Date.now(), last + 1));
      this.store = openMemoryStore(new Data(), { step, now, readersWait: false });
      return;
    }
    if (this.engine === 'postgres') {
      this.#postgres = await startPostgres();
      this.databaseUrl = await freshDatabase(this.#postgres.url);
      this.dataDir = mkdtempSync(join(tmpdir(), 'taskflow-data-'));
    } else {
      this.dataDir = await freshDataDir();
    }
    this.store = await openStore({ databaseUrl: this.databaseUrl, dataDir: this.dataDir, log: silent });
  }

  async close(): Promise<void> {
    await this.store.close();
    if (this.databaseUrl) await dropDatabase(this.databaseUrl);
    await this.#postgres?.stop();
    if (this.dataDir !== '') rmSync(this.dataDir, { recursive: true, force: true });
  }

  async person(): Promise<User> {
    const username = `person${++this.#names}`;
    const user = await this.store.users.create({ username, name: username, passwordHash: 'hash', admin: false });
    if (user === 'taken-username') throw new Error('The test used a name twice');
    return user;
  }

  async board(owner: User): Promise<string> {
    const id = newId();
    await this.store.boards.create({ id, title: 'Board', owner: owner.id });
    return id;
  }

  async room(board: string, by: User, name = `room ${++this.#names}`): Promise<`room/${string}`> {
    const id = newId();
    await this.store.rooms.create({ id, board, name, by: by.id, private: false });
    return `room/${id}`;
  }
}

/** Runs a suite on the store in memory too: what holds of the engines is what the simulator may rely on. */
export function onEveryStore(suite: (world: World) => void): void {
  onBothEngines(suite);
  describe('in memory', () => {
    onWorld(new World('memory'), suite);
  });
}

function onWorld(world: World, suite: (world: World) => void): void {
  beforeAll(() => world.open());
  afterAll(() => world.close());
  suite(world);
}

/**
 * Runs a suite on every engine. Where no Postgres can be started that half is skipped and says so; under CI it fails
 * instead, because a half that nobody runs proves nothing.
 */
export function onBothEngines(suite: (world: World) => void): void {
  for (const engine of ['embedded', 'postgres'] as const) {
    const missing = engine === 'postgres' && !postgresIsAvailable();
    if (missing && !process.env.CI) {
      process.stderr.write('SKIPPED on real Postgres: set DATABASE_URL, or install its binaries.\n');
    }
    describe.skipIf(missing && !process.env.CI)(`on ${engine}`, () => {
      if (missing) {
        test('a Postgres is there', () => {
          throw new Error('CI needs a Postgres: set DATABASE_URL, or install its binaries.');
        });
        return;
      }
      onWorld(new World(engine), suite);
    });
  }
}
