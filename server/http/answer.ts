import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiError, ErrorBody } from '../../src/lib/api/errors.ts';
import { hasBody } from './body.ts';
import type { Header } from './headers.ts';

/** Enough for a peer to read the answer before the connection, with the unread rest of its request, is dropped. */
const LINGER_MS = 500;

export function answerJson(request: IncomingMessage, response: ServerResponse, status: number, value: unknown): void {
  send(request, response, status, 'application/json; charset=utf-8', JSON.stringify(value));
}

export function answerText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  send(request, response, status, 'text/plain; charset=utf-8', text);
}

export function answerHtml(request: IncomingMessage, response: ServerResponse, status: number, html: string): void {
  send(request, response, status, 'text/html; charset=utf-8', html);
}

/** 204. */
export function answerNothing(request: IncomingMessage, response: ServerResponse): void {
  send(request, response, 204, null, '');
}

export function answerError(request: IncomingMessage, response: ServerResponse, error: ApiError): void {
  if (error.retryAfter !== undefined)
    response.setHeader('Retry-After', String(Math.max(1, Math.ceil(error.retryAfter))));
  const body: ErrorBody = { error: { code: error.code, message: error.message } };
  answerJson(request, response, error.status, body);
}

function send(request: IncomingMessage, response: ServerResponse, status: number, type: string | null, body: string) {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  if (type !== null) {
    response.setHeader('Content-Type', type);
    response.setHeader('Content-Length', Buffer.byteLength(body));
  }
  if (hasBody(request) && !request.complete) {
    // Whoever still sends gets the answer, then the end: an endless body must not hold the connection.
    response.setHeader('Connection', 'close');
    const { socket } = request;
    // Node would drop the connection together with the answer, which whoever is still sending then never reads.
    socket.destroySoon = () => {
      socket.end();
      request.resume();
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    };
  }
  response.end(body);
}

/** An answer below the level of requests: to an upgrade, or to what is none. Ends the connection. */
export interface RawAnswer {
  status: number;
  sentence: string;
  headers: readonly Header[];
}

/** Answers a bare connection and ends it, whatever its other side does. */
export function answerRaw(socket: Duplex, { status, sentence, headers }: RawAnswer): void {
  const all: Header[] = [
    ...headers,
    ['Connection', 'close'],
    ['Cache-Control', 'no-store'],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(sentence))],
  ];
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...all.map(([name, value]) => `${name}: ${value}`)];
  socket.on('error', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${sentence}`, () => {
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}
