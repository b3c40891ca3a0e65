import { tick, untrack } from 'svelte';
import { messages } from '$lib/api/later.ts';
import type { MessageId } from '$lib/model/ids.ts';
import { FIRST_VOLUME } from '$lib/model/names.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { toasts } from '$lib/ui/toasts.svelte.ts';
import type { Conversation } from './conversation.svelte.ts';
import type { VolumeLog } from './volume-log.svelte.ts';

/** A message that a link points at. */
export interface Target {
  mid: MessageId;
  /** Where it was when the link was made. */
  volume: number | null;
}

/** How long a visited message stays marked. Milliseconds. */
const MARK_MS = 2_500;

const GONE = 'This message is not here. It may have been deleted.';
const AWAY = 'That part of the conversation is not on this device. It opens when you are online again.';

/**
 * Brings one message into view, wherever in the conversation it is: the window opens around its volume, which the link
 * names or the server knows. Without a server it is looked for on the device, from the newest volumes back.
 */
export class Visit {
  readonly #conversation: Conversation;
  #target = $state.raw<Target | null>(null);
  #marked = $state.raw<MessageId | null>(null);
  /** What the server has said of the target's place: it is asked once for each. */
  #server = $state.raw<'unasked' | 'asked' | 'answered' | 'away'>('unasked');
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** How the view was, for when the message is not found. */
  #before = { following: false, replaced: false };

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    $effect(() => this.#seek());
    $effect(() => () => clearTimeout(this.#timer));
  }

  /** A message is still looked for. */
  get under(): boolean {
    return this.#target !== null;
  }

  /** The message to point out. */
  get marked(): MessageId | null {
    return this.#marked;
  }

  begin(target: Target): void {
    const { scroller } = this.#conversation;
    this.#before = { following: scroller.following, replaced: false };
    this.#server = 'unasked';
    scroller.hold();
    this.#lookIn(target);
  }

  #lookIn(target: Target): void {
    this.#target = target;
    if (target.volume !== null && untrack(() => this.#conversation.timeline.visit(target.volume!))) {
      this.#before.replaced = true;
    }
  }

  #seek(): void {
    const target = this.#target;
    if (!target) return;
    const { timeline } = this.#conversation;
    const message = timeline.find(target.mid);
    if (message) return untrack(() => this.#arrive(target.mid, message.seq));
    if (this.#server === 'asked') return;
    const offline = connection.state.kind === 'offline' || this.#server === 'away';
    const volume = target.volume === null ? timeline.oldestOpen : timeline.volumeAt(target.volume);
    // The reader went elsewhere meanwhile.
    if (!volume) {
      this.#target = null;
      return;
    }
    if (isComing(volume, offline)) return;
    untrack(() => {
      if (!offline) return this.#server === 'unasked' ? this.#ask(target) : this.#giveUp(GONE);
      if (!volume.readable) return this.#giveUp(AWAY);
      // The next one, then, if it is here: this device may hold it without knowing where.
      if (target.volume !== null || volume.number <= FIRST_VOLUME) return this.#giveUp(GONE);
      timeline.visit(volume.number - 1);
    });
  }

  /** It may also have moved since the link was made: a message that comes late is moved on. */
  #ask(target: Target): void {
    this.#server = 'asked';
    void messages.get(target.mid).then((answer) => {
      if (this.#target !== target) return;
      this.#server = answer.ok || answer.error.code !== 'offline' ? 'answered' : 'away';
      if (answer.ok && answer.value.conversation === this.#conversation.ref) {
        this.#lookIn({ mid: target.mid, volume: answer.value.volume });
      } else if (this.#server === 'answered') {
        this.#giveUp(GONE);
      }
    });
  }

  #arrive(mid: MessageId, seq: number | null): void {
    const { timeline, scroller } = this.#conversation;
    this.#target = null;
    if (seq !== null) timeline.show(seq);
    this.#marked = mid;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#marked = null), MARK_MS);
    void tick().then(() => {
      const row = `[data-mid="${mid}"]`;
      scroller.toRow(row);
      takeFocus(row);
    });
  }

  #giveUp(why: string): void {
    const { landing, scroller } = this.#conversation;
    this.#target = null;
    toasts.show(why);
    // Who was reading somewhere stays there.
    if (this.#before.replaced || !landing.entered) this.#conversation.toNewest();
    else if (this.#before.following) scroller.toEnd();
  }
}

/** Who came to read this goes on from it, by keyboard or ear; who is writing goes on writing. */
function takeFocus(row: string): void {
  if (document.activeElement instanceof HTMLTextAreaElement || document.activeElement instanceof HTMLInputElement)
    return;
  document.querySelector<HTMLElement>(row)?.focus({ preventScroll: true });
}

/** Whether more of this volume is on its way. What is on the device may be older than a message that is looked for. */
function isComing({ open }: VolumeLog, offline: boolean): boolean {
  if (open.local.kind === 'opening') return true;
  return !offline && (open.remote.kind === 'connecting' || open.remote.kind === 'detached');
}
