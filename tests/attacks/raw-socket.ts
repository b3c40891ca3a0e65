import { connect, type Socket } from 'node:net';

/** A TCP connection to the server that says exactly the bytes it is told, and keeps every byte it gets. */
export class RawSocket {
  readonly socket: Socket;
  readonly received: Buffer[] = [];
  /** True once the other side, or this one, has ended it. */
  ended = false;
  #waiters = new Set<() => void>();

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk: Buffer) => {
      this.received.push(chunk);
      this.#wake();
    });
    this.socket.on('connect', () => this.#wake());
    this.socket.on('error', () => undefined);
    this.socket.on('end', () => this.socket.end());
    this.socket.on('close', () => {
      this.ended = true;
      this.#wake();
    });
  }

  #wake(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  /** Everything so far, one character per byte. */
  get text(): string {
    return Buffer.concat(this.received).toString('latin1');
  }

  /** Resolves with everything received once the connection is over. */
  async rest(): Promise<string> {
    await this.until(() => this.ended);
    return this.text;
  }
}
