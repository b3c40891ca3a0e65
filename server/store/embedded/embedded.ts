import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import type { Log } from '../../log.ts';
import { StoreRefused, type Pool } from '../database.ts';
import { poolOptions, type Engine } from '../engine.ts';
import { EmbeddedFailure, startBridge, type Bridge } from './bridge.ts';
import { lockDirectory } from './lock.ts';
import { lackOfRoom } from './room.ts';

/** The PostgreSQL inside of the pinned PGlite. A directory of another one it opens with nothing but 'failed'. */
const MAJOR = '18';

/**
 * The embedded Postgres, in `<dataDir>/postgres`: made at the first start, locked against a second process, and run in
 * a thread of its own, so that a long query never holds up the event loop.
 */
export async function openEmbedded(dataDir: string, log: Log): Promise<Engine> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDirectory(dataDir);
  try {
    const bridge = await start(dataDir, log);
    const pool = connect(bridge, log);
    let closed: Promise<void> | null = null;
    return {
      kind: 'embedded',
      pool,
      onLost: (listener) => {
        bridge.onLost(listener);
      },
      close: () => (closed ??= close(pool, bridge).finally(unlock)),
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function start(dataDir: string, log: Log): Promise<Bridge> {
  const directory = join(dataDir, 'postgres');
  const nursery = join(dataDir, 'postgres.new');
  // A start that did not come to its end left it; nobody else is here, by the lock.
  rmSync(nursery, { recursive: true, force: true });
  const isNew = !existsSync(directory);
  if (!isNew) {
    checkVersion(directory);
    chmodSync(directory, 0o700);
  }
  const lack = lackOfRoom(dataDir, isNew);
  if (lack !== null) throw new StoreRefused(`The embedded database in ${dataDir} cannot be opened: ${lack}.`);
  const began = performance.now();
  try {
    const bridge = await startBridge({ directory, nursery }, (full) => {
      if (full) log.error('the disk is full: writes are refused until space is freed', { directory: dataDir });
      else log.info('the disk has room again: writes are taken', { directory: dataDir });
    });
    log.info('embedded database open', { new: isNew, ms: Math.round(performance.now() - began) });
    return bridge;
  } catch (error) {
    if (!(error instanceof EmbeddedFailure)) throw error;
    throw new StoreRefused(`The embedded database in ${directory} cannot be opened: ${error.message}.`, {
      cause: error,
    });
  }
}

function checkVersion(directory: string): void {
  const file = join(directory, 'PG_VERSION');
  if (!existsSync(file)) {
    throw new StoreRefused(`${directory} is there but holds no database; move it away, or set DATA_DIR elsewhere.`);
  }
  const version = readFileSync(file, 'utf8').trim();
  if (version !== MAJOR) {
    throw new StoreRefused(
      `The database in ${directory} is of PostgreSQL ${version}, and this TaskFlow brings PostgreSQL ${MAJOR}; start it with the TaskFlow that made it.`,
    );
  }
}

function connect(bridge: Bridge, log: Log): Pool {
  const options = {
    ...poolOptions(log),
    socket: () => bridge.connect(),
    // One session serves them all. More than one, so that a query which should have been in a transaction is answered
    // with an error by the session instead of waiting in the driver for ever.
    max: 8,
    user: 'postgres',
    database: 'postgres',
    ssl: false,
    prepare: true,
    max_lifetime: null,
    // The first answer waits behind whatever is running.
    connect_timeout: 0,
  };
  return postgres(options);
}

async function close(pool: Pool, bridge: Bridge): Promise<void> {
  await pool.end({ timeout: bridge.alive ? 5 : 0 });
  await bridge.close();
}
