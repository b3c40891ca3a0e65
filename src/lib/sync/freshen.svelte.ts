import type { Documents } from './registry.ts';
import type { Host } from './host.ts';
import type { OpenDocument } from './open-document.svelte.ts';
import { estimate } from './estimate.ts';
import type { Head } from '../api/client.ts';
import { HEADS_OF } from '../api/limits.ts';
import { inboxDoc } from '../model/names.ts';
import type { ServerApi } from './server-api.ts';
import { until } from './until.svelte.ts';

/** Documents that are freshened at the same time. */
const AT_ONCE = 3;
/** A document that has not come by then is left for the next round. */
const GIVE_UP_MS = 15_000;
/** Rounds are no closer than this, whatever happens … */
const SOONEST_MS = 3_000;
/** … and no further apart while the server can be reached. A thousand browsers that ask cost it 2 % of a core. */
const EVERY_MS = 150_000;
/**
 * What this device holds besides that, old volumes above all, is asked for in the first round after so long: for words that
 * were deleted there, within five minutes.
 */
const HELD_EVERY_MS = 270_000;
const CHORE = 'freshen';
/** Longer than one document may take; a tab that dies in the middle of a round holds up the others no longer. */
const LEASE_MS = 20_000;
/** What documents may take on this device: 200 MB, or half of what the browser grants. */
const BUDGET_BYTES = 200_000_000;

/**
 * Brings what this person may see onto the device before they need it: asks which documents have changed, and takes
 * each, attach, sync, store, detach, newest first. One tab does it for all.
 */
export class Freshener {
  readonly #host: Host;
  readonly #documents: Documents;
  readonly #api: ServerApi;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running = false;
  #wanted = false;
  #last = -Infinity;
  #heldAt = -Infinity;
  #closed = false;
  readonly #done: () => void;

  /** `done` hears that everything that the server listed is here. */
  constructor(host: Host, documents: Documents, api: ServerApi, done: () => void) {
    this.#host = host;
    this.#documents = documents;
    this.#api = api;
    this.#done = done;
  }

  /** Something may have changed: a round soon. */
  hint(): void {
    this.#schedule(Math.max(0, this.#last + SOONEST_MS - performance.now()));
  }

