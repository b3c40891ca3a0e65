import type { Documents } from './registry.ts';
import type { Host } from './host.ts';
import type { OpenDocument } from './open-document.svelte.ts';

/** Documents that are pushed at the same time. */
const AT_ONCE = 10;
/** How often those that wait are looked at again: a document may have to wait for its board to exist. */
const AGAIN_MS = 5_000;

/**
 * Attaches documents with changes that wait, whether or not anybody looks at them, until the server has everything: who
 * leaves a room while offline does not strand their words in it.
 */
export class Pusher {
  readonly #host: Host;
  readonly #documents: Documents;
  readonly #held = new Map<string, OpenDocument>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(host: Host, documents: Documents) {
    this.#host = host;
    this.#documents = documents;
  }

  /** Something began or ceased to wait, or the server is back. */
  hint(): void {
    for (const [name, open] of this.#held) {
      if (!this.#waits(name)) this.#letGo(name, open);
    }
    if (this.#host.socket.state.kind === 'online') this.#fill();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#held.clear();
  }

  #fill(): void {
    const waiting = this.#host.outbox.names.filter((name) => !this.#held.has(name));
    for (const name of waiting) {
      if (this.#held.size >= AT_ONCE) break;
      this.#held.set(name, this.#documents.open(name, 'outbox'));
    }
    if (this.#held.size > 0) this.#timer ??= setTimeout(() => this.#turn(), AGAIN_MS);
  }

  /** Makes room for others where a document is not known to the server yet. */
  #turn(): void {
    this.#timer = null;
    const queued = this.#host.outbox.names.some((name) => !this.#held.has(name));
    for (const [name, open] of this.#held) {
      if (queued && open.remote.kind === 'absent') this.#letGo(name, open);
    }
    this.hint();
  }

  #waits(name: string): boolean {
    return this.#host.outbox.of(name) > 0;
  }

  #letGo(name: string, open: OpenDocument): void {
    this.#held.delete(name);
    open.release();
  }
}
