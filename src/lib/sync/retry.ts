const AFTER_MS = [1_000, 5_000, 30_000];

/** Tries something again until it works: after a second, then in longer pauses. */
export class Retry {
  readonly #work: () => Promise<boolean>;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running = false;
  #failures = 0;
  #stopped = false;

  /** `work` answers whether it worked, and must not reject. */
  constructor(work: () => Promise<boolean>) {
    this.#work = work;
  }

  /** A try after the next pause, unless one is due already. */
  soon(): void {
    if (this.#timer !== null || this.#running || this.#stopped) return;
    const wait = AFTER_MS[Math.min(this.#failures, AFTER_MS.length - 1)] ?? 0;
    this.#timer = setTimeout(() => void this.now(), wait);
  }

  /** A try at once. Resolves when it is over. */
  async now(): Promise<void> {
    if (this.#running || this.#stopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#running = true;
    const worked = await this.#work();
    this.#running = false;
    this.#failures = worked ? 0 : this.#failures + 1;
    if (!worked) this.soon();
  }

  /** Ends all trying. */
  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
