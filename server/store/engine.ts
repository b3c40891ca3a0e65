import postgres from 'postgres';
import type { Log } from '../log.ts';
import { cleanJson, cleanText, StoreRefused, StoreUnavailable, translated, type Pool } from './database.ts';

export type EngineKind = 'embedded' | 'postgres';

/** Something that speaks SQL. Both speak it through postgres.js. */
export interface Engine {
  readonly kind: EngineKind;
  readonly pool: Pool;
  /** Told once when the database is gone for good, although nobody closed it. */
  onLost(listener: (error: Error) => void): void;
  /** Waits a little for what is running, then ends. Idempotent. */
  close(): Promise<void>;
}

/** A value of `to` is written by `serialize`, one of `from` is read by `parse`. Numbers are the oids of pg_type. */
const TYPES = {
  text: { to: 25, from: [25], serialize: (x: unknown) => cleanText(String(x)), parse: (x: string) => x },
  json: { to: 3802, from: [114, 3802], serialize: cleanJson, parse: (x: string) => JSON.parse(x) as unknown },
  /** Ids, counts and sequence numbers: none comes near 2^53. */
  bigint: { to: 20, from: [20], serialize: String, parse: Number },
  /** Milliseconds since the epoch. */
  time: {
    to: 1184,
    from: [1184],
    serialize: (x: number) => new Date(x).toISOString(),
    parse: (x: string) => Date.parse(x),
  },
  bytes: {
    to: 17,
    from: [17],
    serialize: (x: Uint8Array) => `\\x${Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('hex')}`,
    parse: (x: string) => new Uint8Array(Buffer.from(x.slice(2), 'hex')),
  },
  // Parameters only. Defined here, because to ask the server for them costs a query on every new connection.
  texts: { to: 1009, from: [1009], serialize: arrayLiteral, parse: unread },
  bigints: { to: 1016, from: [1016], serialize: arrayLiteral, parse: unread },
};

function arrayLiteral(items: readonly (string | number)[]): string {
  return `{${items.map((item) => `"${cleanText(String(item)).replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

function unread(): never {
  throw new Error('The store reads no arrays');
}

/** What both engines have in common. */
export function poolOptions(log: Log) {
  return {
    types: TYPES,
    fetch_types: false,
    onnotice: (notice: postgres.Notice) => {
      log.debug('notice', { code: notice.code, text: notice.message });
    },
  };
}

const MIN_VERSION = 150_000;

/** A real Postgres, 15 or later. Rejects with `StoreUnavailable` while nobody answers there. */
export async function openPostgres(url: string, log: Log): Promise<Engine> {
  const pool = postgres(url, {
    ...poolOptions(log),
    max: 10,
    connect_timeout: 10,
    // The default grows to 20 s, through which everybody waits after the database came back.
    backoff: (attempt: number) => Math.min(2 ** attempt / 20, 1),
    connection: { application_name: 'taskflow' },
  }) as unknown as Pool;
  try {
    await checkVersion(pool);
  } catch (error) {
    await pool.end({ timeout: 0 });
    const cause = translated(error);
    if (cause instanceof StoreUnavailable || cause instanceof StoreRefused) throw cause;
    const { hostname, port, pathname } = new URL(url);
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreRefused(`The database at ${hostname}:${port || '5432'}${pathname} cannot be used: ${why}.`, {
      cause: error,
    });
  }
  return {
    kind: 'postgres',
    pool,
    onLost: () => undefined,
    close: () => pool.end({ timeout: 5 }),
  };
}

async function checkVersion(pool: Pool): Promise<void> {
  const [row] = await pool<{ version: number }[]>`
    select current_setting('server_version_num')::integer as version`;
  const version = row?.version ?? 0;
  if (version < MIN_VERSION) {
    throw new StoreRefused(
      `DATABASE_URL leads to PostgreSQL ${Math.floor(version / 10_000)}; TaskFlow needs version 15 or later.`,
    );
  }
}
