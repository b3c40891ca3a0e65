import type { Message, Slot } from '$lib/model/conversation.ts';
import type { UserId } from '$lib/model/ids.ts';
import { FIRST_VOLUME } from '../../model/names.ts';
import type { VolumeLog } from './volume-log.svelte.ts';
import { withTrace } from './traces.ts';

/** Messages shown at first: more than a tall screen holds. */
const PAGE = 60;
/** Messages added at a time as the reader goes on: so many are made within a frame. */
const STEP = 20;
/** The most logged messages in the page at once; those far from the reader leave it. */
const MOST = 300;
/**
 * What stays above a reader at the end, where every row costs each arrival; they leave by the step, not one by one. More
 * than the tallest window of this screen and what is asked for ahead of it, at one line each.
 */
const AT_END = Math.max(PAGE, ((globalThis.screen as Screen | undefined)?.height ?? 0) >> 4);

/** What lies above the oldest message in view, or below the newest. */
export type Beyond =
  { kind: 'more' } | { kind: 'loading' } | { kind: 'not-on-device' } | { kind: 'beginning' } | { kind: 'end' };

/**
 * A conversation as a window over its chain of volumes. The head volume is always open, because new words go there; older ones
 * are opened when the reader comes near, and released when the reader has left them far behind. The window is bounded by
 * seq, which never changes for a message, so edits, deletions and arrivals cannot shift it.
 */
export class Timeline {
  readonly #open: (volume: number) => VolumeLog;
  readonly #offline: () => boolean;
  #head = $state.raw<VolumeLog>()!;
  /** Neighbouring volumes, oldest first. Ends with the head, unless an old message was visited. */
  #chain = $state.raw<readonly VolumeLog[]>([]);
  #from = $state.raw<number | null>(null);
  #to = $state.raw<number | null>(null);

  constructor(open: (volume: number) => VolumeLog, headVolume: number | null, offline: () => boolean) {
    this.#open = open;
    this.#offline = offline;
    this.#head = open(headVolume ?? FIRST_VOLUME);
    this.#chain = [this.#head];
  }

  /** The volume that new messages are written into. */
  get head(): VolumeLog {
    return this.#head;
  }

