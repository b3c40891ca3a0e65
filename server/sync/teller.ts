import type { BoardId } from '../../src/lib/model/ids.ts';
import type { Slot } from '../../src/lib/model/message-slots.ts';
import type { MessageSlot } from '../store/messages.ts';
import type { Store, Tx } from '../store/store.ts';
import type { Said } from './acts.ts';
import { Audiences, type Looking } from './audience.ts';
import { isOver } from './erasure.ts';
import { mentionChanges } from './mention-changes.ts';
import { Tellings } from './tellings.ts';

/** Tells people of the messages of one transaction. Undone with it; a second try takes a new one. */
export class Teller {
  #audiences: Audiences;
  #tellings = new Tellings();
  #now: number;

  constructor(audiences: Audiences, now: number) {
    this.#audiences = audiences;
    this.#now = now;
  }

  /** One who is told of something in `said`. */
  static async open(looking: Looking): Promise<Teller> {
    return new Teller(await Audiences.open(looking), looking.now);
  }

  /** `isThere` knows the messages of the conversation. */
  async tell(said: Said, board: BoardId, isThere: (slot: Slot) => boolean): Promise<void> {
    if (said.body?.kind !== 'message' || isOver(said)) this.#tellings.forget(said);
    else if (this.#audiences.concerns(said)) {
      mentionChanges(said, await this.#audiences.of(said.ref, board), isThere, this.#now, this.#tellings);
    }
  }

  /** Nobody is told of this message any more. */
  forget(slot: MessageSlot): void {
    this.#tellings.forget(slot);
  }

  /** Whether inboxes may have to change. */
  get any(): boolean {
    return this.#tellings.any;
  }

  async save(store: Store, tx: Tx): Promise<void> {
    await Promise.all([this.#tellings.save(store, tx), this.#audiences.save()]);
  }
}
