import { StoreUnavailable } from '../../../server/store/database.ts';
import type { Tx } from '../../../server/store/store.ts';
import type { Data, View } from './data.ts';

/** Where a process may die, or the database may go away, between two steps. */
export type Point = 'statement' | 'commit' | 'committed';

/** What a database is besides its rows: how long each step takes, and what time it is there. */
export type Steps = {
  /** Resolves when the step may be taken; a rejection is the database's failure at that point. */
  step(point: Point): Promise<void>;
  now(): number;
  /** Whether readers see the last committed state at once (Postgres), or wait for their turn (the embedded engine). */
  readersWait: boolean;
};

type OpenTransaction = { over: boolean; failed: boolean; last: Promise<unknown> };

/**
 * One process' connection. Writers take turns; a transaction that fails leaves nothing. When its process dies, nothing
 * of it runs any more and the next connection finds what was committed: `Data.end(false)`.
 */
export class Connection {
  readonly data: Data;
  readonly steps: Steps;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(data: Data, steps: Steps) {
    this.data = data;
    this.steps = steps;
  }

  /** One statement that reads. */
  read<T>(tx: Tx | undefined, statement: (view: View) => T): Promise<T> {
    if (tx !== undefined) return this.#within(tx, statement);
    if (this.steps.readersWait) return this.#exclusive(() => this.#plain(statement));
    return this.#plain(statement);
  }

  /** One statement that writes: alone, a transaction of its own. */
  write<T>(tx: Tx | undefined, statement: (view: View) => T): Promise<T> {
    return tx === undefined ? this.transaction((own) => this.#within(own, statement)) : this.#within(tx, statement);
  }

  transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#exclusive(async () => {
      const tx: OpenTransaction = { over: false, failed: false, last: Promise.resolve() };
      let result: T;
      try {
        result = await fn(tx as unknown as Tx);
        await this.steps.step('commit');
        if (tx.failed) throw new Error('current transaction is aborted');
      } catch (error) {
        this.data.end(false);
        throw error;
      } finally {
        tx.over = true;
      }
      this.data.end(true);
      await this.steps.step('committed');
      return result;
    });
  }

  close(): void {
    this.#closed = true;
  }

  async #plain<T>(statement: (view: View) => T): Promise<T> {
    if (this.#closed) throw new StoreUnavailable('CONNECTION_ENDED', undefined);
    await this.steps.step('statement');
    return statement(this.data.outside);
  }

  /** Statements of one transaction run in the order in which they were sent. */
  #within<T>(handle: Tx, statement: (view: View) => T): Promise<T> {
    const tx = handle as unknown as OpenTransaction;
    if (tx.over) return Promise.reject(new StoreUnavailable('CONNECTION_CLOSED', undefined));
    const done = tx.last.then(async () => {
      await this.steps.step('statement');
      if (tx.over) throw new StoreUnavailable('CONNECTION_CLOSED', undefined);
      if (tx.failed) throw new Error('current transaction is aborted');
      try {
        return statement(this.data.inside);
      } catch (error) {
        tx.failed = true;
        throw error;
      }
    });
    tx.last = done.catch(() => undefined);
    return done;
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('CONNECTION_ENDED', undefined));
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
