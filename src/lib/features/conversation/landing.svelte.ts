import { tick, untrack } from 'svelte';
import type { MessageId } from '$lib/model/ids.ts';
import { FIRST_VOLUME } from '$lib/model/names.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { toasts } from '$lib/ui/toasts.svelte.ts';
import type { Conversation } from './conversation.svelte.ts';

/** A message that a link points at. */
export interface Target {
  mid: MessageId;
  /** Where it was when the link was made. */
  volume: number | null;
}

/** How many older volumes are looked through for the first unread message, or for one without a volume. */
const WALK = 3;
/** How long a visited message stays marked. Milliseconds. */
const MARK_MS = 2_500;

/**
 * Where the view begins: at the message of a link, else at the first unread one, else at the end. What is looked for may
 * arrive later than the view opens, or lie in an older volume, so this waits for it and then never moves the view again.
 */
export class Landing {
  readonly #conversation: Conversation;
  #target = $state.raw<Target | null>(null);
  #marked = $state.raw<MessageId | null>(null);
  #entered = $state(false);
  #steps = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(conversation: Conversation, target: Target | null) {
    this.#conversation = conversation;
    $effect(() => this.#enter());
    $effect(() => this.#seek());
    $effect(() => {
      const back = (): void => {
        if (!this.#entered || !conversation.scroller.following) return;
        // Followed to the end while nobody looked: what is new begins further up.
        if (conversation.reading.resume(conversation.timeline.messages, conversation.me.id)) {
          void tick().then(() => conversation.scroller.toRow('[data-divider]'));
        }
      };
      window.addEventListener('focus', back);
      return () => {
        window.removeEventListener('focus', back);
        clearTimeout(this.#timer);
      };
    });
    if (target) this.visit(target);
  }

  /** The place where the view begins is known; what comes now is new. */
  get entered(): boolean {
    return this.#entered;
  }

  /** The message to point out. */
  get marked(): MessageId | null {
    return this.#marked;
  }

  /** Looks for a message and brings it into view. */
  visit(target: Target): void {
    this.#target = target;
    this.#steps = 0;
    this.#conversation.scroller.hold();
    if (target.volume !== null) untrack(() => this.#conversation.timeline.visit(target.volume!));
  }

  /** Fixes the divider; with no link to follow, the view lands on it. */
  #enter(): void {
    const { reading, timeline, me, scroller } = this.#conversation;
    if (this.#entered || !reading.ready || !timeline.readable) return;
    const oldest = timeline.oldestOpen;
    // An older volume's copy on the device ends where this device last heard of it: the server's word is waited for.
    const arrived = this.#steps > 0 ? oldest.open.remote.kind === 'synced' : oldest.readable;
    if (!arrived && connection.state.kind !== 'offline') return;
    if (!this.#target && this.#steps < WALK && oldest.number > FIRST_VOLUME && reading.before(timeline.oldestSeq)) {
      // The first unread message is in an older volume.
      untrack(() => {
        this.#steps += 1;
        timeline.visit(oldest.number - 1);
      });
      return;
    }
    if (!reading.enter(timeline.messages, me.id, this.#conversation.complete)) return;
    untrack(() => {
      this.#entered = true;
      const first = reading.divider === null || this.#target ? null : timeline.firstAfter(reading.divider, me.id);
      if (first !== null) timeline.show(first);
      void tick().then(() => (first === null ? scroller.keep() : scroller.toRow('[data-divider]')));
    });
  }

  #seek(): void {
    const target = this.#target;
    if (!target) return;
    const { timeline, scroller } = this.#conversation;
    const message = timeline.find(target.mid);
    if (message) {
      untrack(() => {
        this.#target = null;
        if (message.seq !== null) timeline.show(message.seq);
        this.#marked = target.mid;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => (this.#marked = null), MARK_MS);
        void tick().then(() => scroller.toRow(`[data-mid="${target.mid}"]`));
      });
      return;
    }
    const volume = timeline.oldestOpen;
    const { local, remote } = volume.open;
    // What is on the device may be older than the message: with a server, its word is waited for.
    const waiting = remote.kind !== 'synced' && connection.state.kind !== 'offline';
    if (local.kind === 'opening' || waiting) return;
    untrack(() => {
      this.#steps += 1;
      if (volume.number > FIRST_VOLUME && this.#steps < WALK) timeline.visit(volume.number - 1);
      else {
        this.#target = null;
        this.#conversation.toNewest();
        toasts.show('This message is not here. It may have been deleted.');
      }
    });
  }
}
