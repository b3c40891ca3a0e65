import type { SyncClient } from './client.ts';

/** The client of whoever is signed in, in this tab. */
class Current {
  #client = $state.raw<SyncClient | null>(null);

  get client(): SyncClient | null {
    return this.#client;
  }

  set client(client: SyncClient | null) {
    this.#client = client;
  }

  /** The client; throws when nobody is signed in, which no page that opens documents lets happen. */
  need(): SyncClient {
    if (this.#client === null) throw new Error('nobody is signed in');
    return this.#client;
  }
}

export const current = new Current();
