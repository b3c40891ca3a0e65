import { createServer, request } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A door in front of a server that can pretend that a new version was installed: its service worker has other bytes then. */
export class Front {
  readonly url: string;
  #newer = false;
  readonly #close: () => void;

  private constructor(port: number, close: () => void) {
    this.url = `http://localhost:${port}`;
    this.#close = close;
  }

  /** `behind` is the port of the server, which may start later. */
  static async open(behind: number): Promise<Front> {
    const sockets = new Set<Socket>();
    const server = createServer((asked, answer) => {
      const { 'accept-encoding': _encoding, 'if-none-match': _match, ...headers } = asked.headers;
      const target = { host: '127.0.0.1', port: behind, method: asked.method, path: asked.url, headers };
      const onward = request(target, (answered) => {
        const changed = front.#newer && asked.url === '/service-worker.js';
        const { 'content-length': length, etag, ...rest } = answered.headers;
        const kept = changed ? rest : { ...rest, ...(length && { 'content-length': length }), ...(etag && { etag }) };
        answer.writeHead(answered.statusCode ?? 502, kept);
        if (!changed) return answered.pipe(answer);
        answered.pipe(answer, { end: false });
        return answered.on('end', () => answer.end('\n// The next version.\n'));
      });
      onward.on('error', () => answer.destroy());
      asked.pipe(onward);
    });
    server.on('connection', (socket) => sockets.add(socket));
    server.on('upgrade', (asked, socket, head) => {
      const onward = connect(behind, '127.0.0.1', () => {
        const lines = asked.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
        onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [onward, socket]) end.on('error', () => [onward, socket].forEach((one) => one.destroy()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const front: Front = new Front((server.address() as AddressInfo).port, () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return front;
  }

  /** From now on the service worker is another one. */
  install(): void {
    this.#newer = true;
  }

  close(): void {
    this.#close();
  }
}
