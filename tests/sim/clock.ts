import nodeCrypto, { webcrypto } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import promises from 'node:timers/promises';

/**
 * Virtual time. Everything that waits in a run waits here: events are taken one by one in the order of their time, each
 * with all the promises that it settles, and nothing else ever runs. The same seed therefore gives the same run.
 */

/** Who an event belongs to: one process (a server, a tab). Its events die, sleep and tell the time with it. */
export class Owner {
  readonly name: string;
  /** How far its clock is off, in milliseconds. */
  skew = 0;
  dead = false;
  /** While it is set nothing of this process runs: its events wait until it wakes. */
  asleep = false;
  readonly parked: Event[] = [];
  /** What the system does when the process dies. */
  readonly onDeath = new Set<() => void>();
  /** Whoever waits here for something to become true: they look again after each event of this process. */
  readonly looks = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }
}

export type Event = { at: number; nth: number; owner: Owner; run: (() => void) | null };

/** A timer as Node hands it out, as far as anyone here uses it. */
export class Timer {
  event: Event | null = null;
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  hasRef(): boolean {
    return false;
  }
}

/** The awareness protocol looks every so often for states that are outdated. Nobody here looks at presence. */
const AWARENESS_CHECK_MS = 3_000;
/** Events in one turn of Node's loop. */
const TURNS_AT_ONCE = 64;
/** The world begins in 2030. */
const EPOCH = 1_893_456_000_000;

const real = {
  setImmediate: globalThis.setImmediate,
  queueMicrotask: globalThis.queueMicrotask,
  now: Date.now,
  performanceNow: performance.now.bind(performance),
};

export class Clock {
  now = 0;
  /** The process whose event runs, and whose promises are settled by it. */
  current = new Owner('world');
  readonly world = this.current;
  events = 0;
  #nth = 0;
  #heap: Event[] = [];
  /** An event has run since those who wait looked. */
  #news = false;
  /** Something has been put off until the promises of this turn are settled. */
  stirred = false;
  /** Hears of every event before it runs. */
  onEvent: ((event: Event) => void) | null = null;

  /** Milliseconds since the epoch, as this process believes. */
  get time(): number {
    return Math.floor(EPOCH + this.now + this.current.skew);
  }

  at(owner: Owner, delay: number, run: () => void): Event {
    const event: Event = { at: this.now + Math.max(0, delay), nth: this.#nth++, owner, run };
    this.#push(event);
    return event;
  }

  /** Resolves, for that process, after a while. */
  wait(owner: Owner, delay: number): Promise<void> {
    return new Promise((resolve) => this.at(owner, delay, resolve));
  }

  /** Calls `look` after each event of the process whose event runs now, until what it answers is called. */
  follow(look: () => void): () => void {
    const { looks } = this.current;
    looks.add(look);
    return () => looks.delete(look);
  }

  cancel(event: Event | null | undefined): void {
    if (event) event.run = null;
  }

  kill(owner: Owner): void {
    if (owner.dead) return;
    owner.dead = true;
    owner.parked.length = 0;
    for (const end of owner.onDeath) end();
    owner.onDeath.clear();
    owner.looks.clear();
  }

  wake(owner: Owner): void {
    owner.asleep = false;
    for (const event of owner.parked.splice(0)) {
      event.at = this.now;
      event.nth = this.#nth++;
      this.#push(event);
    }
  }

  /** Runs until `done` says so, or nothing is left to run, or `limit` is reached. */
  run(done: () => boolean, limit = Infinity): Promise<'done' | 'idle' | 'limit'> {
    const { promise, resolve, reject } = Promise.withResolvers<'done' | 'idle' | 'limit'>();
    let over = false;
    const end = (how: 'done' | 'idle' | 'limit'): void => {
      over = true;
      resolve(how);
    };
    const turn = (): void => {
      if (over) return;
      try {
        if (this.#look()) return;
        this.current = this.world;
        if (done()) return end('done');
        const event = this.#pop();
        if (event === undefined) return end('idle');
        if (event.at > limit) {
          this.#push(event);
          return end('limit');
        }
        this.#take(event);
      } catch (error) {
        over = true;
        return reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    // Node settles all promises between two callbacks of one turn of its loop, as between two turns, which cost more.
    const turns = (): void => {
      turn();
      if (over) return;
      for (let i = 1; i < TURNS_AT_ONCE; i++) real.setImmediate(turn);
      real.setImmediate(turns);
    };
    real.setImmediate(turns);
    return promise;
  }

  /** True when somebody who looked found what they wait for: what that settles comes before the next event. */
  #look(): boolean {
    const { looks, asleep } = this.current;
    if (!this.#news || asleep || looks.size === 0) return false;
    this.#news = false;
    this.stirred = false;
    for (const look of [...looks]) look();
    return this.stirred;
  }

  #take(event: Event): void {
    const { owner, run } = event;
    if (run === null || owner.dead) return;
    this.now = Math.max(this.now, event.at);
    if (owner.asleep) {
      owner.parked.push(event);
      return;
    }
    this.events += 1;
    this.current = owner;
    this.onEvent?.(event);
    event.run = null;
    this.#news = true;
    run();
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!before(event, heap[up] as Event)) break;
      heap[i] = heap[up] as Event;
      i = up;
    }
    heap[i] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    // What was cancelled, and what belongs to the dead, does not cost a turn.
    for (;;) {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length > 0) this.#sink(last);
      if (first.run !== null && !first.owner.dead) return first;
    }
  }

