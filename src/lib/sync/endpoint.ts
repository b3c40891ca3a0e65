import type { UserId } from '../model/ids.ts';

/** Where the server is, and how this device speaks to it. */
export type Endpoint = {
  /** The path that the app lives below: '' or '/sub'. */
  base: string;
  /** `http://host`, without a trailing slash. */
  origin: string;
  /** '' in browsers, where the cookie speaks; programs and tests hand over a session token. */
  token: string;
  fetch: typeof fetch;
};

let current: Endpoint | null = null;

/** The server that this page came from, unless `setEndpoint` said otherwise. */
export function endpoint(): Endpoint {
  current ??= {
    base: '',
    origin: 'location' in globalThis ? globalThis.location.origin : '',
    token: '',
    fetch: (...request) => globalThis.fetch(...request),
  };
  return current;
}

/** Says where the app lives. To be called before `session.start()`; what is left out keeps its value. */
export function setEndpoint(change: Partial<Endpoint>): void {
  current = { ...endpoint(), ...change };
}

/**
 * The one socket's address. It says for whom it is: the cookie of somebody who has signed in since in the same browser
 * must not open their documents in this person's name.
 */
export function socketUrl(at: Endpoint, user: UserId): string {
  return `${at.origin.replace(/^http/, 'ws')}${at.base}/sync?user=${user}`;
}
