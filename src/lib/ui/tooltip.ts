import type { Attachment } from 'svelte/attachments';
import { place, type Placement } from './position.ts';

const DELAY_MS = 450;

/**
 * Shows a short text beside an element on hover and keyboard focus; Escape hides it. It repeats what the element's
 * accessible name already says (`hidden` from assistive technology), so it may never be the only label.
 * Use: `{@attach tooltip('Archive')}`.
 */
export function tooltip(text: string | undefined, placement: Placement = 'bottom'): Attachment<HTMLElement> {
  return (element) => {
    if (!text) return;
    let tip: HTMLElement | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const show = () => {
      if (tip || !element.isConnected) return;
      // What a press of it opened says more, and a tip may lie over it.
      const opened = document.querySelector('[popover]:popover-open:not(.tooltip)');
      if (opened?.contains(element) === false) return;
      tip = document.createElement('div');
      tip.className = 'tooltip';
      tip.textContent = text;
      tip.setAttribute('popover', 'manual');
      tip.setAttribute('aria-hidden', 'true');
      // Inside an open dialog everything outside of it is inert: the tip belongs where its element lives.
      (element.closest('dialog') ?? document.body).append(tip);
      tip.showPopover?.();
      place(element, tip, placement);
    };
    const hide = () => {
      clearTimeout(timer);
      tip?.remove();
      tip = null;
    };
    const soon = (event: PointerEvent) => {
      if (event.pointerType !== 'mouse') return;
      clearTimeout(timer);
      timer = setTimeout(show, DELAY_MS);
    };
    const onfocus = () => {
      if (!element.matches(':focus-visible')) return;
      clearTimeout(timer);
      // A popover that closes gives the focus back in the middle of it, and no other may be shown until it is done.
      timer = setTimeout(show);
    };
    const onkey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') hide();
    };

    element.addEventListener('pointerenter', soon);
    element.addEventListener('pointerleave', hide);
    element.addEventListener('pointerdown', hide);
    element.addEventListener('focus', onfocus);
    element.addEventListener('blur', hide);
    element.addEventListener('keydown', onkey);
    return () => {
      hide();
      element.removeEventListener('pointerenter', soon);
      element.removeEventListener('pointerleave', hide);
      element.removeEventListener('pointerdown', hide);
      element.removeEventListener('focus', onfocus);
      element.removeEventListener('blur', hide);
      element.removeEventListener('keydown', onkey);
    };
  };
}
