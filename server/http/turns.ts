import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that a connection may have sent before the first is answered. Browsers send one at a time. */
const WAITING = 100;

/**
 * Answers the requests of one connection one after the other, in their order. Node would begin all that arrived
 * together: a thousand pipelined ones were a thousand open files or queries for the price of one packet. A connection
 * that has more than `WAITING` of them waiting is ended.
 */
export function inTurn(handle: RequestListener): RequestListener {
  const connections = new WeakMap<Socket, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    if (socket.destroyed) return;
    const begin = () => {
      if (socket.destroyed) return void connections.delete(socket);
      response.once('close', () => {
        const next = connections.get(socket)?.shift();
        // Not at once: answers that take no waiting would follow each other without anybody else's turn.
        if (next && !socket.destroyed) setImmediate(next);
        else connections.delete(socket);
      });
      handle(request, response);
    };
    const waiting = connections.get(socket);
    if (!waiting) {
      connections.set(socket, []);
      begin();
    } else if (waiting.length < WAITING) {
      waiting.push(begin);
    } else {
      waiting.length = 0;
      socket.destroy();
    }
  };
}
