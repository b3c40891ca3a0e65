import { readInbox, readMarks } from '$lib/model/inbox.ts';
import { markRead, markSeen } from '$lib/model/inbox-acts.ts';
import type { Message } from '$lib/model/conversation.ts';
import type { ConversationRef } from '$lib/model/names.ts';
import type { OpenDocument } from '$lib/sync/documents.svelte.ts';
import { change } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';

/** Reading on is one write after this pause, not one for every message. */
const MARK_AFTER_MS = 600;

/**
 * How far a person has read one conversation. What was in view while the window had the focus is read; nothing else is. The
 * divider is fixed when they come, to the conversation or back to the window, and stays where it is while they read on.
 */
export class Reading {
  readonly #inbox: OpenDocument;
  readonly #conversation: ConversationRef;
  readonly #marks: Live<(conversation: ConversationRef) => number>;
  /** The messages that the person is to be told of, by their seqs. */
  readonly #unread: Live<number[]>;
  /** What is in view. */
  #view = $state.raw<{ from: number; to: number } | null>(null);
  #entered: number | null = null;
  #divider = $state.raw<number | null>(null);
  #seen = $state.raw(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(inbox: OpenDocument, conversation: ConversationRef) {
    this.#inbox = inbox;
    this.#conversation = conversation;
    this.#marks = new Live(inbox, readMarks, ['read']);
    this.#unread = new Live(
      inbox,
      (doc) =>
        readInbox(doc).notifications.flatMap((one) =>
          one.unread && one.conversation === conversation ? [one.seq] : [],
        ),
      ['n', 'read'],
    );
    // What was read before and tells of itself again, by an edit or by its reader's own wish, is read once more in view.
    $effect(() => this.#readAgain());
  }

  /** The divider stands before the first message of others after this seq; null for none. */
  get divider(): number | null {
    return this.#divider;
  }

  /** The newest seq read, here or on another device. */
  get read(): number {
    return Math.max(this.#marks.current(this.#conversation), this.#seen);
  }

  get ready(): boolean {
    return this.#inbox.local.kind !== 'opening';
  }

  /** Where the person had stopped reading when they came. Asked first, because reading on changes what is remembered. */
  get #stopped(): number {
    this.#entered ??= this.#marks.current(this.#conversation);
    return this.#entered;
  }

  /**
   * How many volumes before the one that begins with `seq` the first unread message is, at least, when a volume holds up to
   * `size` messages; 0 when it is in this one, or right at its beginning, or nothing was ever read.
   */
  volumesBack(seq: number | null, size: number): number {
    const stopped = this.#stopped;
    return stopped > 0 && seq !== null && stopped < seq - 1 ? Math.ceil((seq - 1 - stopped) / size) : 0;
  }

  /**
   * Fixes the divider by what was read before. Answers whether it is settled: with nothing unread and `complete` false, more
   * may still be on its way that came while the person was away. A first visit has no divider: everything would be below it.
   */
  enter(messages: readonly Message[], me: string, complete: boolean): boolean {
    this.#entered ??= this.#marks.current(this.#conversation);
    const entered = this.#entered;
    if (
      entered > 0 &&
      messages.some((message) => message.seq !== null && message.seq > entered && message.author !== me)
    ) {
      this.#divider = entered;
      return true;
    }
    return complete;
  }

  /** The person came back to the window: what arrived meanwhile is new to them. True when something has. */
  resume(messages: readonly Message[], me: string): boolean {
    const read = this.read;
    const news = read > 0 && messages.some((one) => one.seq !== null && one.seq > read && one.author !== me);
    if (news) this.#divider = read;
    return news;
  }

  /** These messages are in view, and all before the last were. Counts only while somebody can be looking. */
  seen(from: number, to: number): void {
    if (!isLooking()) return;
    if (this.#view?.from !== from || this.#view.to !== to) this.#view = { from, to };
    if (to > this.read) this.#mark(to);
    this.#readAgain();
  }

  #readAgain(): void {
    const view = this.#view;
    const read = this.#marks.current(this.#conversation);
    const again = this.#unread.current.filter((seq) => seq <= read);
    if (view === null || !isLooking() || !again.some((seq) => seq >= view.from && seq <= view.to)) return;
    const to = Math.min(view.to, read);
    change(this.#inbox, (doc) => markSeen(doc, this.#conversation, { from: view.from, to }));
  }

  /** What one has written oneself is read, wherever one is looking; so is what has gone and is not `shown` any more. */
  passOwn(messages: readonly Message[], shown: readonly Message[], me: string): void {
    const read = this.read;
    if (read === 0) return;
    let last = read;
    for (const message of messages) {
      if (message.seq === null || message.seq <= last) continue;
      if (message.seq !== last + 1 || (message.author !== me && shown.includes(message))) break;
      last = message.seq;
    }
    if (last > read) this.#mark(last);
  }

  #mark(seq: number): void {
    this.#seen = seq;
    this.#timer ??= setTimeout(() => this.flush(), MARK_AFTER_MS);
  }

  /** Writes down what was read. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#seen > this.#marks.current(this.#conversation))
      change(this.#inbox, (doc) => markRead(doc, this.#conversation, this.#seen));
  }
}

function isLooking(): boolean {
  return document.hasFocus() && document.visibilityState === 'visible';
}
