import type { ActionReturn } from 'svelte/action';
import type { Attachment } from 'svelte/attachments';
import type { Options } from 'svelte-dnd-action';
import type { Card } from '$lib/model/board.ts';
import type { ColumnId } from '$lib/model/ids.ts';
import type { CardDrag } from './card-drag.svelte.ts';

const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
/** How long cards take to make room. Milliseconds. */
export const MAKE_ROOM_MS = calm ? 0 : 140;
/** A finger that rests this long on a card lifts it; a shorter one scrolls. Milliseconds. */
const REST_MS = 220;

/**
 * For controls on a card: a press on them does not reach the card. The library would take it for the start of a drag, and
 * after a tap send a second click, which then hits what lies below a menu that has closed.
 */
export const notTheCard: Attachment<HTMLElement> = (control) => {
  const stop = (event: Event): void => event.stopPropagation();
  control.addEventListener('mousedown', stop);
  control.addEventListener('touchstart', stop, { passive: true });
  return () => {
    control.removeEventListener('mousedown', stop);
    control.removeEventListener('touchstart', stop);
  };
};

interface Dropped {
  items: Card[];
  info: { trigger: string; id: string };
}

/**
 * Lets a pointer carry cards between columns. The library is loaded after the board is on the screen: the first paint does
 * not wait for it, and a keyboard does not need it. `zone` attaches once; `update` tells it the cards as they are shown.
 */
export function pointerZone(
  drag: CardDrag,
  column: ColumnId,
): { zone: Attachment<HTMLElement>; update: (cards: readonly Card[]) => void } {
  let cards: readonly Card[] = [];
  let attached: ActionReturn<Options<Card>> | null = null;

  const options = (): Options<Card> => ({
    items: cards as Card[],
    flipDurationMs: MAKE_ROOM_MS,
    zoneTabIndex: -1,
    zoneItemTabIndex: -1,
    autoAriaDisabled: true,
    delayTouchStart: REST_MS,
    useCursorForDetection: true,
    dropTargetStyle: {},
    dropTargetClasses: ['drop-target'],
    transformDraggedElement: (element?: HTMLElement) => element?.classList.add('in-the-air'),
  });

  const considered = (event: Event): void => drag.consider(column, (event as CustomEvent<Dropped>).detail.items);
  const finalized = (event: Event): void => {
    const { items, info } = (event as CustomEvent<Dropped>).detail;
    drag.finalize(column, items, info.id, info.trigger !== 'droppedIntoAnother');
  };

  const zone: Attachment<HTMLElement> = (list) => {
    let gone = false;
    void import('svelte-dnd-action').then(({ dndzone }) => {
      if (gone) return;
      attached = dndzone(list, options());
      list.addEventListener('consider', considered);
      list.addEventListener('finalize', finalized);
    });
    return () => {
      gone = true;
      attached?.destroy?.();
      attached = null;
      list.removeEventListener('consider', considered);
      list.removeEventListener('finalize', finalized);
    };
  };
  return {
    zone,
    update: (next) => {
      cards = next;
      attached?.update?.(options());
    },
  };
}
