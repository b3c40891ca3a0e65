import { tick } from 'svelte';
import {
  addCard,
  addColumn,
  archiveCard,
  archiveColumn,
  moveCard,
  moveColumn,
  renameCard,
  renameColumn,
  restoreCard,
  restoreColumn,
  setTitle,
  type Card,
  type Column,
} from '$lib/model/board.ts';
import type { ColumnId, TaskId } from '$lib/model/ids.ts';
import { announce } from '$lib/ui/announcer.svelte.ts';
import { toasts } from '$lib/ui/toasts.svelte.ts';
import type { Board } from './board.svelte.ts';
import { CardDrag, type Place } from './card-drag.svelte.ts';

/** What a person does on the board's surface: what is being renamed or moved, and where the keyboard stands. */
export class Surface {
  readonly board: Board;
  readonly drag: CardDrag;
  /** The card whose title is a field now. */
  renaming = $state.raw<TaskId | null>(null);
  /** The card that the 'Move to…' form is open for. */
  moving = $state.raw<TaskId | null>(null);
  /** The card under the pointer or the keyboard: only it carries a menu. */
  current = $state.raw<TaskId | null>(null);
  /** In each column one card is a tab stop. */
  #stops = $state.raw<ReadonlyMap<ColumnId, TaskId>>(new Map());
  #box: HTMLElement | null = null;

  constructor(board: Board) {
    this.board = board;
    this.drag = new CardDrag({
      columns: () => board.state.columns,
      move: (card, place) => this.move(card, place),
      say: (sentence) => announce(sentence, 'assertive'),
      focus: (card) => this.focusCard(card),
    });
  }

  readonly attach = (box: HTMLElement): (() => void) => {
    this.#box = box;
    return () => {
      this.#box = null;
    };
  };

  get editable(): boolean {
    return this.board.may('editCards');
  }

  /** The card of a column that Tab stops at. */
  stopOf(column: ColumnId, cards: readonly Card[]): TaskId | undefined {
    const stop = this.#stops.get(column);
    return stop !== undefined && cards.some((card) => card.id === stop) ? stop : cards[0]?.id;
  }

  /** The pointer is over a card. An open menu stays with its card. */
  hovered(card: TaskId, pointer: string): void {
    if (pointer !== 'mouse' || document.querySelector('[role="menu"]:popover-open')) return;
    this.current = card;
  }

  focused(column: ColumnId, card: TaskId): void {
    this.current = card;
    if (this.#stops.get(column) !== card) this.#stops = new Map(this.#stops).set(column, card);
  }

  /** Puts the focus on a card after the page has taken in the last change. */
  async focusCard(card: TaskId): Promise<boolean> {
    await tick();
    const link = this.#box?.querySelector<HTMLElement>(`[data-card="${card}"] [data-focus]`);
    link?.focus();
    link?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    return link !== null && document.activeElement === link;
  }

  /** Keys on a focused card: arrows go to its neighbours, Space lifts it, F2 renames, M moves by a form. */
  onkeydown(event: KeyboardEvent, column: Column, card: Card): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const act = this.drag.lifted === card.id ? this.#heldKey(event.key) : this.#restingKey(event, column, card);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #heldKey(key: string): boolean {
    if (key === 'ArrowUp' || key === 'ArrowDown' || key === 'ArrowLeft' || key === 'ArrowRight')
      void this.drag.carry(key);
    else if (key === ' ' || key === 'Enter') void this.drag.drop();
    else if (key === 'Escape' || key === 'Tab') void this.drag.putBack();
    return true;
  }

  #restingKey(event: KeyboardEvent, column: Column, card: Card): boolean {
    const columns = this.board.state.columns;
    const cards = this.drag.cards(column);
    const index = cards.indexOf(card);
    const go = (next: Card | undefined): boolean => {
      if (next) void this.focusCard(next.id);
      return true;
    };
    switch (event.key) {
      case 'ArrowUp':
        return go(cards[index - 1]);
      case 'ArrowDown':
        return go(cards[index + 1]);
      case 'Home':
        return go(cards[0]);
      case 'End':
        return go(cards.at(-1));
      case 'ArrowLeft':
      case 'ArrowRight': {
        const from = columns.findIndex((other) => other.id === column.id);
        const beside = event.key === 'ArrowLeft' ? columns.slice(0, from).reverse() : columns.slice(from + 1);
        const filled = beside.find((other) => other.cards.length > 0);
        return go(filled?.cards[Math.min(index, filled.cards.length - 1)]);
      }
    }
    if (!this.editable) return false;
    if (event.key === ' ') this.drag.lift(card.id);
    else if (event.key === 'F2') this.renaming = card.id;
    else if (event.key === 'm' || event.key === 'M') this.moving = card.id;
    else return false;
    return true;
  }

  addColumn(title: string): ColumnId | null {
    return this.board.change((doc) => addColumn(doc, this.board.me.id, title));
  }

  renameColumn(column: ColumnId, title: string): void {
    this.board.change((doc) => renameColumn(doc, column, title));
  }

  renameBoard(title: string): void {
    this.board.change((doc) => setTitle(doc, title));
  }

  /** Moves a column one place to the left or right. */
  shiftColumn(column: Column, by: -1 | 1): void {
    const columns = this.board.state.columns;
    const index = columns.findIndex((other) => other.id === column.id);
    const after = by === 1 ? columns[index + 1] : columns[index - 2];
    if (by === 1 ? !after : index === 0) return;
    this.board.change((doc) => moveColumn(doc, column.id, after?.id ?? null));
    announce(`${column.title}: column ${index + 1 + by} of ${columns.length}`);
  }

  archiveColumn(column: Column): void {
    this.board.change((doc) => archiveColumn(doc, column.id));
    toasts.show(`Column “${short(column.title)}” archived`, {
      action: { label: 'Undo', run: () => this.board.change((doc) => restoreColumn(doc, column.id)) },
    });
  }

  addCard(column: ColumnId, title: string): TaskId | null {
    return this.board.change((doc) => addCard(doc, this.board.me.id, column, title));
  }

  renameCard(card: TaskId, title: string): void {
    this.board.change((doc) => renameCard(doc, card, title));
  }

  move(card: TaskId, place: Place): void {
    this.board.change((doc) => moveCard(doc, card, place.column, place.before));
  }

  /** Archives a card; the focus goes to the one that takes its place. */
  archiveCard(column: Column, card: Card): void {
    const cards = column.cards;
    const index = cards.findIndex((other) => other.id === card.id);
    const next = cards[index + 1] ?? cards[index - 1];
    this.board.change((doc) => archiveCard(doc, card.id));
    toasts.show(`“${short(card.title)}” archived`, {
      action: { label: 'Undo', run: () => this.board.change((doc) => restoreCard(doc, card.id)) },
    });
    if (next) void this.focusCard(next.id);
  }
}

/** A title that fits into a sentence. */
function short(title: string): string {
  return title.length > 60 ? `${title.slice(0, 59).trimEnd()}…` : title;
}
