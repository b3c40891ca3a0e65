import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { readCookie, type Visitor } from '../auth/sessions.ts';
import { isPassing } from '../sync/outcome.ts';
import type { UserId } from '../../src/lib/model/ids.ts';
import { MAX_FRAME } from '../sync/types.ts';
import { clientAddress } from './address.ts';
import { answerRaw } from './answer.ts';
import { securityHeaders, type Header } from './headers.ts';
import { STRANGER_SOCKETS, throttled } from './limits.ts';
import { ownOrigins, sourceOf } from './origin.ts';
import { inTime } from './patience.ts';
import type { Services } from './route.ts';

/** How soon one of many open sockets may be gone. */
const FULL_MS = 10_000;

/**
 * Turns requests for a WebSocket into sockets of the corridor. A cookie counts only together with the Origin of our
 * own pages; a page of another site gets nowhere with the cookie that its visitor's browser adds. Who comes without
 * either may still tell a session's token in the protocol.
 *
 * A page says for whom it asks, `?user=<id>`: where somebody else has signed in since in the same browser, the cookie is
 * theirs, and who comes with it in another's name is nobody.
 */
export function createUpgrader(services: Services) {
  const { site, sessions, limits } = services;
  const own = ownOrigins(site.baseUrl);
  const log = services.log.child('upgrade');
  const always = securityHeaders(site.baseUrl);
  // Compression would hold memory per socket and shrink little: updates are small and binary.
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME, perMessageDeflate: false });
  /** Open sockets by address that came without a session. */
  const strangers = new Map<string, number>();
  /** The cookie to send with the agreement, where the session was just prolonged. */
  const renewed = new WeakMap<IncomingMessage, string>();

  server.on('headers', (lines, request) => {
    for (const [name, value] of always) lines.push(`${name}: ${value}`);
    const cookie = renewed.get(request);
    if (cookie !== undefined) lines.push(`Set-Cookie: ${cookie}`);
  });
  server.on('wsClientError', (error, socket) => {
    refuse(socket, 400, `${error.message}.`, [['Sec-WebSocket-Version', '13']]);
  });

  function refuse(socket: Duplex, status: number, sentence: string, more: readonly Header[] = []): void {
    answerRaw(socket, { status, sentence, headers: [...always, ...more] });
  }

  function refuseForNow(socket: Duplex, waitMs: number): void {
    const { message, retryAfter } = throttled(waitMs, 'requests');
    refuse(socket, 429, message, [['Retry-After', String(retryAfter)]]);
  }

  async function identify(request: IncomingMessage): Promise<Visitor | null | 'refused'> {
    const { headers } = request;
    const byCookie = !headers.authorization && readCookie(headers.cookie, sessions.cookieName) !== null;
    if (byCookie && sourceOf(headers, own) !== 'own') return 'refused';
    const visitor = await inTime(sessions.visitor(headers));
    return visitor !== null && isFor(request.url, visitor.who.id) ? visitor : null;
  }

  function countStranger(ws: WebSocket, address: string): void {
    strangers.set(address, (strangers.get(address) ?? 0) + 1);
    ws.once('close', () => {
      const left = (strangers.get(address) ?? 1) - 1;
      if (left > 0) strangers.set(address, left);
      else strangers.delete(address);
    });
  }

  return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // A peer that goes while we ask the database must not end the process.
    const ignore = () => socket.destroy();
    socket.on('error', ignore);
    try {
      const address = clientAddress(request, site.trustProxy);
      const tooSoon = limits.knocks.take(address);
      if (tooSoon > 0) return refuseForNow(socket, tooSoon);
      const visitor = await identify(request);
      if (visitor === 'refused') {
        const sentence = `Connections with a session cookie are taken from ${site.baseUrl.origin} only (header Origin).`;
        return refuse(socket, 403, sentence);
      }
      const wait = visitor ? limits.upgrades.take(visitor.who.id) : 0;
      if (wait > 0) return refuseForNow(socket, wait);
      if (!visitor && (strangers.get(address) ?? 0) >= STRANGER_SOCKETS) return refuseForNow(socket, FULL_MS);
      if (visitor?.renewedCookie) renewed.set(request, visitor.renewedCookie);
      server.handleUpgrade(request, socket, head, (ws) => {
        socket.off('error', ignore);
        if (!visitor) countStranger(ws, address);
        services.sync.handleSocket(ws, request, visitor?.who ?? null);
      });
    } catch (error) {
      if (!isPassing(error)) log.error('failed', { error });
      const sentence = 'The database does not answer at this moment; try again in a few seconds.';
      refuse(socket, 503, sentence, [['Retry-After', '5']]);
    }
  };
}

function isFor(target = '', user: UserId): boolean {
  const search = target.split('?', 2)[1] ?? '';
  const wanted = new URLSearchParams(search).get('user');
  return wanted === null || wanted === user;
}
