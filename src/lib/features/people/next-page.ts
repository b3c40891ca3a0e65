import { base } from '$app/paths';

/** The address of the sign-in page, which leads back to where the person was. */
export function signInAddress(from: URL): string {
  const here = from.pathname + from.search + from.hash;
  const plain = here === `${base}/` || here === base;
  return `${base}/sign-in${plain ? '' : `?next=${encodeURIComponent(here)}`}`;
}

/** Where to go after signing in: `?next=` when it is a page of this app, else the boards. Never another site. */
export function nextPage(url: URL): string {
  const next = url.searchParams.get('next');
  const home = `${base}/`;
  if (!next?.startsWith(home) || next.startsWith('//') || next.includes('\\')) return home;
  const resolved = new URL(next, url.origin);
  return resolved.origin === url.origin ? resolved.pathname + resolved.search + resolved.hash : home;
}
