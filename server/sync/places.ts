import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import { LOG_ROOT, MESSAGES_ROOT, META_ROOT, messageKey, type Slot } from '../../src/lib/model/message-slots.ts';
import { volumeDoc, type ConversationRef } from '../../src/lib/model/names.ts';
import { reached } from '../milestones.ts';
import type { Conversation } from '../store/conversations.ts';
import type { MessageRow } from '../store/messages.ts';
import type { Store, Tx } from '../store/store.ts';
import { copiedKey, digestOf } from './copied.ts';
import type { Entry as PenEntry } from './pen.ts';

/** How far a conversation has come, and when. */
export type Progress = { board: BoardId; ref: ConversationRef; volume: number; seq: number; at: number | null };

type Step = { by: number } | { rollFrom: number };

/**
 * Gives messages their places in the conversations that this transaction holds: number, volume and time. Counts
 * in memory, says what the documents must show (`entries`), and stores it all at the end by `save`.
 */
export class Places {
  /** What the server writes into documents, by name, in order. */
  readonly entries = new Map<string, PenEntry[]>();
  readonly #conversations: Map<ConversationRef, Conversation>;
  readonly #steps = new Map<ConversationRef, Step[]>();
  readonly #rows: MessageRow[] = [];
  readonly #limit: number;
  readonly #now: number;

  constructor(held: readonly Conversation[], limit: number, now: number) {
    this.#conversations = new Map(held.map((row) => [row.ref, { ...row }]));
    this.#limit = limit;
    this.#now = now;
  }

  get(ref: ConversationRef): Conversation {
    const conversation = this.#conversations.get(ref);
    if (conversation === undefined) throw new Error(`there is no conversation ${ref}`);
    return conversation;
  }

  /**
   * Places a message that stands in `volume`. In the head volume it gets its number there; in an older one, which
   * it reached too late, its words are copied to the head and marked as moved where they stand. Returns the volume.
   */
  place(said: {
    ref: ConversationRef;
    volume: number;
    slot: Slot;
    author: UserId;
    mid: string;
    value: unknown;
  }): number {
    const conversation = this.get(said.ref);
    const volume = conversation.head;
    const head = volumeDoc(said.ref, volume);
    const seq = conversation.nextSeq;
    if (seq === 1) this.#write(head, META_ROOT, 'first', seq);
    if (said.volume !== conversation.head) {
      this.#write(head, MESSAGES_ROOT, messageKey(said.slot), said.value);
      const stood = volumeDoc(said.ref, said.volume);
      this.#write(stood, META_ROOT, `moved/${said.slot}`, conversation.head);
      this.#write(stood, META_ROOT, copiedKey(said.slot), digestOf(said.value));
    }
    this.#write(head, LOG_ROOT, String(seq), [said.slot, this.#now]);
    const { ref, author, mid } = said;
    this.#rows.push({ ref, author, mid, seq, volume: conversation.head, at: this.#now });
    conversation.nextSeq += 1;
    conversation.lastAt = this.#now;
    conversation.headCount += 1;
    this.#step(ref, { by: 1 });
    if (conversation.headCount >= this.#limit) this.roll(ref);
    return volume;
  }

  /** Writes a number again that a document has lost sight of, because it was not known whether it was stored. */
  repair(row: MessageRow, slot: Slot): void {
    this.#write(volumeDoc(row.ref, row.volume), LOG_ROOT, String(row.seq), [slot, row.at]);
  }

  /** Closes the head volume and opens the next one. */
  roll(ref: ConversationRef): void {
    const conversation = this.get(ref);
    this.#step(ref, { rollFrom: conversation.head });
    this.#write(volumeDoc(ref, conversation.head), META_ROOT, 'next', conversation.head + 1);
    conversation.head += 1;
    conversation.headCount = 0;
    if (conversation.nextSeq > 1) {
      this.#write(volumeDoc(ref, conversation.head), META_ROOT, 'first', conversation.nextSeq);
    }
  }

  /** The conversations that came further. */
  progress(): Progress[] {
    return [...this.#steps.keys()].map((ref) => {
      const { board, head, nextSeq, lastAt } = this.get(ref);
      return { board, ref, volume: head, seq: nextSeq - 1, at: lastAt };
    });
  }

  /** Stores numbers and counts. */
  async save(store: Store, tx: Tx): Promise<void> {
    const straight: { ref: ConversationRef; by: number }[] = [];
    const rolling: Promise<void>[] = [];
    for (const [ref, steps] of this.#steps) {
      const [only] = steps;
      if (steps.length === 1 && only !== undefined && 'by' in only) straight.push({ ref, by: only.by });
      else rolling.push(this.#walk(ref, steps, store, tx));
    }
    await Promise.all([store.messages.insert(this.#rows, tx), store.conversations.advance(straight, tx), ...rolling]);
  }

  async #walk(ref: ConversationRef, steps: readonly Step[], store: Store, tx: Tx): Promise<void> {
    for (const step of steps) {
      if ('by' in step) await store.conversations.advance([{ ref, by: step.by }], tx);
      else if ((await store.conversations.roll(ref, step.rollFrom, tx)) === null) {
        throw new Error(`${ref} was rolled by someone else while it was held`);
      } else reached('volume:rolled');
    }
  }

  #step(ref: ConversationRef, step: Step): void {
    const steps = this.#steps.get(ref);
    const last = steps?.at(-1);
    if (steps === undefined) this.#steps.set(ref, [step]);
    else if (last !== undefined && 'by' in last && 'by' in step) last.by += step.by;
    else steps.push(step);
  }

  #write(name: string, root: string, key: string, value: unknown): void {
    const entries = this.entries.get(name);
    if (entries === undefined) this.entries.set(name, [{ root, key, value }]);
    else entries.push({ root, key, value });
  }
}
