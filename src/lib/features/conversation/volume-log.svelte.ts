import { volumeReader, type Message, type Volume } from '$lib/model/conversation.ts';
import { volumeDoc, type ConversationRef } from '$lib/model/names.ts';
import { openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';

/** One volume of a conversation, open while it is shown. */
export class VolumeLog {
  readonly number: number;
  readonly open: OpenDocument;
  readonly #live: Live<Volume>;

  constructor(conversation: ConversationRef, number: number) {
    this.number = number;
    this.open = openDocument(volumeDoc(conversation, number));
    this.#live = new Live(this.open, volumeReader(), ['m', 'mod', 'log', 'meta']);
  }

  /** Logged messages in their order, then the pending ones; those that did not change are the same objects as before. */
  get messages(): readonly Message[] {
    return this.#live.current.messages;
  }

  /** The volume that continues this one, once it is closed. */
  get next(): number | null {
    return this.#live.current.next;
  }

  /** Whether what is on this device may be shown: it has been here, or the server has sent it. */
  get readable(): boolean {
    return this.open.readable;
  }

  release(): void {
    this.open.release();
  }
}
