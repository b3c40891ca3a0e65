import type { UserId } from '../model/ids.ts';
import { wipeDatabases } from './catalog.ts';
import { SyncClient } from './client.ts';
import { current } from './current.svelte.ts';
import { endpoint, setEndpoint } from './endpoint.ts';
import type { Me } from './host.ts';
import { isSameMe, memory } from './memory.ts';
import type { Remembered } from './remembered.ts';
import { serverApi } from './server-api.ts';

export type { Me };

/** `wiped`: and nothing of this person is to stay on this device. */
export type SessionState =
  { kind: 'starting' } | { kind: 'signed-out'; wiped: boolean } | { kind: 'signed-in'; me: Me };

/** How often a sign-out is tried again that the server could not be told, and a wipe that a frozen tab held up. */
const AGAIN_MS = 10_000;

/** Its code comes after what people see, and not at all where the network fails before the app is kept. */
async function remembered<T>(use: (kept: Remembered) => Promise<T>): Promise<T | null> {
  try {
    return await use((await import('./remembered.ts')).remembered);
  } catch {
    return null;
  }
}

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
    this.#keep(me);
    memory.setMustSignOut(null);
    await this.#enter(me);
  }

  /** Goes on as who is signed in in this browser, by another tab perhaps; false when nobody is. */
  async resume(): Promise<boolean> {
    if (memory.me() === null) await this.#askServer();
    else await this.#follow(false);
    return this.#state.kind === 'signed-in';
  }

  /** How many changes would be lost by wiping this device now. */
  unsentCount(): number {
    return current.client?.outbox.waiting ?? 0;
  }

  /** Signs out, in every tab. With `wipe`, deletes this person's copies from the device; unsent changes are lost then. */
  async signOut({ wipe }: { wipe: boolean }): Promise<void> {
    const client = current.client;
    // First, so that a tab that ends in the middle leaves a note of what is still to be done.
    if (client !== null && wipe) memory.setMustWipe(client.me.id, true);
    const me = memory.me() ?? (this.#state.kind === 'signed-in' ? this.#state.me : null);
    // In this order: to other tabs, nobody here is either signed in or has just signed out, which the server may not know.
    if (me !== null) memory.setMustSignOut(me.session);
    memory.setMe(null);
    void remembered((kept) => kept.set(null));
    client?.tabs.tell({ kind: 'signed-out', wiped: wipe });
    this.#leave(wipe);
    if (client !== null && wipe) await this.#finishWipe(client.me.id, client.wipe());
    else await client?.close();
    await this.#tellServer();
  }

  async #start(): Promise<void> {
    memory.onOtherTab((cleared) => void this.#follow(cleared));
    await this.#tellServer();
    const me = memory.me() ?? (memory.mustSignOut() !== null ? null : await remembered((kept) => kept.me()));
    void this.#wipeAgain();
    if (me !== null) {
      if (memory.me() === null) memory.setMe(me);
      await this.#enter(me);
      void this.#verify();
      return;
    }
    await this.#askServer();
  }

  /** Who is signed in, as far as this browser's cookie tells. It may be that of a session that is just being ended. */
  async #askServer(): Promise<void> {
    const answer = memory.mustSignOut() === null ? await serverApi(endpoint()).me() : null;
    if (answer?.ok === true && memory.mustSignOut() === null) await this.signedIn(answer.value);
    else this.#state = { kind: 'signed-out', wiped: false };
  }

  /** Another tab signed in or out, or somebody cleared this site's data, which is neither. */
  async #follow(cleared: boolean): Promise<void> {
    if (cleared && this.#state.kind === 'signed-in') memory.setMe(this.#state.me);
    const me = memory.me();
    if (me === null) await this.#signedOut(memory.mustWipe().includes(current.client?.me.id ?? ''));
    else await this.#enter(me);
  }

  async #verify(): Promise<void> {
    const asked = memory.me()?.session;
    const answer = await serverApi(endpoint()).me();
    // Signed out meanwhile, and in again perhaps, of which this answer knows nothing.
    if (this.#state.kind !== 'signed-in' || memory.me()?.session !== asked) return;
    if (answer.ok) {
      this.#keep(answer.value);
      await this.#enter(answer.value);
    } else if (answer.error.code === 'signed-out') await this.#signedOut(false);
  }

  /**
   * Remembers who is signed in. Writes nothing that is kept already: another tab may be forgetting it in this moment,
   * and would be overruled.
   */
  #keep(me: Me): void {
    if (!isSameMe(memory.me(), me)) memory.setMe(me);
    void remembered(async (kept) => {
      if (!isSameMe(await kept.me(), me) && memory.me()?.session === me.session) await kept.set(me);
    });
  }

  /** One at a time: a tab has one client. */
  #enter(me: Me): Promise<void> {
    this.#entering = this.#entering.then(() => this.#switch(me));
    return this.#entering;
  }

  async #switch(me: Me): Promise<void> {
    const client = current.client;
    if (client?.me.session === me.session && client.me.id === me.id && client.me.seq === me.seq) {
      this.#state = { kind: 'signed-in', me };
      return;
    }
    current.client = null;
    await client?.close();
    if (memory.mustWipe().includes(me.id)) await this.#finishWipe(me.id, wipeDatabases(me.id, []));
    memory.setMustWipe(me.id, false);
    const next = new SyncClient(me, endpoint(), serverApi(endpoint()), {
      signedOut: (wiped) => void this.#ended(me, wiped),
      remembered: () => memory.me()?.id === me.id,
    });
    current.client = next;
    this.#state = { kind: 'signed-in', me };
  }

  /** This person is not signed in any more. Somebody else may be, in another tab. */
  async #ended(person: Me, wiped: boolean): Promise<void> {
    const me = memory.me();
    if (me !== null && me.session !== person.session) await this.#enter(me);
    else await this.#signedOut(wiped);
  }

  /** The server, or another tab, ended the session. What is on the device stays for the next sign-in. */
  async #signedOut(wiped: boolean): Promise<void> {
    const client = current.client;
    // Whoever has forgotten the person already may have told so late that somebody else has signed in since.
    if (memory.me() !== null) {
      memory.setMe(null);
      void remembered((kept) => kept.set(null));
    }
    this.#leave(wiped);
    client?.tabs.tell({ kind: 'signed-out', wiped });
    await client?.close();
  }

  #leave(wiped: boolean): void {
    current.client = null;
    this.#state = { kind: 'signed-out', wiped };
  }

  /** What an earlier wipe could not delete. */
  async #wipeAgain(): Promise<void> {
    for (const user of memory.mustWipe()) {
      if (user !== current.client?.me.id) await this.#finishWipe(user, wipeDatabases(user, []));
    }
  }

  async #finishWipe(user: UserId, wiping: Promise<boolean>): Promise<void> {
    if (await wiping) memory.setMustWipe(user, false);
    else setTimeout(() => void this.#wipeAgain(), AGAIN_MS);
  }

  /** A sign-out without a server is made up for as soon as there is one. */
  async #tellServer(): Promise<void> {
    const session = memory.mustSignOut();
    if (session === null) return;
    const answer = await serverApi(endpoint()).signOut(session);
    if (memory.mustSignOut() !== session) return;
    if (answer.ok || answer.error.code === 'signed-out') memory.setMustSignOut(null);
    else setTimeout(() => void this.#tellServer(), AGAIN_MS);
  }
}

export const session = new Session();
