import { session } from '$lib/sync/session.svelte.ts';

/**
 * Words typed into a form that was closed before they were used. They wait in the tab's own storage, so that neither Escape
 * nor a reload loses them. They are their writer's: whoever signs in next in this tab does not see them.
 */
const memory = new Map<string, string>();

const PREFIX = 'taskflow:typed:';

function keyOf(place: string): string {
  return `${PREFIX}${session.state.kind === 'signed-in' ? session.state.me.id : ''}:${place}`;
}

export function typedBefore(place: string): string {
  const key = keyOf(place);
  const known = memory.get(key);
  if (known !== undefined) return known;
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    // Storage is forbidden in this browser: memory alone has to do.
    return '';
  }
}

export function keepTyped(place: string, text: string): void {
  const key = keyOf(place);
  memory.set(key, text);
  try {
    if (text === '') sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // As above; a full storage is the other reason. The copy in memory holds until the page is left.
    return;
  }
}

/** Removes all of it from this tab, for a person who wipes the device. */
export function forgetTyped(): void {
  memory.clear();
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // Nothing was ever stored then.
    return;
  }
}
