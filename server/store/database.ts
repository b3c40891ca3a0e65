import type postgres from 'postgres';

declare const transaction: unique symbol;

/** An open transaction of the store. Opaque: pass it on as the last argument of the store's functions. */
export interface Tx {
  readonly [transaction]: true;
}

/** What a tagged query is made with: the pool, or one transaction. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the driver's own default for "no typed helpers"
export type Sql = postgres.ISql<{}>;
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- as above
export type Pool = postgres.Sql<{}>;

/**
 * The database cannot be reached, or gave up for a reason that passes. Whether a transaction that ended so was
 * committed is unknown: repeat it only where that does no harm. Callers answer 503, or close with 1013.
 */
export class StoreUnavailable extends Error {
  /** The code of one who stopped waiting: nobody said that it is away. */
  static readonly NO_ANSWER = 'NO_ANSWER';
  override name = 'StoreUnavailable';
  readonly code: string;
  constructor(code: string, cause: unknown) {
    super(`The database does not answer (${code}).`, { cause });
    this.code = code;
  }

  /** True when it said itself that it could not do it: then nothing of it is stored. */
  get undone(): boolean {
    return PASSING.test(this.code) && !HANGS_UP.test(this.code);
  }

  /** True when it gave no answer at all: what was asked may still be done. */
  get unanswered(): boolean {
    return this.code === StoreUnavailable.NO_ANSWER;
  }

  /** True when its disk is full. */
  get full(): boolean {
    return this.code === '53100';
  }
}

/** The database must not be opened, or cannot be. The message is one sentence for the person who starts the server. */
export class StoreRefused extends Error {
  override name = 'StoreRefused';
}

/** The driver's and the system's words for a connection that is gone or cannot be made. */
const LOST = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ETIMEDOUT',
]);
/**
 * SQLSTATEs of a passing fault: connection (08), resources (53), shutdown (57P), a lock not given in time (55P03),
 * deadlock and serialization (40), a standby that is not yet writable (25006).
 */
const PASSING = /^(?:08...|53...|57P..|55P03|40...|25006)$/;
/** Of these, the ones after which the connection is gone as well. */
const HANGS_UP = /^(?:08...|57P..)$/;

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function connectionLost(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && (LOST.has(code) || HANGS_UP.test(code));
}

/** The error itself, or `StoreUnavailable` where the reason may pass. */
export function translated(error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof StoreUnavailable || code === null) return error;
  return LOST.has(code) || PASSING.test(code) ? new StoreUnavailable(code, error) : error;
}

/** Makes every function of `operations` reject with `StoreUnavailable` where the database is the reason. */
export function guarded<T extends Record<string, (...args: never[]) => Promise<unknown>>>(operations: T): T {
  const out: Record<string, (...args: never[]) => Promise<unknown>> = {};
  for (const [name, operation] of Object.entries(operations)) {
    out[name] = async (...args) => {
      try {
        return await operation(...args);
      } catch (error) {
        throw translated(error);
      }
    };
  }
  return out as T;
}

/** One pool, and the only way to open a transaction on it. */
export class Database {
  readonly pool: Pool;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  /** What to query with: the given transaction, or the pool. */
  sql(tx?: Tx): Sql {
    return tx ? (tx as unknown as Sql) : this.pool;
  }

  /** Runs `fn` in the given transaction, or in one of its own. */
  within<T>(tx: Tx | undefined, fn: (tx: Tx) => Promise<T>): Promise<T> {
    return tx ? fn(tx) : this.transaction(fn);
  }

  /**
   * Commits what `fn` did when it resolves, undoes it when it rejects. Inside, every query takes `tx`.
   *
   * postgres.js 3.4.9 answers a lost connection by sending `rollback` into a socket that is null, which throws where
   * nobody can catch it and ends the process; and it would run the rest of `fn` outside of any transaction once that
   * connection is open again. So `fn`'s failure is kept from it when the connection is the reason (it rejects by
   * itself when the connection closes), and no query is sent after that.
   */
  async transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    let over = false;
    try {
      const result = await this.pool.begin(async (inner) => {
        const query = (first: TemplateStringsArray, ...rest: never[]) => {
          if (over) throw new StoreUnavailable('CONNECTION_CLOSED', undefined);
          return inner(first, ...rest);
        };
        const tx = Object.assign(query, { json: inner.json.bind(inner) }) as unknown as Tx;
        try {
          return { value: await fn(tx) };
        } catch (error) {
          if (connectionLost(error)) return await new Promise<never>(() => {});
          throw error;
        }
      });
      return (result as { value: T }).value;
    } catch (error) {
      throw translated(error);
    } finally {
      over = true;
    }
  }
}

/** Rows as one JSON parameter, for `jsonb_to_recordset`: one statement whatever their number. */
export function rowset(sql: Sql, rows: readonly object[]) {
  return sql.json(rows as readonly postgres.JSONValue[]);
}

/**
 * Text as Postgres can hold it: U+FFFD in place of U+0000 and of half a surrogate pair. It refuses both, and one such
 * word would fail the batch of everybody else.
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** JSON as Postgres can hold it. `JSON.stringify` writes what it cannot hold as escapes, and only that. */
export function cleanJson(value: unknown): string {
  return JSON.stringify(value).replace(/\\(u0000|ud[89a-f]..|.)/g, (escape, what: string) =>
    what.length === 1 ? escape : '\\ufffd',
  );
}

/** A time for a JSON row. Times are milliseconds since the epoch everywhere else. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
