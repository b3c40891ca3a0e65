/**
 * Words typed into a form that was closed before they were used. They wait in the tab's own storage, so that neither Escape
 * nor a reload loses them.
 */
const memory = new Map<string, string>();

const keyOf = (place: string): string => `taskflow:typed:${place}`;

export function typedBefore(place: string): string {
  const known = memory.get(place);
  if (known !== undefined) return known;
  try {
    return sessionStorage.getItem(keyOf(place)) ?? '';
  } catch {
    // Storage is forbidden in this browser: memory alone has to do.
    return '';
  }
}

export function keepTyped(place: string, text: string): void {
  memory.set(place, text);
  try {
    if (text === '') sessionStorage.removeItem(keyOf(place));
    else sessionStorage.setItem(keyOf(place), text);
  } catch {
    // As above; a full storage is the other reason. The copy in memory holds until the page is left.
    return;
  }
}
