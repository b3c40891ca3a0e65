import type { Person } from '$lib/model/board.ts';
import type { UserId } from '$lib/model/ids.ts';
import { MENTION_ROWS } from '$lib/model/limits.ts';
import { applyMention, mentionQuery, rankMentions, withGroups, type MentionQuery } from '$lib/model/mentions.ts';
import type { GroupOffer } from './mention-groups.ts';

interface Circle {
  /** Who may be mentioned here. */
  people: () => readonly Person[];
  /** Who spoke here last, latest first. */
  recent: () => readonly UserId[];
  /** Who is in here, of those; null for everybody. */
  inside?: () => ReadonlySet<UserId> | null;
  /** The groups that may be called. */
  groups: () => readonly GroupOffer[];
}

export type Offer = Person | GroupOffer;

/** What is written after the @. */
function nameOf(offer: Offer): string {
  return 'group' in offer ? offer.group : offer.username;
}

/**
 * Completes mentions in a text box. The focus stays in the box; the list beside it is walked with the arrow keys. Escape
 * dismisses it for the mention being typed, not for the next one.
 */
export class MentionBox {
  #query = $state.raw<MentionQuery | null>(null);
  #active = $state(0);
  #dismissed: number | null = null;
  readonly #circle: Circle;

  constructor(circle: Circle) {
    this.#circle = circle;
  }

  readonly options: readonly Offer[] = $derived.by(() => {
    const query = this.#query;
    return query === null ? [] : withGroups(query.query, this.#ranked(query.query), this.#circle.groups());
  });

  /** Who is not in here may be meant all the same, and comes after those who are. */
  #ranked(query: string): readonly Person[] {
    const { people, recent } = this.#circle;
    const inside = this.#circle.inside?.() ?? null;
    if (inside === null) return rankMentions(query, people(), recent());
    const here = people().filter(({ id }) => inside.has(id));
    const others = people().filter(({ id }) => !inside.has(id));
    const ranked = [here, others].flatMap((list) => rankMentions(query, list, recent()));
    return ranked.slice(0, MENTION_ROWS);
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
  look(box: HTMLTextAreaElement): void {
    const { selectionStart, selectionEnd, value } = box;
    const query = selectionStart === selectionEnd ? mentionQuery(value, selectionStart) : null;
    if (query?.from !== this.#dismissed) this.#dismissed = null;
    if (query?.from !== this.#query?.from || query?.query !== this.#query?.query) this.#active = 0;
    this.#query = query !== null && query.from === this.#dismissed ? null : query;
  }

  close(): void {
    this.#query = null;
  }

  /** True when the key was for the list. */
  onkeydown(event: KeyboardEvent, box: HTMLTextAreaElement): boolean {
    if (!this.open || event.isComposing) return false;
    const count = this.options.length;
    switch (event.key) {
      case 'ArrowDown':
        this.#active = (this.active + 1) % count;
        break;
      case 'ArrowUp':
        this.#active = (this.active + count - 1) % count;
        break;
      case 'Enter':
      case 'Tab':
        if (event.shiftKey) return false;
        this.pick(this.options[this.active]!, box);
        break;
      case 'Escape':
        this.#dismissed = this.#query?.from ?? null;
        this.#query = null;
        break;
      default:
        return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** Puts what is mentioned where the mention is being typed. */
  pick(offer: Offer, box: HTMLTextAreaElement): void {
    const query = this.#query;
    if (query === null) return;
    const { text, caret } = applyMention(box.value, query, nameOf(offer));
    box.value = text;
    box.setSelectionRange(caret, caret);
    this.#query = null;
    box.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertReplacementText' }));
  }
}
