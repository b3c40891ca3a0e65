import { onDestroy, tick, untrack } from 'svelte';
import {
  deleteMessage,
  editMessage,
  parseSlot,
  sendMessage,
  setReactions,
  type Message,
  type Slot,
} from '$lib/model/conversation.ts';
import type { Person } from '$lib/model/board.ts';
import { newId, type UserId } from '$lib/model/ids.ts';
import { REACTION_KINDS, REACTIONS_PER_PERSON } from '$lib/model/limits.ts';
import { quietIn } from '$lib/model/group-calls.ts';
import { excerptOf } from '$lib/model/excerpt.ts';
import { lookAlikes } from '$lib/model/look-alikes.ts';
import { decodeMentions, encodeMentions } from '$lib/model/mentions.ts';
import type { ConversationRef } from '$lib/model/names.ts';
import { can, type Act, type Role } from '$lib/model/roles.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { change, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import type { Me } from '$lib/sync/session.svelte.ts';
import { toasts } from '$lib/ui/toasts.svelte.ts';
import { Company } from './company.svelte.ts';
import type { EmojiTaste } from './emojis.svelte.ts';
import { Draft, SendingNow } from './draft.svelte.ts';
import { Landing, type Target } from './landing.svelte.ts';
import type { OnPick } from './insert.ts';
import { groupOffers, type GroupOffer } from './mention-groups.ts';
import { Reading } from './reading.svelte.ts';
import { removeMessage } from './removing.ts';
import { lastSpeakers, rowLayout, type Row } from './rows.ts';
import { Scroller } from './scroller.svelte.ts';
import { Timeline } from './timeline.svelte.ts';
import { VolumeLog } from './volume-log.svelte.ts';

interface Place {
  conversation: ConversationRef;
  inbox: OpenDocument;
  me: Me;
  people: () => ReadonlyMap<UserId, Person>;
  /** Who of them is in the room, where it is a private one; null for everybody. */
  inside?: () => ReadonlySet<UserId> | null;
  /** The newest volume that the board's directory knows. */
  headVolume: () => number | null;
  /** Whether that directory is as new as it can be now. */
  current: () => boolean;
  role: () => Role | null;
  target: Target | null;
}

/** One conversation on the screen: a room's or a task's. Make one while a component starts; it ends with it. */
export class Conversation {
  readonly ref: ConversationRef;
  readonly me: Me;
  readonly timeline: Timeline;
  readonly reading: Reading;
  readonly scroller: Scroller;
  readonly landing: Landing;
  readonly draft: Draft;
  readonly company: Company;
  readonly #place: Place;
  readonly #sending: SendingNow;
  readonly #quiet: Live<ReadonlySet<Slot>>;
  readonly #layout = rowLayout();
  /** The message whose words are in a field now, and the one that carries the menu. */
  editing = $state.raw<Slot | null>(null);
  current = $state.raw<Slot | null>(null);
  /** An emoji is being chosen, beside `anchor`. */
  picking = $state.raw<{ anchor: HTMLElement; onpick: OnPick; onclose: (picked: boolean) => void } | null>(null);
  #taste = $state.raw<EmojiTaste | null>(null);
  /** The message whose earlier wordings are shown. */
  history = $state.raw<Message | null>(null);
  /** The message that the next one answers. */
  answering = $state.raw<Slot | null>(null);

