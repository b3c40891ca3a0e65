import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';

export type Header = readonly [name: string, value: string];

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const YEAR_SECONDS = 31_536_000;

/** For answers that no browser shows as a page: nothing in them loads, runs or is framed. */
export const CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * For files and for what stands in a page's place. The service worker is one of the files: it fetches under the policy
 * that came with it. A page brings a policy of its own, which knows the hash of its one inline script.
 */
export const FILE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
  "worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Nothing of this is used, so that nothing that gets into a page can ask for it. */
const FEATURES =
  'accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment ' +
  'publickey-credentials-get screen-wake-lock serial usb xr-spatial-tracking';

/**
 * What every answer of this server has, whoever writes it: a route, the pages, a refused upgrade, the parser's error.
 * The policy is the closed one; whoever answers with a page sets that page's.
 */
export function securityHeaders(baseUrl: URL): readonly Header[] {
  const secure = baseUrl.protocol === 'https:';
  const trusted = secure || LOOPBACK.includes(baseUrl.hostname);
  return [
    ['Content-Security-Policy', CLOSED_POLICY],
    ['X-Content-Type-Options', 'nosniff'],
    // Invitation links hold a code: no other site is told where somebody comes from.
    ['Referrer-Policy', 'same-origin'],
    ['X-Frame-Options', 'DENY'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    [
      'Permissions-Policy',
      FEATURES.split(' ')
        .map((feature) => `${feature}=()`)
        .join(', '),
    ],
    // Browsers ignore it on a plain address, and complain about it on every page.
    ...(trusted ? [['Cross-Origin-Opener-Policy', 'same-origin'] as const] : []),
    // Not for subdomains: they may be others'.
    ...(secure ? [['Strict-Transport-Security', `max-age=${YEAR_SECONDS}`] as const] : []),
  ];
}

export function setHeaders(response: ServerResponse, headers: readonly Header[]): void {
  for (const [name, value] of headers) response.setHeader(name, value);
}

/** The source that allows one inline script or style. */
export function hashSource(content: string): string {
  return `'sha256-${createHash('sha256').update(content, 'utf8').digest('base64')}'`;
}
