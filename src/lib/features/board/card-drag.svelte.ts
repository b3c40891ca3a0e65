import type { Card, Column } from '$lib/model/board.ts';
import type { ColumnId, TaskId } from '$lib/model/ids.ts';

/** Where a card is to stand: before another card of a column, or at its end. */
export interface Place {
  column: ColumnId;
  before: TaskId | null;
}

interface Board {
  /** The board as it is. */
  columns: () => readonly Column[];
  move: (card: TaskId, place: Place) => void;
  say: (sentence: string) => void;
  /** Puts the focus on a card once it is on the page again. Answers whether that worked. */
  focus: (card: TaskId) => Promise<boolean>;
}

/** svelte-dnd-action marks the place of a dragged card with this property; such an item is not replaced by the card itself. */
const SHADOW = 'isDndShadowItem';

/**
 * Moving a card, by pointer or by keyboard. While one is in the air the board is shown from a draft; what others do meanwhile
 * is taken in when it lands. Only the landing is written.
 */
export class CardDrag {
  #draft = $state.raw<ReadonlyMap<ColumnId, readonly Card[]> | null>(null);
  #lifted = $state.raw<TaskId | null>(null);
  readonly #board: Board;

  constructor(board: Board) {
    this.#board = board;
  }

  /** The card held by keyboard. */
  get lifted(): TaskId | null {
    return this.#lifted;
  }

  /** The cards to show in a column. */
  cards(column: Column): readonly Card[] {
    const draft = this.#draft?.get(column.id);
    if (!draft) return column.cards;
    // The same list as long as nothing in it has changed, so that only the columns concerned are rendered.
    if (draft.every((card) => SHADOW in card || (this.#byId.get(card.id) ?? card) === card)) return draft;
    return draft.map((card) => (SHADOW in card ? card : (this.#byId.get(card.id) ?? card)));
  }

  readonly #byId: ReadonlyMap<TaskId, Card> = $derived.by(
    () => new Map(this.#board.columns().flatMap((column) => column.cards.map((card) => [card.id, card]))),
  );

  /** The pointer has carried a card over a column. */
  consider(column: ColumnId, cards: readonly Card[]): void {
    this.#draft = new Map(this.#draft ?? this.#snapshot()).set(column, cards);
  }

  /** The pointer has let go. Called for the column of the landing first, then for the one it came from. */
  finalize(column: ColumnId, cards: readonly Card[], card: TaskId, landed: boolean): void {
    if (landed) this.#land(card, column, cards);
    this.#draft = null;
  }

  lift(card: TaskId): void {
    const at = this.#whereIs(card, this.#snapshot());
    if (!at) return;
    this.#draft = this.#snapshot();
    this.#lifted = card;
    this.#board.say(
      `Picked up “${at.card.title}”, ${at.index + 1} of ${at.count} in ${at.column.title}. Arrow keys move it, Space drops it, Escape puts it back.`,
    );
  }

  /** Carries the lifted card up or down, or to the column beside. */
  async carry(key: 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight'): Promise<void> {
    const [draft, id] = [this.#draft, this.#lifted];
    const at = draft && id ? this.#whereIs(id, draft) : null;
    if (!draft || !id || !at) return;
    const next = new Map(draft);
    let column = at.column;
    let index = at.index;
    if (key === 'ArrowUp' || key === 'ArrowDown') index += key === 'ArrowUp' ? -1 : 1;
    else {
      const columns = this.#board.columns();
      const beside = columns[columns.findIndex((other) => other.id === column.id) + (key === 'ArrowLeft' ? -1 : 1)];
      if (!beside) return;
      column = beside;
    }
    next.set(
      at.column.id,
      (draft.get(at.column.id) ?? []).filter((card) => card.id !== id),
    );
    const target = [...(next.get(column.id) ?? [])];
    if (index < 0 || index > target.length) {
      if (column === at.column) return;
      index = target.length;
    }
    target.splice(index, 0, at.card);
    next.set(column.id, target);
    this.#draft = next;
    this.#board.say(`${index + 1} of ${target.length} in ${column.title}`);
    // Another column is another list: the card is made anew there and has lost the focus.
    if (!(await this.#board.focus(id))) await this.putBack();
  }

  async drop(): Promise<void> {
    const [draft, id] = [this.#draft, this.#lifted];
    const at = draft && id ? this.#whereIs(id, draft) : null;
    this.#draft = null;
    this.#lifted = null;
    if (!draft || !id || !at) return;
    const cards = draft.get(at.column.id) ?? [];
    this.#land(id, at.column.id, cards);
    this.#board.say(`Dropped “${at.card.title}”, ${at.index + 1} of ${at.count} in ${at.column.title}.`);
    await this.#board.focus(id);
  }

  async putBack(): Promise<void> {
    const id = this.#lifted;
    if (!id) return;
    this.#draft = null;
    this.#lifted = null;
    this.#board.say('Put back.');
    await this.#board.focus(id);
  }

  /** Writes the place, unless the card stands there already or has left the board meanwhile. */
  #land(id: TaskId, column: ColumnId, cards: readonly Card[]): void {
    const target = this.#board.columns().find((other) => other.id === column);
    if (!target || !this.#byId.has(id)) return;
    const index = cards.findIndex((other) => other.id === id);
    const before =
      cards.slice(index + 1).find((other) => target.cards.some((present) => present.id === other.id))?.id ?? null;
    const [present, next] = [
      target.cards.findIndex((other) => other.id === id),
      target.cards.findIndex((other) => other.id === before),
    ];
    if (present !== -1 && (next === -1 ? present === target.cards.length - 1 : next === present + 1)) return;
    this.#board.move(id, { column, before });
  }

  #snapshot(): Map<ColumnId, readonly Card[]> {
    return new Map(this.#board.columns().map((column) => [column.id, column.cards]));
  }

  #whereIs(
    id: TaskId,
    draft: ReadonlyMap<ColumnId, readonly Card[]>,
  ): { column: Column; card: Card; index: number; count: number } | null {
    for (const column of this.#board.columns()) {
      const cards = draft.get(column.id) ?? [];
      const index = cards.findIndex((card) => card.id === id);
      if (index !== -1) return { column, card: cards[index]!, index, count: cards.length };
    }
    return null;
  }
}
