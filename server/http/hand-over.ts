import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Log } from '../log.ts';
import { answerText } from './answer.ts';

/**
 * Lets the pages' handler answer, and keeps from strangers what is weak in it: it throws for a range that ends before
 * it begins, it leaves a file open whose reader goes away, and a file that cannot be read ends the process.
 */
export function handOver(handler: RequestListener, request: IncomingMessage, response: ServerResponse, log: Log): void {
  // Nothing that is served is so large that a part of it is worth asking for.
  delete request.headers.range;
  response.on('pipe', (file: Readable) => {
    file.on('error', (error) => {
      log.error('a file of the pages cannot be read', { error });
      response.destroy();
    });
    if (response.destroyed) file.destroy();
    else response.once('close', () => file.destroy());
  });
  try {
    handler(request, response);
  } catch (error) {
    log.error('the pages failed', { error });
    answerText(request, response, 500, 'Something broke on the server; its log says what.');
  }
}
