/** For how long one turn of the event loop may handle messages, or pieces of long work. */
const TURN_MS = 10;

/**
 * Shares the event loop among all connections. Messages that are settled without waiting for anything (an echo, a
 * question) are handled in microtasks, which go on until none is left: a queue of them would keep everybody else from
 * being heard, timers and probes too.
 */
export class Turns {
  /** When the first message of this turn was handled; null when nothing was, and nobody waits. */
  #began: number | null = null;
  #waiting: (() => void)[] = [];

  /**
   * Call before each message, and await what comes back. Undefined: go on at once. Who has to wait goes on in the order
   * of asking, one in each turn of the loop, so that a long queue takes its place behind everyone's next message.
   */
  next(): Promise<void> | undefined {
    const now = performance.now();
    if (this.#began === null) {
      this.#began = now;
      setImmediate(this.#pass);
    }
    if (this.#waiting.length === 0 && now - this.#began < TURN_MS) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #pass = (): void => {
    const first = this.#waiting.shift();
    if (first === undefined) {
      this.#began = null;
      return;
    }
    this.#began = performance.now();
    setImmediate(this.#pass);
    first();
  };
}

/** Long work in pieces. Together they take a turn of the event loop for ten milliseconds, then everything else has its turn. */
export class TimeSlices {
  #began = performance.now();

  /** Await it between two pieces. Undefined: go on at once. */
  next(): Promise<void> | undefined {
    if (performance.now() - this.#began < TURN_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#began = performance.now();
        resolve();
      });
    });
  }
}
