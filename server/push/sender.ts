import http from 'node:http';
import https from 'node:https';
import webPush, { type RequestDetails } from 'web-push';
import type { PushAddress, VapidKeys } from '../store/push.ts';
import { parseEndpoint, publicLookup } from './endpoint.ts';

/** What became of one message: taken, the browser is gone for good, try again later, or never. */
export type Sent =
  | { kind: 'taken' }
  | { kind: 'gone' }
  | { kind: 'later'; afterMs: number | null; why: string }
  | { kind: 'refused'; why: string };

export interface PushSender {
  readonly publicKey: string;
  send(to: PushAddress, payload: string): Promise<Sent>;
}

/** Whoever comes back after longer finds it in the inbox. */
const KEPT_SECONDS = 24 * 60 * 60;
const PATIENCE_MS = 10_000;
/** Every message has this length, so that the push service does not learn how much was written. Browsers take 4 kB. */
export const PADDED = 2_000;
export const LONGEST_PAUSE_MS = 60 * 60_000;

/**
 * Sends messages that only the subscribed browser can read (RFC 8291), as the server that the browser has subscribed to
 * (RFC 8292). Never follows a redirect, and connects to no private address unless `privateToo`.
 */
export function createPushSender(keys: VapidKeys, subject: string, privateToo: boolean): PushSender {
  async function send(to: PushAddress, payload: string): Promise<Sent> {
    const url = parseEndpoint(to.endpoint, privateToo);
    if (url === null) return { kind: 'refused', why: 'address' };
    const { endpoint, p256dh, auth } = to;
    let details: RequestDetails;
    try {
      details = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, padded(payload), {
        vapidDetails: { subject, ...keys },
        TTL: KEPT_SECONDS,
        urgency: 'high',
        contentEncoding: 'aes128gcm',
      });
    } catch {
      // Keys that are none: nobody could ever read it.
      return { kind: 'gone' };
    }
    try {
      const { status, retryAfter } = await post(url, details, privateToo);
      return outcomeOf(status, retryAfter);
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? 'unreachable';
      return why === 'EPRIVATE' ? { kind: 'refused', why } : { kind: 'later', afterMs: null, why };
    }
  }
  return { publicKey: keys.publicKey, send };
}

/** White space behind JSON says nothing. */
function padded(payload: string): string {
  return payload + ' '.repeat(Math.max(0, PADDED - Buffer.byteLength(payload)));
}

function outcomeOf(status: number, retryAfter: string | undefined): Sent {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  if (status === 429 || status >= 500) {
    return { kind: 'later', afterMs: waitOf(retryAfter), why: String(status) };
  }
  return { kind: 'refused', why: String(status) };
}

/** Seconds, or a date. */
function waitOf(retryAfter: string | undefined): number | null {
  if (retryAfter === undefined) return null;
  const ms = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS);
}

function post(
  url: URL,
  { method, headers, body }: RequestDetails,
  privateToo: boolean,
): Promise<{ status: number; retryAfter: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).request(url, {
      method,
      headers,
      agent: false,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(privateToo ? {} : { lookup: publicLookup }),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      // What it says is of no interest, however long it is.
      response.destroy();
    });
    request.end(body);
  });
}
