import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { readCookie } from '../auth/sessions.ts';
import { isPassing } from '../sync/outcome.ts';
import { MAX_FRAME, type AuthedUser } from '../sync/types.ts';
import { refuseUpgrade } from './answer.ts';
import { ownOrigins, sourceOf } from './origin.ts';
import type { Services } from './route.ts';

/**
 * Turns requests for a WebSocket into sockets of the corridor. A cookie counts only together with the Origin of our
 * own pages; a page of another site gets nowhere with the cookie that its visitor's browser adds. Who comes without
 * either may still tell a session's token in the protocol.
 */
export function createUpgrader(services: Services) {
  const own = ownOrigins(services.site.baseUrl);
  const log = services.log.child('upgrade');
  // Compression would hold memory per socket and shrink little: updates are small and binary.
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME, perMessageDeflate: false });

  async function identify(request: IncomingMessage): Promise<AuthedUser | null | 'refused'> {
    const { headers } = request;
    const byCookie = !headers.authorization && readCookie(headers.cookie, services.sessions.cookieName) !== null;
    if (byCookie && sourceOf(headers, own) !== 'own') return 'refused';
    return (await services.sessions.visitor(headers))?.who ?? null;
  }

  return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // A peer that goes while we ask the database must not end the process.
    const ignore = () => socket.destroy();
    socket.on('error', ignore);
    try {
      const who = await identify(request);
      if (who === 'refused') {
        const sentence = `Connections with a session cookie are taken from ${services.site.baseUrl.origin} only (header Origin).`;
        return refuseUpgrade(socket, 403, sentence);
      }
      server.handleUpgrade(request, socket, head, (ws) => {
        socket.off('error', ignore);
        services.sync.handleSocket(ws, request, who);
      });
    } catch (error) {
      if (!isPassing(error)) log.error('failed', { error });
      refuseUpgrade(socket, 503, 'The database does not answer at this moment; try again in a few seconds.', 5);
    }
  };
}
