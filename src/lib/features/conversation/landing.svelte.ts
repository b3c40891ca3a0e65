import { tick, untrack } from 'svelte';
import type { MessageId } from '$lib/model/ids.ts';
import { VOLUME_ENTRIES } from '$lib/model/limits.ts';
import { FIRST_VOLUME } from '$lib/model/names.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import type { Conversation } from './conversation.svelte.ts';
import { Visit, type Target } from './visit.svelte.ts';

export type { Target };

/**
 * Where the view begins: at the message of a link, else at the first unread one, else at the end. What is looked for may
 * arrive later than the view opens, or lie in an older volume, so this waits for it and then never moves the view again.
 */
export class Landing {
  readonly #conversation: Conversation;
  readonly #visit: Visit;
  #entered = $state(false);
  /** The first unread message is looked for in an older volume. */
  #back = false;

  constructor(conversation: Conversation, target: Target | null) {
    this.#conversation = conversation;
    $effect(() => this.#enter());
    this.#visit = new Visit(conversation);
    $effect(() => {
      const back = (): void => {
        if (!this.#entered || !conversation.scroller.following) return;
        // Followed to the end while nobody looked: what is new begins further up.
        if (conversation.reading.resume(conversation.timeline.messages, conversation.me.id)) {
          void tick().then(() => conversation.scroller.toRow('[data-divider]'));
        }
      };
      window.addEventListener('focus', back);
      return () => window.removeEventListener('focus', back);
    });
    if (target) this.#visit.begin(target);
  }

  /** The place where the view begins is known; what comes now is new. */
  get entered(): boolean {
    return this.#entered;
  }

  /** Entered, and nothing is looked for: what is in view is what the person came to read. */
  get settled(): boolean {
    return this.#entered && !this.#visit.under;
  }

  /** The message to point out. */
  get marked(): MessageId | null {
    return this.#visit.marked;
  }

  /** Looks for a message and brings it into view. */
  visit(target: Target): void {
    this.#visit.begin(target);
  }

  /** Fixes the divider; with no link to follow, the view lands on it. */
  #enter(): void {
    const { reading, timeline, me } = this.#conversation;
    if (this.#entered || !reading.ready) return;
    const oldest = timeline.oldestOpen;
    const offline = connection.state.kind === 'offline';
    if (this.#back && offline && !oldest.readable && oldest.open.local.kind !== 'opening') {
      // What is unread begins in a part that is not here: the view begins where it can.
      untrack(() => timeline.toNewest());
      return this.#land(false);
    }
    if (!timeline.readable) return;
    // An older volume's copy on the device ends where this device last heard of it: the server's word is waited for.
    const arrived = this.#back ? oldest.open.remote.kind === 'synced' : oldest.readable;
    if (!arrived && !offline) return;
    const steps = this.#visit.under ? 0 : reading.volumesBack(timeline.oldestSeq, VOLUME_ENTRIES);
    if (steps > 0 && oldest.number > FIRST_VOLUME) {
      this.#back = true;
      untrack(() => timeline.visit(Math.max(FIRST_VOLUME, oldest.number - steps)));
      return;
    }
    if (!reading.enter(timeline.messages, me.id, this.#conversation.complete)) return;
    this.#land(!this.#visit.under);
  }

  #land(onDivider: boolean): void {
    const { reading, timeline, me, scroller } = this.#conversation;
    untrack(() => {
      this.#entered = true;
      const first = reading.divider === null || !onDivider ? null : timeline.firstAfter(reading.divider, me.id);
      if (first !== null) timeline.show(first);
      void tick().then(() => (first === null ? scroller.keep() : scroller.toRow('[data-divider]')));
    });
  }
}
