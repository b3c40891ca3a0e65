import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A way to a database that can be cut, as a network can. */
export class Proxy {
  #server: Server;
  #sockets = new Set<Socket>();
  #cut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Makes a way to `url`, and gives it with the address to use instead. */
  static async to(url: string): Promise<{ proxy: Proxy; url: string }> {
    const { port, hostname } = new URL(url);
    const server = createServer();
    const proxy = new Proxy(server);
    server.on('connection', (near) => {
      proxy.#carry(near, Number(port), hostname);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const detour = new URL(url);
    detour.hostname = '127.0.0.1';
    detour.port = String((server.address() as AddressInfo).port);
    return { proxy, url: detour.href };
  }

  /** Ends every connection and lets none through. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(near: Socket, port: number, host: string): void {
    if (this.#cut) {
      near.destroy();
      return;
    }
    const far = connect(port, host);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
