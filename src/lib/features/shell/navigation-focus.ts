/**
 * After a navigation the focus goes to the page's heading, so that a screen reader reads on from there and Tab starts
 * there. A page that has put the focus somewhere itself keeps it.
 */
export function focusPage(main: HTMLElement | null | undefined): void {
  const active = document.activeElement;
  if (!main || (active && active !== document.body && main.contains(active))) return;
  const heading = main.querySelector('h1');
  const target = heading ?? main;
  if (!target.hasAttribute('tabindex')) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}
