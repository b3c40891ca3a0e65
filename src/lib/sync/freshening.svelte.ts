import type { Freshener } from './freshen.svelte.ts';
import type { Host } from './host.ts';
import type { Documents } from './registry.ts';
import type { ServerApi } from './server-api.ts';

/** Freshening is fetched once the server is there: no page waits for its code. */
export class Freshening {
  readonly #make: () => Promise<Freshener>;
  #freshener: Promise<Freshener> | null = null;
  #closed = false;
  #done = $state(false);

  constructor(host: Host, documents: Documents, api: ServerApi) {
    this.#make = async () => {
      const { Freshener } = await import('./freshen.svelte.ts');
      return new Freshener(host, documents, api, () => (this.#done = true));
    };
  }

  /** True once everything that the server listed has been brought here, since this tab began. */
  get done(): boolean {
    return this.#done;
  }

  /** Something may have changed: a round soon. */
  hint(): void {
    if (!this.#closed) void this.#begin();
  }

  /** Ends it, and lets another tab take over at once. */
  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#freshener)?.close();
  }

  async #begin(): Promise<void> {
    try {
      this.#freshener ??= this.#make();
      const freshener = await this.#freshener;
      if (!this.#closed) freshener.hint();
    } catch {
      // The network went while the code was on its way: the next hint asks for it again.
      this.#freshener = null;
    }
  }
}
