import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { Job } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';

/** Does one job. It may run again after it succeeded (the process died in between), so it must not matter. */
export type Handler = (job: Job) => Promise<void>;

/** Something to do every so often, one run at a time. */
export type Periodic = { name: string; everyMs: number; firstMs?: number; run: () => Promise<void> };

const CONCURRENCY = 4;
/** One hand is left to the other kinds: thousands of messages that are carried must not keep a mention from its bell. */
const OF_ONE_KIND = CONCURRENCY - 1;
/**
 * Longer than nearly every job takes, short enough that nobody waits long for what a killed process had begun. One
 * that takes longer may be begun a second time, which does not matter.
 */
const LEASE_MS = 15_000;
/** Jobs that this process adds wake it, and it knows when the next one is due; this is for what it cannot know. */
const POLL_MS = 5_000;
const SHORTEST_SLEEP_MS = 50;
const GIVE_BACK_EVERY_MS = 500;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5 * 60_000;

/**
 * Runs jobs as they are found in the database. Two of one kind and key never run together; one that fails is tried
 * again, later each time, for ever: what is written there has to happen.
 */
export class JobRunner {
  #store: Store;
  #log: Log;
  #handlers: Readonly<Record<string, Handler>>;
  #periodic: readonly Periodic[];
  #timers = new Set<NodeJS.Timeout>();
  #poll: NodeJS.Timeout | null = null;
  #stop = new AbortController();
  #running = new Set<Promise<void>>();
  #busy = 0;
  readonly #ofKind = new Map<string, number>();
  #claiming = false;
  #claimAgain = false;
  #stopped = true;

  constructor(o: { store: Store; log: Log; handlers: Record<string, Handler>; periodic: readonly Periodic[] }) {
    this.#store = o.store;
    this.#log = o.log;
    this.#handlers = o.handlers;
    this.#periodic = o.periodic;
  }

  start(): void {
    this.#stopped = false;
    this.wake();
    for (const periodic of this.#periodic) this.#repeat(periodic, periodic.firstMs);
  }

  /** Jobs were added, or someone is free to do them. */
  wake(): void {
    if (this.#stopped || this.#busy >= CONCURRENCY) return;
    if (this.#claiming) {
      this.#claimAgain = true;
      return;
    }
    this.#claiming = true;
    this.#track(
      this.#claim().finally(() => {
        this.#claiming = false;
        if (this.#claimAgain) {
          this.#claimAgain = false;
          this.wake();
        }
      }),
    );
  }

  /** Starts nothing more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#poll !== null) clearTimeout(this.#poll);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stop.abort();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #claim(): Promise<void> {
    const kinds = Object.keys(this.#handlers).filter((kind) => this.#countOf(kind) < OF_ONE_KIND);
    const limit = Math.max(1, CONCURRENCY - 1 - this.#busy);
    let wait = POLL_MS;
    try {
      const jobs = await this.#store.jobs.claim(kinds, limit, LEASE_MS);
      for (const job of jobs) this.#begin(job);
      if (jobs.length === limit && this.#busy < CONCURRENCY) this.#claimAgain = true;
      const next = await this.#store.jobs.nextAt(kinds);
      if (next !== null) wait = Math.min(Math.max(next - Date.now(), SHORTEST_SLEEP_MS), POLL_MS);
    } catch (error) {
      this.#log.warn('cannot claim jobs', { error });
    }
    this.#sleep(wait);
  }

  #begin(job: Job): void {
    const { kind } = job;
    this.#busy += 1;
    this.#ofKind.set(kind, this.#countOf(kind) + 1);
    this.#track(
      this.#do(job).finally(() => {
        this.#busy -= 1;
        this.#ofKind.set(kind, this.#countOf(kind) - 1);
        this.wake();
      }),
    );
  }

  #countOf(kind: string): number {
    return this.#ofKind.get(kind) ?? 0;
  }

  async #do(job: Job): Promise<void> {
    const handler = this.#handlers[job.kind];
    try {
      if (handler === undefined) throw new Error(`nobody does ${job.kind}`);
      await handler(job);
      await this.#store.jobs.done(job.id);
    } catch (error) {
      this.#log.warn('job failed', { kind: job.kind, id: job.id, attempts: job.attempts, error });
      await this.#giveBack(job, error instanceof Error ? error.name : 'unknown');
    }
  }

  /** The database may be away, which is why it failed. A stop leaves the job to its lease. */
  async #giveBack(job: Job, reason: string): Promise<void> {
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (job.attempts - 1), LONGEST_RETRY_MS);
    for (let waited = 0; !this.#stopped && waited < LEASE_MS; waited += GIVE_BACK_EVERY_MS) {
      try {
        await this.#store.jobs.retry(job.id, reason, wait);
        return;
      } catch (error) {
        this.#log.warn('cannot give a job back', { id: job.id, error });
        await pause(GIVE_BACK_EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  #sleep(ms: number): void {
    if (this.#stopped) return;
    if (this.#poll !== null) clearTimeout(this.#poll);
    this.#poll = setTimeout(() => {
      this.wake();
    }, ms);
    this.#poll.unref();
  }

  #repeat(periodic: Periodic, waitMs = periodic.everyMs): void {
    const { name, run } = periodic;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#stopped) return;
      const done = run()
        .catch((error: unknown) => {
          this.#log.warn('periodic work failed', { name, error });
        })
        .finally(() => {
          this.#repeat(periodic);
        });
      this.#track(done);
    }, waitMs);
    timer.unref();
    if (this.#stopped) clearTimeout(timer);
    else this.#timers.add(timer);
  }

  #track(work: Promise<void>): void {
    const done = work.finally(() => this.#running.delete(done));
    this.#running.add(done);
  }
}
