import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import type { MessageSlot } from '../store/messages.ts';
import type { NewNotification, NotificationKey, TellingKind } from '../store/notifications.ts';
import type { Store, Tx } from '../store/store.ts';

type About = MessageSlot & { board: BoardId; by: UserId; excerpt: string; at: number };
/** Null: nothing of it, any more. `fresh`: they may hear of it for the first time. */
type Change = { kind: TellingKind; fresh: boolean } | null;
type OfMessage = {
  slot: MessageSlot;
  about: About | null;
  over: boolean;
  people: Map<UserId, Change>;
  /** Whom an edit still names; null when it was not edited. */
  named: readonly UserId[] | null;
};

/** What a transaction changes about who is told of which message. Of several changes about one person, the last counts. */
export class Tellings {
  #messages = new Map<string, OfMessage>();

  /** From now on, these are the words of the message. */
  say(about: About): void {
    this.#of(about).about = about;
  }

  /** Someone hears of it. Only after `say`. */
  tell(slot: MessageSlot, user: UserId, kind: TellingKind): void {
    this.#of(slot).people.set(user, { kind, fresh: true });
  }

  /** Whoever was told already was told for this reason. */
  rename(slot: MessageSlot, user: UserId, kind: TellingKind): void {
    const { people } = this.#of(slot);
    people.set(user, { kind, fresh: people.get(user)?.fresh === true });
  }

  withdraw(slot: MessageSlot, user: UserId): void {
    this.#of(slot).people.set(user, null);
  }

  /** It was edited: whoever was told and is none of these is not named any more, whoever that may be. */
  keepOnly(slot: MessageSlot, named: readonly UserId[]): void {
    this.#of(slot).named = named;
  }

  /** Nobody is told of this message any more. */
  forget(slot: MessageSlot): void {
    const one = this.#of(slot);
    one.people.clear();
    one.about = null;
    one.named = null;
    one.over = true;
  }

  /** Whether someone hears of it for the first time. */
  isTold(slot: MessageSlot, user: UserId): boolean {
    return this.#of(slot).people.get(user)?.fresh === true;
  }

  /** Whether inboxes may have to change. */
  get any(): boolean {
    return this.#messages.size > 0;
  }

  /** One statement for each kind of change, however many people it is about, in an order that they build on. */
  async save(store: Store, tx: Tx): Promise<void> {
    const over: MessageSlot[] = [];
    const add: NewNotification[] = [];
    const kinds: (NotificationKey & { kind: TellingKind })[] = [];
    const withdraw: NotificationKey[] = [];
    const words: (MessageSlot & { excerpt: string })[] = [];
    const others: (MessageSlot & { keep: readonly UserId[] })[] = [];
    for (const { slot, about, over: isOver, people, named } of this.#messages.values()) {
      if (isOver) over.push(slot);
      if (named !== null) others.push({ ...slot, keep: named });
      if (about !== null) words.push({ ...slot, excerpt: about.excerpt });
      for (const [user, change] of people) {
        if (change === null) withdraw.push({ ...slot, user });
        else if (!change.fresh) kinds.push({ ...slot, user, kind: change.kind });
        else if (about !== null) add.push({ ...about, user, kind: change.kind });
      }
    }
    const { notifications } = store;
    await Promise.all([
      notifications.withdrawMessages(over, tx),
      notifications.add(add, tx),
      notifications.withdraw(withdraw, tx),
      notifications.withdrawFromOthers(others, tx),
      notifications.setKinds(kinds, tx),
      notifications.reword(words, tx),
    ]);
  }

  #of({ ref, author, mid }: MessageSlot): OfMessage {
    const key = `${ref}/${author}/${mid}`;
    let one = this.#messages.get(key);
    if (one === undefined) {
      one = { slot: { ref, author, mid }, about: null, over: false, people: new Map(), named: null };
      this.#messages.set(key, one);
    }
    return one;
  }
}
