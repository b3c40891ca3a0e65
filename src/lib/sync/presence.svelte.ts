import { createSubscriber } from 'svelte/reactivity';
import type { UserId } from '../model/ids.ts';
import { parsePresence, says, TYPING_EVERY_MS, TYPING_EXPIRE_MS, TYPING_IDLE_MS } from '../model/presence.ts';
import { current } from './current.svelte.ts';
import type { OpenDocument } from './open-document.svelte.ts';
import type { QuietAwareness } from './quiet-awareness.ts';

/** Who is here and who types in one document, and what this person lets the others see of themselves. */
export class Presence {
  readonly #open: OpenDocument;
  readonly #me: UserId;
  readonly #subscribe: () => void;
  #update: (() => void) | null = null;
  #watched: { awareness: QuietAwareness | null; end: () => void } | null = null;
  #expiry: ReturnType<typeof setTimeout> | null = null;
  #idle: ReturnType<typeof setTimeout> | null = null;
  #typed: { awareness: QuietAwareness; at: number } | null = null;
  #shown = false;

  constructor(open: OpenDocument, me: UserId) {
    this.#open = open;
    this.#me = me;
    this.#subscribe = createSubscriber((update) => {
      this.#update = update;
      this.#watch(open.awareness);
      return () => {
        this.#update = null;
        this.#unwatch();
      };
    });
  }

  /** Others who are here, each once however many tabs they have, those first who came first. */
  get here(): readonly UserId[] {
    const people = new Set<UserId>();
    for (const { user } of this.#states()) people.add(user);
    return [...people];
  }

  /** Others who type, those first who began first. */
  get typing(): readonly UserId[] {
    const now = Date.now();
    const people = new Set<UserId>();
    let soonest = Number.POSITIVE_INFINITY;
    for (const { user, typing, heard } of this.#states()) {
      const left = heard + TYPING_EXPIRE_MS - now;
      // More than can be left: the clock has been set back since.
      if (!typing || left <= 0 || left > TYPING_EXPIRE_MS) continue;
      people.add(user);
      soonest = Math.min(soonest, left);
    }
    this.#expireIn(soonest);
    return [...people];
  }

  /** Whether others may see that this person is here; not before this has been said. Needs the document attached. */
  show(shown: boolean): void {
    this.#shown = shown;
    const { awareness } = this.#open;
    if (awareness === null) return;
    const word = awareness.getLocalState();
    if (shown && (word === null || says(word) === 'left')) awareness.say({});
    else if (!shown) {
      this.#typesNoMore();
      if (word !== null && says(word) !== 'left') awareness.say({ left: 1 });
    }
  }

  /** A key was pressed. */
  touch(): void {
    const { awareness } = this.#open;
    if (awareness === null || !this.#shown) return;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stop(), TYPING_IDLE_MS);
    if (this.#typed?.awareness === awareness && performance.now() - this.#typed.at < TYPING_EVERY_MS) return;
    this.#typed = { awareness, at: performance.now() };
    awareness.say({ typing: 1 });
  }

  /** Sent, or left off: types no more, and is still here. */
  stop(): void {
    const awareness = this.#typesNoMore();
    if (says(awareness?.getLocalState()) === 'typing') awareness?.say({});
  }

  /** Leaves. */
  destroy(): void {
    this.show(false);
    this.#unwatch();
  }

  #typesNoMore(): QuietAwareness | null {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const awareness = this.#typed?.awareness ?? null;
    this.#typed = null;
    return awareness;
  }

  #states(): { user: UserId; typing: boolean; heard: number }[] {
    this.#subscribe();
    const { awareness } = this.#open;
    if (this.#watched !== null && this.#watched.awareness !== awareness) this.#watch(awareness);
    return [...(awareness?.getStates() ?? [])].flatMap(([client, state]) => {
      const presence = parsePresence(state);
      if (presence === null || presence.user === this.#me) return [];
      return [{ ...presence, heard: awareness?.meta.get(client)?.lastUpdated ?? 0 }];
    });
  }

  #watch(awareness: QuietAwareness | null): void {
    this.#unwatch();
    const changed = (): void => this.#update?.();
    awareness?.on('update', changed);
    this.#watched = { awareness, end: () => awareness?.off('update', changed) };
  }

  #unwatch(): void {
    this.#watched?.end();
    this.#watched = null;
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#expiry = null;
  }

  #expireIn(ms: number): void {
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#expiry = null;
    if (this.#watched === null || !Number.isFinite(ms)) return;
    this.#expiry = setTimeout(() => this.#update?.(), ms);
  }
}

/** Presence in this document, for the person who is signed in. To be destroyed by who made it. */
export function presence(open: OpenDocument): Presence {
  return new Presence(open, current.need().me.id);
}
