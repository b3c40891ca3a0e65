import { createSubscriber } from 'svelte/reactivity';
import type { Awareness } from 'y-protocols/awareness';
import type { UserId } from '../model/ids.ts';
import { parsePresence, TYPING_EVERY_MS, TYPING_EXPIRE_MS, TYPING_IDLE_MS } from '../model/presence.ts';
import { current } from './current.svelte.ts';
import type { OpenDocument } from './open-document.svelte.ts';

/** Between 'types no more' and leaving: the server does not relay a state that is taken away, so the word goes first. */
const LEAVE_AFTER_MS = 1_000;

/** Who types in one document, and whether this person does. */
export class Typing {
  readonly #open: OpenDocument;
  readonly #me: UserId;
  readonly #subscribe: () => void;
  #update: (() => void) | null = null;
  #watched: { awareness: Awareness | null; end: () => void } | null = null;
  #expiry: ReturnType<typeof setTimeout> | null = null;
  #idle: ReturnType<typeof setTimeout> | null = null;
  #leave: ReturnType<typeof setTimeout> | null = null;
  #said: { awareness: Awareness; at: number } | null = null;

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

  /** Others who type, those first who began first. */
  get people(): readonly UserId[] {
    this.#subscribe();
    const { awareness } = this.#open;
    if (this.#watched !== null && this.#watched.awareness !== awareness) this.#watch(awareness);
    if (awareness === null) return [];
    const now = Date.now();
    const people = new Set<UserId>();
    let soonest = Number.POSITIVE_INFINITY;
    for (const [client, state] of awareness.getStates()) {
      const presence = parsePresence(state);
      const heard = awareness.meta.get(client)?.lastUpdated ?? 0;
      const left = heard + TYPING_EXPIRE_MS - now;
      if (presence?.typing !== true || presence.user === this.#me || left <= 0) continue;
      people.add(presence.user);
      soonest = Math.min(soonest, left);
    }
    this.#expireIn(soonest);
    return [...people];
  }

  /** A key was pressed. */
  touch(): void {
    const { awareness } = this.#open;
    if (awareness === null) return;
    if (this.#idle !== null) clearTimeout(this.#idle);
    if (this.#leave !== null) clearTimeout(this.#leave);
    this.#leave = null;
    this.#idle = setTimeout(() => this.stop(), TYPING_IDLE_MS);
    if (this.#said?.awareness === awareness && Date.now() - this.#said.at < TYPING_EVERY_MS) return;
    this.#said = { awareness, at: Date.now() };
    awareness.setLocalState({ typing: 1 });
  }

  /** Sent, or left: types no more. */
  stop(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const awareness = this.#said?.awareness;
    this.#said = null;
    if (awareness === undefined || awareness.getLocalState() === null) return;
    awareness.setLocalState({});
    this.#leave = setTimeout(() => awareness.setLocalState(null), LEAVE_AFTER_MS);
  }

  destroy(): void {
    this.stop();
    this.#unwatch();
  }

  #watch(awareness: Awareness | null): void {
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

/** Who types in this document, and the means to say that one does oneself. To be destroyed by who made it. */
export function typing(open: OpenDocument): Typing {
  return new Typing(open, current.need().me.id);
}
