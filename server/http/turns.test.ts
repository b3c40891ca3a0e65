import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { inTurn } from './turns.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Sends that many requests in one packet; resolves with everything that came back when the connection is over. */
async function pipelined(count: number, handle: (path: string, response: ServerResponse) => void): Promise<string> {
  server = createServer(inTurn((request, response) => handle(request.url ?? '', response)));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const requests = Array.from({ length: count }, (_, i) => {
    const last = i === count - 1 ? 'Connection: close\r\n' : '';
    return `GET /${i} HTTP/1.1\r\nHost: x\r\n${last}\r\n`;
  });
  socket.write(requests.join(''));
  let text = '';
  socket.on('data', (data: Buffer) => (text += data.toString()));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}

it('[H24] the requests of a connection are answered one at a time, in order', async () => {
  let open = 0;
  let most = 0;
  const text = await pipelined(100, (path, response) => {
    most = Math.max(most, ++open);
    setImmediate(() => {
      open--;
      response.end(`(${path})`);
    });
  });
  expect(most).toBe(1);
  expect([...text.matchAll(/\(\/(\d+)\)/g)].map(([, i]) => Number(i))).toEqual([...Array(100).keys()]);
});

it('[H24] a connection with too many requests waiting is ended, and none of those begins', async () => {
  let begun = 0;
  await pipelined(1_000, (_path, response) => {
    begun++;
    setTimeout(() => response.end(), 10);
  });
  expect(begun).toBe(1);
});
