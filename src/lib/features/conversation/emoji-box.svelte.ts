import { applyEmoji, emojiQuery, rankEmoji, type Emoji, type EmojiQuery } from '$lib/model/emoji.ts';
import { emojis, type EmojiTaste } from './emojis.svelte.ts';

/** Completes codes of emoji in a text box, by the same keys as mentions. */
export class EmojiBox {
  #query = $state.raw<EmojiQuery | null>(null);
  #active = $state(0);
  #dismissed: number | null = null;
  readonly #taste: EmojiTaste;

  constructor(taste: EmojiTaste) {
    this.#taste = taste;
  }

  readonly options: readonly Emoji[] = $derived.by(() => {
    const query = this.#query;
    return query === null ? [] : rankEmoji(query.query, emojis.all, this.#taste.recent);
  });

  /** The emoji as it will be written. */
  shown(emoji: Emoji): string {
    return this.#taste.own(emoji);
  }

  get open(): boolean {
    return this.options.length > 0;
  }

  get active(): number {
    return Math.min(this.#active, this.options.length - 1);
  }

  set active(index: number) {
    this.#active = index;
  }

  /** Looks at what is typed at the caret. Call after input and after the caret has moved. */
  look({ selectionStart, selectionEnd, value }: HTMLTextAreaElement): void {
    const query = selectionStart === selectionEnd ? emojiQuery(value, selectionStart) : null;
    if (query?.from !== this.#dismissed) this.#dismissed = null;
    if (query?.query !== this.#query?.query) this.#active = 0;
    this.#query = query !== null && query.from === this.#dismissed ? null : query;
  }

  close(): void {
    this.#query = null;
  }

  /** True when the key was for the list. */
  onkeydown(event: KeyboardEvent, box: HTMLTextAreaElement): boolean {
    if (!this.open || event.isComposing || event.shiftKey) return false;
    const count = this.options.length;
    if (event.key === 'ArrowDown') this.#active = (this.active + 1) % count;
    else if (event.key === 'ArrowUp') this.#active = (this.active + count - 1) % count;
    else if (event.key === 'Enter' || event.key === 'Tab') this.pick(this.options[this.active]!, box);
    else if (event.key === 'Escape') {
      this.#dismissed = this.#query?.from ?? null;
      this.#query = null;
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Puts an emoji where its code is being typed. */
  pick(emoji: Emoji, box: HTMLTextAreaElement): void {
    if (this.#query === null) return;
    const { text, caret } = applyEmoji(box.value, this.#query, this.#taste.own(emoji));
    this.#taste.use(emoji);
    this.#query = null;
    box.value = text;
    box.setSelectionRange(caret, caret);
    box.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertReplacementText' }));
  }
}
