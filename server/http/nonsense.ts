import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** What Node's parser calls the ways in which a request is none, with the status and a sentence. */
const KNOWN: Record<string, readonly [status: number, sentence: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers of this request are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The body of this request is too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'This request took too long to arrive.'],
};
const NONSENSE = [400, 'This is not a request that a server can read.'] as const;

/**
 * Answers what Node would answer by itself, without the headers that every answer of this server has: requests that its
 * parser cannot read, come too slowly or expect what nobody offers.
 */
export function refuseNonsense(
  server: Server,
  refuse: (socket: Duplex, status: number, sentence: string) => void,
): void {
  /** How many answers a connection waits for: this one in the middle of another would be taken for a part of it. */
  const open = new WeakMap<Duplex, number>();

  server.prependListener('request', ({ socket }, response) => {
    open.set(socket, (open.get(socket) ?? 0) + 1);
    response.once('close', () => open.set(socket, (open.get(socket) ?? 1) - 1));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || open.get(socket) || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    refuse(socket, ...(KNOWN[error.code ?? ''] ?? NONSENSE));
  });
  // Node would refuse every expectation but the one it knows; ignoring them is allowed and simpler.
  server.on('checkExpectation', (request, response) => {
    server.emit('request', request, response);
  });
}