  constructor(place: Place) {
    this.#place = place;
    this.ref = place.conversation;
    this.me = place.me;
    this.timeline = new Timeline(
      (volume) => new VolumeLog(place.conversation, volume),
      untrack(place.headVolume),
      () => connection.state.kind === 'offline',
    );
    this.reading = new Reading(place.inbox, place.conversation);
    this.draft = new Draft(place.inbox, place.conversation);
    this.#quiet = new Live(place.inbox, (doc) => quietIn(doc, place.conversation), ['n']);
    this.#sending = new SendingNow(place.conversation);
    this.scroller = new Scroller({
      live: () => this.timeline.live,
      nearTop: () => this.timeline.older(),
      nearEnd: () => this.timeline.newer(),
      // Until the view has landed, what happens to be on the screen is not what the person came to read.
      seen: (from, to) => (this.landing.settled ? this.reading.seen(from, to) : undefined),
    });
    this.landing = new Landing(this, place.target);
    this.company = new Company({ ...place, open: () => this.timeline.head.open });
    this.#follow();
    this.#sending.watch(
      () => this.timeline.head,
      (lost) => (this.draft.text = [lost, this.draft.text].filter((text) => text !== '').join('\n')),
    );
    $effect(() => this.draft.adopt());
    const flush = (): void => {
      this.reading.flush();
      this.draft.flush();
    };
    $effect(() => {
      window.addEventListener('pagehide', flush);
      return () => window.removeEventListener('pagehide', flush);
    });
    onDestroy(() => {
      flush();
      this.timeline.destroy();
    });
  }

  /** The head moves on: the board's directory says so, or the old head itself. */
  #follow(): void {
    $effect(() => {
      const volume = Math.max(this.#place.headVolume() ?? 0, this.timeline.head.next ?? 0);
      untrack(() => {
        this.timeline.follow(volume);
        if (this.scroller.following) this.timeline.toNewest();
      });
    });
    $effect(() => {
      void this.rows;
      untrack(() => {
        this.timeline.settle();
        if (this.scroller.following) this.timeline.trim();
        this.scroller.keep();
      });
    });
    $effect(() => this.reading.passOwn(this.timeline.window, this.timeline.messages, this.me.id));
  }

  get inside(): ReadonlySet<UserId> | null {
    return this.#place.inside?.() ?? null;
  }

  /** Whether the reader may do this here, as far as this device knows. */
  may(act: Act): boolean {
    return can(this.#place.role(), act);
  }

  /** True for an own message whose groups told nobody: there were too many calls before. */
  isQuiet(slot: Slot): boolean {
    return this.#quiet.current.has(slot);
  }

  get people(): ReadonlyMap<UserId, Person> {
    return this.#place.people();
  }

  /** With the username where another's name looks the same; undefined for who is not here. */
  nameOf(user: UserId): string | undefined {
    const person = this.people.get(user);
    return person && lookAlikes(this.people).has(user) ? `${person.name} (@${person.username})` : person?.name;
  }

  readonly rows: readonly Row[] = $derived.by(() =>
    this.#layout(this.timeline.messages, this.reading.divider, this.me.id),
  );

  /** Who spoke here last, latest first: they are completed first. */
  readonly recent: readonly UserId[] = $derived.by(() => lastSpeakers(this.timeline.messages));

  readonly others: readonly Person[] = $derived.by(() =>
    [...this.people.values()].filter((person) => person.id !== this.me.id),
  );

  /** The groups that this person may call here; none for who may not. */
  readonly groups: readonly GroupOffer[] = $derived.by(() => {
    if (!this.may('callGroups')) return [];
    const { inside, me } = this;
    const writers = this.ref.startsWith('task/') ? new Set(this.timeline.messages.map(({ author }) => author)) : null;
    const readers = [...this.people.keys()].filter((id) => inside?.has(id) !== false);
    return groupOffers({ writers, readers, isPrivate: inside !== null, me: me.id });
  });

  /** Own messages that the server has not taken yet, and the newest one that it has, show their state. */
  readonly newestOwn: Slot | null = $derived.by(
    () =>
      this.timeline.messages.findLast(
        (message) => message.author === this.me.id && message.seq !== null && message.body.kind === 'message',
      )?.slot ?? null,
  );

  /** Messages of others that came while the reader was further up. */
  readonly unseen: number = $derived.by(() => {
    if (this.scroller.following) return 0;
    return this.timeline.live
      ? this.timeline.messages.filter(
          (message) => message.seq !== null && message.seq > this.reading.read && message.author !== this.me.id,
        ).length
      : Math.max(0, this.timeline.newest - this.reading.read);
  });

  /** Whether nothing more can be learnt now of what was said while the person was away. */
  get complete(): boolean {
    if (connection.state.kind === 'offline') return true;
    return this.#place.current() && this.timeline.head.open.remote.kind === 'synced';
  }

  /** Whether the messages may be shown; without them, and without a server, there is nothing to wait for. */
  get availability(): 'ready' | 'opening' | 'not-on-device' {
    if (this.timeline.readable || this.#place.headVolume() === null) return 'ready';
    return connection.state.kind === 'offline' && this.timeline.head.open.local.kind !== 'opening'
      ? 'not-on-device'
      : 'opening';
  }

  /** What the person uses of emoji: loaded for the first who wants one. Rejects when it cannot be had now. */
  async emoji(): Promise<EmojiTaste> {
    const { emojis, EmojiTaste } = await import('./emojis.svelte.ts');
    this.#taste ??= new EmojiTaste(this.#place.inbox);
    await emojis.load();
    return this.#taste;
  }

  /** Text as it is stored: with people's ids in place of their usernames, and emoji in place of their codes. */
  stored(typed: string): string {
    const said = this.#taste?.replaceCodes(typed) ?? typed;
    return encodeMentions(said, [...this.people.values()]);
  }

  /** Sends what was typed, and shows it at the end. */
  send(typed: string): void {
    const mid = newId();
    this.#sending.add({ mid, text: typed });
    const draft = { text: this.stored(typed), replyTo: this.answering };
    change(this.timeline.head.open, (doc) => sendMessage(doc, this.me.id, draft, { mid }));
    this.answering = null;
    this.draft.clear();
    this.company.stop();
    this.timeline.toNewest();
    void tick().then(() => this.scroller.toEnd());
  }

  /** The pointer is over a message, or over none. An open menu stays with its message. */
  point(slot: Slot | null): void {
    if (!document.querySelector('[role="menu"]:popover-open')) this.current = slot;
  }

  typed(): void {
    this.company.typed(this.draft.text);
  }

  stopTyping(): void {
    this.company.stop();
  }

  canChange(message: Message): boolean {
    return message.author === this.me.id && message.body.kind === 'message' && message.removedBy === null;
  }

  /** Opens the person's last message for editing. False when there is none in view. */
  editLast(): boolean {
    const last = this.timeline.messages.findLast((message) => this.canChange(message));
    if (!last) return false;
    this.editing = last.slot;
    return true;
  }

  /** The words of a message as they were typed. */
  typedText(message: Message): string {
    return message.body.kind === 'message' ? decodeMentions(message.body.text, this.people) : '';
  }

  edit(message: Message, typed: string): void {
    this.#in(message.slot, (volume) =>
      change(volume, (doc) => editMessage(doc, this.me.id, message.mid, this.stored(typed))),
    );
  }

  delete(message: Message): void {
    this.#in(message.slot, (volume) => change(volume, (doc) => deleteMessage(doc, this.me.id, message.mid)));
  }

  /** Whether this person may remove the message, visibly, as somebody else's. */
  canRemove(message: Message): boolean {
    return (
      message.author !== this.me.id &&
      message.seq !== null &&
      message.body.kind === 'message' &&
      can(this.#place.role(), 'moderate')
    );
  }

  remove(message: Message): void {
    this.#in(message.slot, (volume) => removeMessage(volume, message.slot, this.me.id));
  }

  /** One's own reactions to a message. */
  ownReactions(message: Message): string[] {
    return message.reactions.filter(({ by }) => by.includes(this.me.id)).map(({ emoji }) => emoji);
  }

  /** Gives a reaction, or takes it back. Says so when there are as many as can be. */
  react(message: Message, emoji: string): void {
    const own = this.ownReactions(message);
    const next = own.includes(emoji) ? own.filter((one) => one !== emoji) : [...own, emoji];
    const kinds = new Set([...message.reactions.map((reaction) => reaction.emoji), ...next]);
    if (next.length > REACTIONS_PER_PERSON) {
      toasts.show('You have given as many reactions to this message as one person can.');
    } else if (next.length > own.length && kinds.size > REACTION_KINDS) {
      toasts.show('This message has as many kinds of reactions as it can.');
    } else {
      this.#in(message.slot, (volume) => change(volume, (doc) => setReactions(doc, this.me.id, message.slot, next)));
    }
  }

  /** What is shown of a message that another one answers. `here`: its words are known. */
  quoteOf(slot: Slot, message: Message | null): { author: string; text: string; here: boolean } {
    const id = parseSlot(slot)?.author ?? '';
    const author = this.people.get(id)?.name ?? (id === this.me.id ? this.me.name : 'someone who left');
    if (message === null) return { author, text: 'an earlier message', here: false };
    if (message.body.kind === 'tombstone' || message.removedBy !== null) {
      return { author, text: 'a deleted message', here: false };
    }
    return { author, text: excerptOf(message.body.text, this.people), here: true };
  }

  /** Shows the message that another one answers. */
  goTo(slot: Slot): void {
    const mid = parseSlot(slot)?.mid;
    if (mid !== undefined) this.landing.visit({ mid, volume: this.timeline.volumeOf(slot)?.number ?? null });
  }

  /** The volume that holds a message. */
  volumeOf(slot: Slot): number {
    return this.timeline.volumeOf(slot)?.number ?? this.timeline.head.number;
  }

  /** Sends refused words once more, as they were stored. */
  resend(texts: readonly string[]): void {
    for (const text of texts) change(this.timeline.head.open, (doc) => sendMessage(doc, this.me.id, { text }));
    this.toNewest();
  }

  toNewest(): void {
    this.timeline.toNewest();
    void tick().then(() => this.scroller.toEnd());
  }

  #in(slot: Slot, act: (volume: OpenDocument) => void): void {
    const volume = this.timeline.volumeOf(slot);
    if (volume) act(volume.open);
  }
}
