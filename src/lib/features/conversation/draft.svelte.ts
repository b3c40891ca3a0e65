import { untrack } from 'svelte';
import { readDraft, saveDraft } from '$lib/model/inbox.ts';
import type { ConversationRef } from '$lib/model/names.ts';
import { change, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import { keepTyped, typedBefore } from '../board/typed.ts';
import type { VolumeLog } from './volume-log.svelte.ts';

/** Typing on is one write of the draft after this pause. */
const SHARE_AFTER_MS = 800;

/**
 * What a person has typed and not sent in one conversation. Every key is kept in the tab at once, so a reload loses nothing;
 * after a pause it goes into the person's home document, and with it to their other tabs and devices.
 */
export class Draft {
  #text = $state('');
  readonly #inbox: OpenDocument;
  readonly #conversation: ConversationRef;
  readonly #place: string;
  readonly #live: Live<string>;
  /** What the home document said when it was last taken over or written, and the text that this was here. */
  #shared = '';
  #sharedAs = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(inbox: OpenDocument, conversation: ConversationRef) {
    this.#inbox = inbox;
    this.#conversation = conversation;
    this.#place = `draft:${conversation}`;
    this.#live = new Live(inbox, (doc) => readDraft(doc, conversation), ['drafts']);
    this.#text = typedBefore(this.#place);
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
    keepTyped(this.#place, text);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), SHARE_AFTER_MS);
  }

  /** Takes over what another tab or device has typed, unless this one has words of its own. Call when that may have changed. */
  adopt(): void {
    const shared = this.#live.current;
    if (shared === this.#shared) return;
    const own = this.#text !== this.#sharedAs && this.#text !== shared && this.#text !== '';
    this.#shared = shared;
    if (own || this.#timer !== undefined) return;
    this.#text = shared;
    this.#sharedAs = shared;
    keepTyped(this.#place, shared);
  }

  /** Sent or thrown away, here and everywhere. */
  clear(): void {
    this.text = '';
    this.flush();
  }

  /** Shares what is typed now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    if (text === this.#sharedAs) return;
    this.#sharedAs = text;
    this.#shared = change(this.#inbox, (doc) => {
      saveDraft(doc, this.#conversation, text);
      return readDraft(doc, this.#conversation);
    });
  }
}

interface Sending {
  mid: string;
  text: string;
}

/**
 * Messages whose saving on the device has not been confirmed. A page that is reloaded within that moment would lose them, so
 * their words wait in the tab and come back into the box.
 */
export class SendingNow {
  readonly #place: string;
  #waiting: Sending[];

  constructor(conversation: ConversationRef) {
    this.#place = `sending:${conversation}`;
    this.#waiting = parse(typedBefore(this.#place));
  }

  add(message: Sending): void {
    this.#keep([...this.#waiting, message]);
  }

  /** Gives back, once, what never arrived on the device, and forgets what has. Call while a component starts. */
  watch(head: () => VolumeLog, restore: (lost: string) => void): void {
    let restored = false;
    $effect(() => {
      const { open, messages } = head();
      // Where storage fails, the server's word on what has arrived is waited for.
      if (open.local.kind === 'opening' || (open.local.kind === 'failed' && open.remote.kind !== 'synced')) return;
      if (restored) {
        if (open.saved) this.#forget();
        return;
      }
      restored = true;
      const arrived = new Set(messages.map((message) => message.mid));
      const lost = this.#waiting.filter(({ mid }) => !arrived.has(mid)).map(({ text }) => text);
      this.#forget();
      if (lost.length > 0) untrack(() => restore(lost.join('\n')));
    });
  }

  #forget(): void {
    if (this.#waiting.length > 0) this.#keep([]);
  }

  #keep(messages: Sending[]): void {
    this.#waiting = messages;
    keepTyped(this.#place, messages.length === 0 ? '' : JSON.stringify(messages));
  }
}

function isSending(item: unknown): item is Sending {
  if (typeof item !== 'object' || item === null) return false;
  return 'mid' in item && typeof item.mid === 'string' && 'text' in item && typeof item.text === 'string';
}

function parse(stored: string): Sending[] {
  if (stored === '') return [];
  try {
    const value: unknown = JSON.parse(stored);
    if (!Array.isArray(value)) return [];
    return value.filter(isSending);
  } catch {
    // Not ours: something else wrote under this key.
    return [];
  }
}