  #sink(event: Event): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!before(heap[child] as Event, event)) break;
      heap[i] = heap[child] as Event;
      i = child;
    }
    heap[i] = event;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.nth < b.nth);
}

/** What `globalThis` answers from now on: the clock and the chance of the run under way. */
export const running: {
  clock: Clock;
  random: () => number;
  word: () => number;
  bytes: (into: Uint8Array) => void;
} = {
  clock: new Clock(),
  random: () => 0.5,
  word: () => 7,
  bytes: (into) => into.fill(7),
};

function setTimer(run: () => void, ms: number): Timer {
  const timer = new Timer();
  const { clock } = running;
  timer.event = clock.at(clock.current, ms, run);
  return timer;
}

function clear(timer: unknown): void {
  if (timer instanceof Timer) running.clock.cancel(timer.event);
}

/**
 * Puts virtual time and seeded chance in the place of the machine's, for this whole thread and for good. To be called
 * before anything of the product is imported, because libraries keep what they find.
 */
export function install(): void {
  const crypto = webcrypto as { getRandomValues: unknown };
  Date.now = () => running.clock.time;
  performance.now = () => running.clock.now;
  Math.random = () => running.random();
  crypto.getRandomValues = <T extends ArrayBufferView>(into: T): T => {
    // Yjs asks for one word at a time, and often.
    if (into instanceof Uint32Array && into.length === 1) into[0] = running.word();
    else running.bytes(new Uint8Array(into.buffer, into.byteOffset, into.byteLength));
    return into;
  };
  nodeCrypto.randomUUID = (() => `${running.clock.events}-${Math.floor(running.random() * 2 ** 48)}`) as never;
  const timers = {
    setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      setTimer(() => run(...args), Math.max(1, ms)),
    setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) => setTimer(() => run(...args), 0),
    setInterval: (run: (...args: unknown[]) => void, ms: number, ...args: unknown[]) => {
      if (ms === AWARENESS_CHECK_MS) return new Timer();
      const timer = new Timer();
      const { clock } = running;
      const owner = clock.current;
      const again = (): void => {
        timer.event = clock.at(owner, Math.max(1, ms), () => {
          again();
          run(...args);
        });
      };
      again();
      return timer;
    },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  Object.assign(globalThis, timers);
  // Whoever ends their looking does it so: a turn without it has settled nothing.
  globalThis.queueMicrotask = (run) => {
    running.clock.stirred = true;
    real.queueMicrotask(run);
  };
  promises.setTimeout = ((ms: number) => new Promise<void>((resolve) => setTimer(resolve, ms))) as never;
  syncBuiltinESMExports();
}

/** The machine's own time, for measuring. */
export function realNow(): number {
  return real.performanceNow();
}
