import { base } from '$app/paths';
import { safeNext } from './safe-next.ts';

/**
 * The address of the sign-in page, which leads back to where the person was; not to the settings, where people sign out,
 * and somebody else may sign in next.
 */
export function signInAddress(from: URL): string {
  const here = from.pathname + from.search + from.hash;
  const plain = [base, `${base}/`, `${base}/settings`].includes(from.pathname);
  return `${base}/sign-in${plain ? '' : `?next=${encodeURIComponent(here)}`}`;
}

/** Where to go after signing in: `?next=` when it is a page of this app, else the boards. */
export function nextPage(url: URL): string {
  return safeNext(url.searchParams.get('next'), base, url.origin) ?? `${base}/`;
}
