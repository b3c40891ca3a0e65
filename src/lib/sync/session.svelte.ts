import { SyncClient } from './client.ts';
import { current } from './current.svelte.ts';
import { endpoint, setEndpoint } from './endpoint.ts';
import type { Me } from './host.ts';
import { memory } from './memory.ts';
import { serverApi } from './server-api.ts';

export type { Me };

export type SessionState = { kind: 'starting' } | { kind: 'signed-out' } | { kind: 'signed-in'; me: Me };

/** How often a sign-out is tried again that the server could not be told. */
const TELL_AGAIN_MS = 10_000;

/** Who is signed in on this device. Remembered, so that the app opens without the server. */
class Session {
  #state = $state.raw<SessionState>({ kind: 'starting' });
  #started: Promise<void> | null = null;
  #entering: Promise<void> = Promise.resolve();

  get state(): SessionState {
    return this.#state;
  }

  /** Begins: at once from what this device remembers, then asks the server in the background. Idempotent. */
  start(options: { base?: string } = {}): Promise<void> {
    if (options.base !== undefined) setEndpoint({ base: options.base });
    this.#started ??= this.#start();
    return this.#started;
  }

  /** To be called after the API has signed someone in. */
  async signedIn(me: Me): Promise<void> {
    memory.setMe(me);
    memory.setMustSignOut(false);
    await this.#enter(me);
  }

  /** How many changes would be lost by wiping this device now. */
  unsentCount(): number {
    return current.client?.outbox.waiting ?? 0;
  }

  /** Signs out, in every tab. With `wipe`, deletes this person's copies from the device; unsent changes are lost then. */
  async signOut({ wipe }: { wipe: boolean }): Promise<void> {
    const client = current.client;
    memory.setMe(null);
    memory.setMustSignOut(true);
    client?.tabs.tell({ kind: 'signed-out' });
    this.#leave();
    if (client !== null) await (wipe ? client.wipe() : client.close());
    await this.#tellServer();
  }

  async #start(): Promise<void> {
    memory.onOtherTab(() => void this.#follow());
    await this.#tellServer();
    const me = memory.me();
    if (me !== null) {
      await this.#enter(me);
      void this.#verify();
      return;
    }
    const answer = await serverApi(endpoint()).me();
    if (answer.ok && !memory.mustSignOut()) await this.signedIn(answer.value);
    else this.#state = { kind: 'signed-out' };
  }

  /** Another tab signed in or out. */
  async #follow(): Promise<void> {
    const me = memory.me();
    if (me === null) await this.#signedOut();
    else await this.#enter(me);
  }

  async #verify(): Promise<void> {
    const answer = await serverApi(endpoint()).me();
    if (this.#state.kind !== 'signed-in') return;
    if (answer.ok) await this.signedIn(answer.value);
    else if (answer.error.code === 'signed-out') await this.#signedOut();
  }

  /** One at a time: a tab has one client. */
  #enter(me: Me): Promise<void> {
    this.#entering = this.#entering.then(() => this.#switch(me));
    return this.#entering;
  }

  async #switch(me: Me): Promise<void> {
    const client = current.client;
    if (client?.me.id === me.id && client.me.seq === me.seq) {
      this.#state = { kind: 'signed-in', me };
      return;
    }
    current.client = null;
    await client?.close();
    const next = new SyncClient(me, endpoint(), serverApi(endpoint()), { signedOut: () => void this.#signedOut() });
    current.client = next;
    this.#state = { kind: 'signed-in', me };
  }

  /** The server, or another tab, ended the session. What is on the device stays for the next sign-in. */
  async #signedOut(): Promise<void> {
    const client = current.client;
    memory.setMe(null);
    this.#leave();
    client?.tabs.tell({ kind: 'signed-out' });
    await client?.close();
  }

  #leave(): void {
    current.client = null;
    this.#state = { kind: 'signed-out' };
  }

  /** A sign-out without a server is made up for as soon as there is one. */
  async #tellServer(): Promise<void> {
    if (!memory.mustSignOut()) return;
    const answer = await serverApi(endpoint()).signOut();
    if (answer.ok || answer.error.code === 'signed-out') memory.setMustSignOut(false);
    else setTimeout(() => void this.#tellServer(), TELL_AGAIN_MS);
  }
}

export const session = new Session();
