import { untrack } from 'svelte';

/** Closer to the end than this counts as being at the end. Pixels. */
const AT_END = 48;
/** Nearer to an edge than this, more messages are asked for. Pixels. */
const NEAR = 600;
/** So much of a message has to be in view. Pixels. */
const EDGE = 8;

/** A row that has not come by then is not coming. Milliseconds. */
const WAIT_MS = 2_000;

interface Watchers {
  /** Whether the list ends with the newest message; only then can its end be followed. */
  live: () => boolean;
  nearTop: () => void;
  nearEnd: () => void;
  /** The seqs of the first and the last message in view; called when they may have changed. */
  seen: (from: number, to: number) => void;
}

/**
 * Keeps the reader's place in a list that grows at both ends: at the end it follows the newest message, elsewhere what the
 * reader looks at does not move by a pixel, whatever is added, edited or removed above. The browser's own anchoring is off
 * (`overflow-anchor: none`), because it differs between browsers and does nothing at the very top.
 */
export class Scroller {
  /** Whether the view follows the newest message. */
  #following = $state(true);
  #box: HTMLElement | null = null;
  #anchor: { row: HTMLElement; top: number } | null = null;
  #lastTop = 0;
  #frame = 0;
  /** A selector of the row that the view is to begin with, and when to stop waiting for it. */
  #wanted: { selector: string; until: number } | null = null;
  readonly #watchers: Watchers;

  constructor(watchers: Watchers) {
    this.#watchers = watchers;
  }

  get following(): boolean {
    return this.#following;
  }

  /** An attachment for the scrolling box. Its first child holds the rows. */
  readonly attach = (box: HTMLElement): (() => void) => untrack(() => this.#begin(box));

  #begin(box: HTMLElement): () => void {
    this.#box = box;
    const resized = new ResizeObserver(() => this.keep());
    resized.observe(box);
    for (const child of box.children) resized.observe(child);
    const onScroll = (): void => this.#scrolled();
    box.addEventListener('scroll', onScroll, { passive: true });
    window.addEventListener('focus', onScroll);
    this.keep();
    return () => {
      resized.disconnect();
      box.removeEventListener('scroll', onScroll);
      window.removeEventListener('focus', onScroll);
      cancelAnimationFrame(this.#frame);
      this.#frame = 0;
      this.#box = null;
    };
  }

  /** Puts the view back to where the reader was. Call after the rows have changed; a resize calls it too. */
  keep(): void {
    const box = this.#box;
    if (!box) return;
    if (this.#waits) this.#bring(box);
    else if (this.#following) box.scrollTop = box.scrollHeight;
    else if (this.#anchor?.row.isConnected) {
      // The reader may have scrolled on since, of which the event is still to come.
      const scrolled = box.scrollTop - this.#lastTop;
      this.#anchor = { row: this.#anchor.row, top: this.#anchor.top - scrolled };
      const moved = Math.round(this.#topOf(this.#anchor.row) - this.#anchor.top);
      if (moved !== 0) box.scrollTop += moved;
      this.#lastTop = box.scrollTop;
      // Where it was, not where it is: of many corrections each may be half a pixel off.
      return this.#look();
    }
    this.#lastTop = box.scrollTop;
    this.#remember();
    this.#look();
  }

  /** Follows the end no longer: another place is looked for. */
  hold(): void {
    this.#following = false;
  }

  /** To the newest message, and stays there. */
  toEnd(): void {
    this.#wanted = null;
    this.#following = true;
    this.keep();
  }

  /** Brings a row to the upper third of the view, as soon as it is there. */
  toRow(selector: string): void {
    this.#wanted = { selector, until: Date.now() + WAIT_MS };
    this.#following = false;
    this.keep();
  }

  get #waits(): boolean {
    if (this.#wanted && Date.now() > this.#wanted.until) this.#wanted = null;
    return this.#wanted !== null;
  }

  #bring(box: HTMLElement): void {
    const row = this.#wanted && box.querySelector<HTMLElement>(this.#wanted.selector);
    if (!row) return;
    this.#wanted = null;
    box.scrollTop += this.#topOf(row) - box.clientHeight / 3;
    if (this.#distance() < 1 && this.#watchers.live()) this.#following = true;
  }

  #scrolled(): void {
    const box = this.#box;
    if (!box || this.#waits) return;
    // Growth below also enlarges the distance to the end: only a reader's own way up ends the following.
    if (!this.#watchers.live()) this.#following = false;
    else if (this.#distance() < AT_END) this.#following = true;
    else if (box.scrollTop < this.#lastTop - 1) this.#following = false;
    // The echo of a correction: nobody has moved, and what stood here before is still what it is measured against.
    const still = box.scrollTop === this.#lastTop && this.#anchor?.row.isConnected === true;
    this.#lastTop = box.scrollTop;
    if (this.#following || !still) this.#remember();
    this.#look();
  }

  #look(): void {
    if (this.#frame || this.#waits) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      const box = this.#box;
      if (!box) return;
      if (box.scrollTop < NEAR) this.#watchers.nearTop();
      if (this.#distance() < NEAR) this.#watchers.nearEnd();
      const { top, bottom } = box.getBoundingClientRect();
      let [from, to] = [0, 0];
      // From the end, where most look: what stands above the view is not asked for.
      for (let row = box.firstElementChild?.lastElementChild; row; row = row.previousElementSibling) {
        const seq = Number(row.getAttribute('data-seq'));
        if (seq === 0) continue;
        const place = row.getBoundingClientRect();
        if (place.bottom < top + EDGE) break;
        if (place.top > bottom - EDGE) continue;
        from = seq;
        to ||= from;
      }
      if (to > 0) this.#watchers.seen(from, to);
    });
  }

  #distance(): number {
    const box = this.#box;
    return box ? box.scrollHeight - box.scrollTop - box.clientHeight : 0;
  }

  #topOf(row: HTMLElement): number {
    return row.getBoundingClientRect().top - this.#box!.getBoundingClientRect().top;
  }

  /**
   * What the reader looks at is the second message in view: the first may be the oldest that is here, and lose the name
   * above its words when the one before it comes in. A day moves up when older messages of it do.
   */
  #remember(): void {
    const box = this.#box;
    if (!box || this.#following) {
      this.#anchor = null;
      return;
    }
    const rows = box.querySelectorAll<HTMLElement>('article[data-row]');
    let [low, high] = [0, rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle]!.getBoundingClientRect().bottom - box.getBoundingClientRect().top > 0) high = middle;
      else low = middle + 1;
    }
    const next = rows[low + 1];
    const row = next !== undefined && this.#topOf(next) < box.clientHeight ? next : rows[low];
    this.#anchor = row ? { row, top: this.#topOf(row) } : null;
  }
}
