export type Placement = 'bottom-start' | 'bottom-end' | 'top-start' | 'top-end' | 'top' | 'bottom';

const GAP = 6;
const MARGIN = 8;

/**
 * Puts a shown popover beside its anchor: on the asked side when there is room, else on the other, and always inside
 * the viewport. The popover is `position: fixed` with `margin: 0`.
 */
export function place(anchor: Element | DOMRect, floating: HTMLElement, placement: Placement = 'bottom-start'): void {
  const at = anchor instanceof Element ? anchor.getBoundingClientRect() : anchor;
  const width = floating.offsetWidth;
  const height = floating.offsetHeight;
  const viewWidth = document.documentElement.clientWidth;
  const viewHeight = window.visualViewport?.height ?? window.innerHeight;

  const below = at.bottom + GAP;
  const above = at.top - GAP - height;
  const fitsBelow = below + height + MARGIN <= viewHeight;
  const fitsAbove = above >= MARGIN;
  const down = placement.startsWith('bottom') ? fitsBelow || !fitsAbove : !fitsAbove && fitsBelow;
  const top = down ? below : above;

  // 'start' and 'end' follow the direction of reading.
  const rtl = getComputedStyle(floating).direction === 'rtl';
  const alignRight = placement.endsWith(rtl ? '-start' : '-end');
  const centred = !placement.includes('-');
  const left = centred ? at.left + (at.width - width) / 2 : alignRight ? at.right - width : at.left;

  floating.style.top = `${Math.round(Math.max(MARGIN, Math.min(top, viewHeight - height - MARGIN)))}px`;
  floating.style.left = `${Math.round(Math.max(MARGIN, Math.min(left, viewWidth - width - MARGIN)))}px`;
}
