import { error } from '@sveltejs/kit';
import { dev } from '$app/environment';

/** Exists while developing only: in a build the import below is unreachable, so nothing of it is shipped. */
export async function load() {
  if (!dev) error(404);
  return { page: (await import('./design-system.svelte')).default };
}