  /** Ends it, and lets another tab take over at once. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#running) await this.#host.catalog.release(CHORE, this.#host.tabs.id);
  }

  #schedule(delay: number): void {
    if (this.#closed) return;
    if (this.#running) {
      this.#wanted = true;
      return;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#round(), delay);
  }

  async #round(): Promise<void> {
    this.#running = true;
    this.#wanted = false;
    this.#last = performance.now();
    try {
      if (this.#host.socket.state.kind !== 'online') return;
      await this.#host.ready;
      // What cannot be kept would be fetched in vain, again and again.
      if (this.#host.faults.keepsNothing) return;
      if (!(await this.#lease())) {
        this.#wanted = true;
        return;
      }
      // What other tabs have brought.
      await this.#host.refresh();
      const answer = await this.#api.heads();
      if (answer.ok && answer.value.items.some(({ name }) => this.#isOthers(name))) {
        // Somebody else has signed in in this browser: what they may see is none of this person's business.
        this.#host.signedOut();
      } else if (answer.ok) {
        await this.#take(answer.value.items);
        await this.#takeHeld(answer.value.items);
        await this.#ask(this.#host.unlisted());
      } else if (answer.error.code === 'signed-out') this.#host.signedOut();
      await this.#host.catalog.release(CHORE, this.#host.tabs.id);
    } finally {
      this.#running = false;
      this.#schedule(this.#wanted ? SOONEST_MS : EVERY_MS);
    }
  }

  async #take(heads: readonly Head[]): Promise<void> {
    const stale = heads.filter(({ name, rev }) => this.#isStale(name, rev)).sort((one, other) => other.rev - one.rev);
    let room = (await budget()) - heads.reduce((sum, { name }) => sum + (this.#host.row(name)?.bytes ?? 0), 0);
    const next = async (): Promise<void> => {
      for (let head = stale.shift(); head !== undefined && room > 0; head = stale.shift()) {
        if (this.#closed || this.#host.socket.state.kind !== 'online') return;
        room -= await this.#one(head);
        await this.#lease();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    // What is open comes by its own connection, and may be on its way.
    const coming = heads.filter(({ name, rev }) => this.#documents.holders(name) > 0 && !this.#isHere(name, rev));
    await Promise.all(coming.map((head) => this.#one(head)));
    if (heads.every(({ name, rev }) => this.#isHere(name, rev))) this.#done();
  }

  /** Documents that are here and that the server does not list: what was deleted from them is to leave this device too. */
  async #takeHeld(listed: readonly Head[]): Promise<void> {
    if (performance.now() - this.#heldAt < HELD_EVERY_MS) return;
    const others = new Set(listed.map(({ name }) => name));
    const held = this.#host.rows().flatMap(({ name, onDevice }) => (onDevice && !others.has(name) ? [name] : []));
    for (let from = 0; from < held.length; from += HEADS_OF) {
      const answer = await this.#api.heads(held.slice(from, from + HEADS_OF));
      if (!answer.ok) return;
      const known = new Set(answer.value.items.map(({ name }) => name));
      // Of a room that the server does not answer for, it is asked itself, which decides whether it may stay here.
      const denied = held.slice(from, from + HEADS_OF).filter((name) => name.startsWith('room/') && !known.has(name));
      await this.#ask(denied);
      for (const head of answer.value.items.filter(({ name, rev }) => this.#isStale(name, rev))) {
        if (this.#closed || this.#host.socket.state.kind !== 'online') return;
        await this.#one(head);
        await this.#lease();
      }
    }
    this.#heldAt = performance.now();
  }

  #lease(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return this.#host.catalog.lease(CHORE, this.#host.tabs.id, LEASE_MS);
  }

  /** Boards of which the inbox knows nothing: the server's answer decides whether they may stay on the device. */
  async #ask(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#one({ name, rev: 0 });
  }

  #isOthers(name: string): boolean {
    return name.startsWith('inbox/') && name !== inboxDoc(this.#host.me.id);
  }

  /** What someone has open is kept fresh by its own connection. */
  #isStale(name: string, rev: number): boolean {
    return this.#documents.holders(name) === 0 && !this.#isHere(name, rev);
  }

  #isHere(name: string, rev: number): boolean {
    const open = this.#documents.get(name);
    if (open?.remote.kind === 'synced' && open.saved) return true;
    const row = this.#host.row(name);
    return row?.onDevice === true && row.rev >= rev;
  }

  async #one({ name, rev }: Head): Promise<number> {
    // Whoever signs out closes what is open, and wipes it: what were opened afterwards would stay.
    if (this.#closed || this.#host.socket.state.kind !== 'online') return 0;
    const before = this.#host.row(name)?.bytes ?? 0;
    let open: OpenDocument;
    try {
      open = this.#documents.open(name, 'freshen');
    } catch {
      // A newer server may name documents that this client does not know yet.
      return 0;
    }
    try {
      const settled = (): boolean =>
        (open.remote.kind === 'synced' && open.saved) ||
        open.remote.kind === 'absent' ||
        open.remote.kind === 'refused';
      await until(settled, GIVE_UP_MS);
      const known = this.#host.row(name)?.rev ?? 0;
      if (open.remote.kind === 'synced' && open.saved && rev > known) this.#host.note(name, { rev });
    } finally {
      open.release();
    }
    return Math.max(0, (this.#host.row(name)?.bytes ?? 0) - before);
  }
}

async function budget(): Promise<number> {
  const quota = (await estimate())?.quota;
  return quota === undefined ? BUDGET_BYTES : Math.min(BUDGET_BYTES, quota / 2);
}
