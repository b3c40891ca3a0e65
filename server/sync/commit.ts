import { isConflict, isPassing, isUndone, Unavailable } from './outcome.ts';

/** Something that waits for the log. */
export interface Waiting {
  /** The document it belongs to. What follows a failed update of the same document may build on it, and fails too. */
  readonly name: string;
  readonly bytes: number;
  /** Gets a transaction of its own, because it may fail for a reason of its own. */
  readonly alone: boolean;
}

export type CommitSteps<W extends Waiting, S> = {
  /** Stores all of them in one transaction, or none. */
  store(batch: readonly W[]): Promise<S>;
  /** Applies what is stored, in order and in one turn. Must not throw. */
  apply(batch: readonly W[], stored: S): void;
  /** The database is away: whether these were stored is unknown. Must not throw. */
  abandon(batch: readonly W[]): void;
  /** `entry` cannot be stored, ever; `followers` of the same document were not stored because of it. Must not throw. */
  refuse(entry: W, error: unknown, followers: readonly W[]): void;
};

/** Few enough that one transaction stays short, many enough that its cost is shared. */
const BATCH_ENTRIES = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
/** With the database away, this much may wait in memory; what comes after is turned away. */
const WAITING_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 3;

type Ticket<W> = { entry: W; resolve: () => void; reject: (error: unknown) => void };

/**
 * One transaction at a time for the whole process: everything that arrives while one is being stored goes
 * into the next. Entries are stored, applied and resolved in the order of their submission.
 */
export class GroupCommit<W extends Waiting, S> {
  #steps: CommitSteps<W, S>;
  #queue: Ticket<W>[] = [];
  #bytes = 0;
  #running: Promise<void> | null = null;
  #storing = 0;
  #commits = 0;

  constructor(steps: CommitSteps<W, S>) {
    this.#steps = steps;
  }

  get waiting(): number {
    return this.#queue.length + this.#storing;
  }

  get commits(): number {
    return this.#commits;
  }

  /**
   * Resolves in the turn in which the entry was stored and applied. Rejects with Unavailable when the
   * database is away (it may have been stored all the same) or cannot store anything at this moment, otherwise with
   * what the transaction failed for.
   */
  submit(entry: W): Promise<void> {
    if (this.#bytes + entry.bytes > WAITING_BYTES) return Promise.reject(new Unavailable());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ entry, resolve, reject });
    this.#bytes += entry.bytes;
    this.#running ??= this.#run();
    return promise;
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    // What the sockets deliver in this turn goes into one transaction.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const batch = this.#take();
      this.#storing = batch.length;
      await this.#commit(batch);
      this.#storing = 0;
    }
    this.#running = null;
  }

  #take(): Ticket<W>[] {
    let count = 0;
    let bytes = 0;
    for (const { entry } of this.#queue) {
      if (count > 0 && (entry.alone || count === BATCH_ENTRIES || bytes + entry.bytes > BATCH_BYTES)) break;
      count += 1;
      bytes += entry.bytes;
      if (entry.alone) break;
    }
    this.#bytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #commit(batch: readonly Ticket<W>[]): Promise<void> {
    const error = await this.#attempt(batch);
    if (error === null) return;
    if (isPassing(error)) {
      this.#giveUp([...batch, ...this.#queue.splice(0)], error);
      this.#bytes = 0;
    } else if (batch.length === 1) {
      this.#fail(batch[0] as Ticket<W>, error, []);
    } else {
      await this.#oneByOne(batch);
    }
  }

  /** One of them cannot be stored. Only its own document pays for that. */
  async #oneByOne(batch: readonly Ticket<W>[]): Promise<void> {
    const left = [...batch];
    for (let ticket = left.shift(); ticket !== undefined; ticket = left.shift()) {
      const error = await this.#attempt([ticket]);
      if (error === null) continue;
      if (isPassing(error)) {
        this.#giveUp([ticket, ...left.splice(0), ...this.#queue.splice(0)], error);
        this.#bytes = 0;
        return;
      }
      this.#fail(ticket, error, left);
    }
  }

  /** Stores, applies and resolves; the error when it could not be stored. */
  async #attempt(batch: readonly Ticket<W>[]): Promise<unknown> {
    const entries = batch.map((ticket) => ticket.entry);
    for (let attempt = 1; ; attempt += 1) {
      let stored: S;
      try {
        stored = await this.#steps.store(entries);
      } catch (error) {
        if (isConflict(error) && attempt < ATTEMPTS) continue;
        return error ?? new Error('rejected without an error');
      }
      this.#commits += 1;
      this.#steps.apply(entries, stored);
      for (const ticket of batch) ticket.resolve();
      return null;
    }
  }

  #fail(ticket: Ticket<W>, error: unknown, left: Ticket<W>[]): void {
    const follows = (other: Ticket<W>): boolean => !ticket.entry.alone && other.entry.name === ticket.entry.name;
    const followers = [...left, ...this.#queue].filter(follows);
    for (const list of [left, this.#queue]) list.splice(0, list.length, ...list.filter((other) => !follows(other)));
    this.#bytes = this.#queue.reduce((sum, other) => sum + other.entry.bytes, 0);
    this.#steps.refuse(
      ticket.entry,
      error,
      followers.map((follower) => follower.entry),
    );
    ticket.reject(error);
    for (const follower of followers) follower.reject(new Unavailable(error));
  }

  #giveUp(tickets: readonly Ticket<W>[], cause: unknown): void {
    if (!isUndone(cause)) this.#steps.abandon(tickets.map((ticket) => ticket.entry));
    const error = new Unavailable(cause);
    for (const ticket of tickets) ticket.reject(error);
  }
}
