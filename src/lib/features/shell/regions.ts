const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

/**
 * Moves the focus to the next (`1`) or previous (`-1`) part of the page, around the end: those marked `data-region`, in
 * the order of the page, that can be seen. Within a part it goes to what is marked `data-region-start`, else to the
 * first thing that takes the focus.
 */
export function stepRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (region) => region.closest('[inert]') === null && region.checkVisibility({ visibilityProperty: true }),
  );
  if (regions.length === 0) return;
  const inside = document.activeElement?.closest<HTMLElement>('[data-region]');
  const at = inside ? regions.indexOf(inside) : -1;
  const next = at === -1 ? (step === 1 ? 0 : regions.length - 1) : (at + step + regions.length) % regions.length;
  const region = regions[next];
  if (region) startOf(region).focus();
}

function startOf(region: HTMLElement): HTMLElement {
  const own = (selector: string): HTMLElement | undefined =>
    [region, ...region.querySelectorAll<HTMLElement>(selector)].find(
      (element) =>
        element.matches(selector) && element.closest('[data-region]') === region && element.checkVisibility(),
    );
  const start = own('[data-region-start], [aria-current="page"], h1') ?? own(FOCUSABLE) ?? region;
  if (!start.matches(FOCUSABLE)) start.tabIndex = -1;
  return start;
}
