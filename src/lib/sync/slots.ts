/** Who goes first to the server when not all can. */
export type Priority = 'always' | 'open' | 'outbox' | 'freshen';

const ORDER: Record<Priority, number> = { always: 0, open: 1, outbox: 2, freshen: 3 };

/**
 * Bounds how many documents are attached at a time: beyond a hundred that wait for the server's permission it ends the
 * socket, and each attached one costs it memory. Who must always be attached does not wait for room.
 */
export class Slots {
  readonly #size: number;
  readonly #held = new Set<object>();
  #queue: { who: object; priority: Priority; start: () => void }[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** Calls `start` as soon as there is room, perhaps at once. Asking again replaces the earlier asking. */
  ask(who: object, priority: Priority, start: () => void): void {
    this.#queue = this.#queue.filter((asking) => asking.who !== who);
    this.#queue.push({ who, priority, start });
    this.#queue.sort((one, other) => ORDER[one.priority] - ORDER[other.priority]);
    this.#serve();
  }

  /** Gives back what was got or asked for. Idempotent. */
  leave(who: object): void {
    this.#queue = this.#queue.filter((asking) => asking.who !== who);
    this.#held.delete(who);
    this.#serve();
  }

  get waiting(): number {
    return this.#queue.length;
  }

  #serve(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#held.size >= this.#size && next.priority !== 'always' && !this.#held.has(next.who)) return;
      this.#queue.shift();
      this.#held.add(next.who);
      next.start();
    }
  }
}