  /**
   * Moves on to a later head, which the board's directory or the old head's `next` has named. The next volume simply continues
   * the view. After a jump over several the view stays where it is, and ends before the new messages.
   */
  follow(volume: number): void {
    if (volume <= this.#head.number) return;
    const old = this.#head;
    const next = this.#open(volume);
    const atEnd = this.#chain.at(-1) === old;
    this.#head = next;
    if (atEnd && volume === old.number + 1) this.#chain = [...this.#chain, next];
    else if (atEnd && this.#logged.length === 0) this.#showOnly(next);
    else if (atEnd) this.#to ??= this.#logged.at(-1)?.seq ?? 0;
    if (!this.#chain.includes(old)) old.release();
  }

  readonly #logged = $derived(
    this.#chain.flatMap((volume) => volume.messages.filter((message) => message.seq !== null)),
  );

  readonly #pending = $derived.by(() => {
    const volumes = this.#chain.includes(this.#head) ? this.#chain : [...this.#chain, this.#head];
    const pending = volumes.flatMap((volume) => volume.messages.filter((message) => message.seq === null));
    if (pending.length === 0) return pending;
    const logged = new Set(this.#logged.map((message) => message.slot));
    return pending.filter((message) => !logged.has(message.slot));
  });

  /** The later volume's, where a message is in two while it moves. */
  readonly #bySlot = $derived(
    new Map(
      [...new Set([...this.#chain, this.#head])].flatMap((volume) =>
        volume.messages.map((message): [Slot, Message] => [message.slot, message]),
      ),
    ),
  );

  /** Of a volume that holds less than a page it is its first: from 0 on would mean all older ones too. */
  readonly #first = $derived(this.#from ?? (this.#logged.at(-PAGE) ?? this.#logged[0])?.seq ?? 0);

  /** What the page is about, with what has left no trace. */
  readonly window: readonly Message[] = $derived.by(() => {
    const to = this.live ? Infinity : (this.#to ?? Infinity);
    const window = this.#logged.filter((message) => message.seq! >= this.#first && message.seq! <= to);
    return this.live ? [...window, ...this.#pending] : window;
  });

  /** What the page shows. */
  readonly messages: readonly Message[] = $derived(withTrace(this.window, () => [...this.#logged, ...this.#pending]));

  /** Whether the window reaches the newest message. */
  readonly live: boolean = $derived(this.#to === null && this.#chain.at(-1) === this.#head);

  /** The newest logged seq known here. */
  readonly newest: number = $derived(
    this.#head.messages.findLast((message) => message.seq !== null)?.seq ?? this.#logged.at(-1)?.seq ?? 0,
  );

  readonly above: Beyond = $derived.by(() => {
    if ((this.#logged[0]?.seq ?? Infinity) < this.#first) return { kind: 'more' };
    const oldest = this.#chain[0]!;
    if (oldest.number <= FIRST_VOLUME) return { kind: 'beginning' };
    return this.#beyond(oldest);
  });

  readonly below: Beyond = $derived.by(() => {
    if (this.live) return { kind: 'end' };
    const newest = this.#chain.at(-1)!;
    return newest === this.#head ? { kind: 'more' } : this.#beyond(newest);
  });

  #beyond(volume: VolumeLog): Beyond {
    if (volume.readable) return { kind: 'more' };
    return this.#offline() ? { kind: 'not-on-device' } : { kind: 'loading' };
  }

  /** Whether there is anything to show, or the server has said that there is nothing. */
  readonly readable: boolean = $derived(this.#chain.some((volume) => volume.readable));

  /** Fixes where the window begins, once there is something in it, so that arrivals do not push the oldest row out. */
  settle(): void {
    if (this.#from === null && this.#logged.length > 0) this.#from = this.#first;
  }

  /** Extends the window upwards; opens the older volume when this one is used up. */
  older(): void {
    this.settle();
    const index = this.#logged.findIndex((message) => message.seq! >= this.#first);
    if (index > 0) {
      this.#from = this.#logged[Math.max(0, index - STEP)]!.seq!;
      this.#trimBelow();
      return;
    }
    const oldest = this.#chain[0]!;
    if (!oldest.readable || oldest.number <= FIRST_VOLUME) return;
    this.#chain = [this.#open(oldest.number - 1), ...this.#chain];
  }

  /** Extends the window downwards after a visit to old messages. */
  newer(): void {
    if (this.live) return;
    const last = this.#to ?? this.#logged.at(-1)?.seq ?? 0;
    const index = this.#logged.findIndex((message) => message.seq! > last);
    if (index !== -1) {
      const end = index + STEP - 1;
      this.#to =
        end >= this.#logged.length - 1 && this.#chain.at(-1) === this.#head
          ? null
          : this.#logged[Math.min(end, this.#logged.length - 1)]!.seq;
      this.#trimAbove();
      return;
    }
    const newest = this.#chain.at(-1)!;
    if (newest === this.#head) {
      this.#to = null;
      return;
    }
    if (!newest.readable) return;
    // The end is fixed first: otherwise the whole next volume would come into view at once.
    this.#to = last;
    const next = newest.number + 1;
    this.#chain = [...this.#chain, next === this.#head.number ? this.#head : this.#open(next)];
  }

  /** Back to the newest messages. */
  toNewest(): void {
    if (!this.live) this.#showOnly(this.#head);
  }

  /** Lets the oldest messages go when there are many, for a reader who is at the end. */
  trim(): void {
    if (this.live && this.#shown().length >= AT_END + STEP) this.#trimAbove(AT_END);
  }

  /**
   * Opens the volume that holds a message, next to or apart from what is shown. The window follows with `show`. Answers
   * whether something else than before is shown now.
   */
  visit(volume: number): boolean {
    const [low, high] = [this.#chain[0]!.number, this.#chain.at(-1)!.number];
    if (volume >= low && volume <= high) return false;
    if (volume === low - 1) {
      this.settle();
      this.#chain = [this.#open(volume), ...this.#chain];
      return false;
    }
    this.#showOnly(volume === this.#head.number ? this.#head : this.#open(volume));
    return true;
  }

  /** The message with this mid, when its volume is open; its author is not known from a link. */
  find(mid: string): Message | null {
    return (
      this.#logged.find((message) => message.mid === mid) ??
      this.#pending.find((message) => message.mid === mid) ??
      null
    );
  }

  /** A message of the volumes that are open. */
  messageAt(slot: Slot): Message | null {
    return this.#bySlot.get(slot) ?? null;
  }

  /** The volume that holds a message, of those that are open. */
  volumeOf(slot: Slot): VolumeLog | null {
    return (
      [...this.#chain, this.#head].findLast((volume) => volume.messages.some((message) => message.slot === slot)) ??
      null
    );
  }

  /** The first message after `seq` that somebody other than `me` wrote. */
  firstAfter(seq: number, me: UserId): number | null {
    return this.#logged.find((message) => message.seq! > seq && message.author !== me)?.seq ?? null;
  }

  /** Moves the window so that it holds the message with this seq. */
  show(seq: number): void {
    if (seq >= this.#first && (this.#to === null || seq <= this.#to)) return this.settle();
    const index = this.#logged.findIndex((message) => message.seq! >= seq);
    if (index === -1) return;
    this.#from = this.#logged[Math.max(0, index - PAGE)]!.seq;
    const end = index + PAGE;
    const reachesHead = end >= this.#logged.length - 1 && this.#chain.at(-1) === this.#head;
    this.#to = reachesHead ? null : this.#logged[Math.min(end, this.#logged.length - 1)]!.seq;
  }

  get oldestSeq(): number | null {
    return this.#logged[0]?.seq ?? null;
  }

  /** The volume with this number, when it is part of what is shown. */
  volumeAt(number: number): VolumeLog | null {
    return this.#chain.find((volume) => volume.number === number) ?? null;
  }

  /** The oldest volume that is open, to walk back from. */
  get oldestOpen(): VolumeLog {
    return this.#chain[0]!;
  }

  destroy(): void {
    for (const volume of new Set([...this.#chain, this.#head])) volume.release();
  }

  #showOnly(volume: VolumeLog): void {
    for (const other of this.#chain) if (other !== volume && other !== this.#head) other.release();
    this.#chain = [volume];
    this.#from = null;
    this.#to = null;
  }

  /** Drops the newest of too many messages, when the reader has gone far up. */
  #trimBelow(): void {
    const shown = this.#shown();
    if (shown.length <= MOST) return;
    const last = shown[MOST - 1]!.seq!;
    this.#to = last;
    this.#leave('below', (seq) => seq > last);
  }

  /** Drops the oldest of too many messages. */
  #trimAbove(most = MOST): void {
    const shown = this.#shown();
    if (shown.length <= most) return;
    const first = shown.at(-most)!.seq!;
    this.#from = first;
    this.#leave('above', (seq) => seq < first);
  }

  #shown(): readonly Message[] {
    return this.#logged.filter((message) => message.seq! >= this.#first && message.seq! <= (this.#to ?? Infinity));
  }

  /**
   * Takes volumes wholly outside the window from the chain, with all that lie beyond them, which hold nothing yet: the
   * chain has no gaps. The head stays open. One that is still loading next to the window stays too.
   */
  #leave(side: 'above' | 'below', outside: (seq: number) => boolean): void {
    const left = this.#chain.map(({ messages }) => {
      const logged = messages.filter((message) => message.seq !== null);
      return logged.length > 0 && logged.every((message) => outside(message.seq!));
    });
    const cut = side === 'below' ? left.indexOf(true) : left.lastIndexOf(true);
    if (cut === -1) return;
    const before = this.#chain;
    this.#chain = side === 'below' ? before.slice(0, cut) : before.slice(cut + 1);
    for (const volume of before) if (!this.#chain.includes(volume) && volume !== this.#head) volume.release();
  }
}
