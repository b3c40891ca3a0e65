import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The origins under which this site's own pages run: BASE_URL's, and on a machine's own address also the other names
 * of that machine, because people type both. A foreign site can have none of them.
 */
export function ownOrigins(baseUrl: URL): ReadonlySet<string> {
  if (!LOOPBACK.includes(baseUrl.hostname)) return new Set([baseUrl.origin]);
  return new Set(
    LOOPBACK.map((name) => {
      const url = new URL(baseUrl.origin);
      url.hostname = name;
      return url.origin;
    }),
  );
}

/** What a browser says about the page that made a request. */
export type Source = 'own' | 'foreign' | 'unsaid';

/** Whether one of our pages made this request. Programs say nothing; browsers always do on writes and WebSockets. */
export function sourceOf(headers: IncomingHttpHeaders, own: ReadonlySet<string>): Source {
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return 'foreign';
  if (headers.origin !== undefined) return own.has(headers.origin) ? 'own' : 'foreign';
  return site === 'same-origin' ? 'own' : 'unsaid';
}
