import { preloadCode } from '$app/navigation';
import { base } from '$app/paths';
import { api } from '$lib/api/client.ts';
import { memory } from '$lib/sync/memory.ts';
import type { Me } from '$lib/sync/session.svelte.ts';

/**
 * Who the pages in front of the app have before them. They load nothing that synchronises: it comes when somebody
 * enters, or begins to type.
 */
export async function whoIsHere(): Promise<Me | null> {
  const known = memory.me();
  if (known) return known;
  const ended = memory.mustSignOut();
  if (ended !== null) {
    // Signed out while the server was away: it hears of it now, and the old session ends.
    if ((await api.signOut(ended)).ok && memory.mustSignOut() === ended) memory.setMustSignOut(null);
    return null;
  }
  const answer = await api.me();
  return answer.ok ? answer.value : null;
}

/** Begins the session of who has just signed in. */
export async function enter(me: Me): Promise<void> {
  const { session } = await import('$lib/sync/session.svelte.ts');
  await session.signedIn(me);
}

/**
 * Goes on as who is signed in in this browser; false when nobody is any more. The code for it may take long to come, and
 * another tab may have signed them out meanwhile: this one must not make them known again.
 */
export async function goOn(): Promise<boolean> {
  const { session } = await import('$lib/sync/session.svelte.ts');
  return session.resume();
}

let warm = false;

/** Fetches the app while the person types their password. */
export function warmUp(): void {
  if (warm) return;
  warm = true;
  // Without a network it fails, and the navigation will say so.
  void preloadCode(`${base}/`).catch(() => undefined);
}
