import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerInput } from './worker.ts';

/** The other end of one postgres.js connection: to it, a socket. */
class BridgeSocket extends Duplex {
  readonly #post: (message: ToWorker, transfer?: ArrayBuffer[]) => void;
  readonly #connection: number;

  constructor(connection: number, post: (message: ToWorker, transfer?: ArrayBuffer[]) => void) {
    super();
    this.#connection = connection;
    this.#post = post;
    post({ kind: 'connect', connection });
  }

  /** postgres.js says goodbye to a socket only when this is 'open'. */
  get readyState(): 'open' | 'closed' {
    return this.destroyed ? 'closed' : 'open';
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    // A copy of exactly these bytes: they come from a shared pool, and posting a view would copy all of the pool.
    const bytes = new Uint8Array(chunk);
    this.#post({ kind: 'data', connection: this.#connection, bytes }, [bytes.buffer]);
    done();
  }

  override _read(): void {
    // Answers are pushed as they come.
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#post({ kind: 'disconnect', connection: this.#connection });
    done(error);
  }

  receive(bytes: Uint8Array<ArrayBuffer>): void {
    this.push(Buffer.from(bytes.buffer));
  }
}

export interface Bridge {
  /** False when the thread has ended. */
  readonly alive: boolean;
  /** A new connection to the session. Throws when the thread has ended. */
  connect(): Duplex;
  /** Told once when the thread ended although nobody asked it to. */
  onLost(listener: (error: Error) => void): void;
  /** Shuts the database down in order, and waits for it. Idempotent. */
  close(): Promise<void>;
}

/** Why the database could not be opened, in its own words. */
export class EmbeddedFailure extends Error {
  override name = 'EmbeddedFailure';
}

/** The driver reads the code, see database.ts. */
function lost(cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : 'its thread ended';
  return Object.assign(new Error(`The embedded database has ended: ${why}`, { cause }), { code: 'CONNECTION_CLOSED' });
}

/**
 * Starts the thread that holds the database; resolves when it answers, rejects with `EmbeddedFailure`. `onFull` hears
 * when it takes no more writes because the disk is full, and when it does again.
 */
export async function startBridge(input: WorkerInput, onFull: (full: boolean) => void): Promise<Bridge> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: input, name: 'database' });
  const sockets = new Map<number, BridgeSocket>();
  let connections = 0;
  let closing = false;
  let ended: Error | null = null;
  let onLost: ((error: Error) => void) | null = null;
  let failure: Error | null = null;

  const post = (message: ToWorker, transfer: ArrayBuffer[] = []) => {
    if (!ended) worker.postMessage(message, transfer);
  };
  worker.on('error', (error) => {
    failure ??= error;
  });
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      ended = lost(failure);
      for (const socket of sockets.values()) socket.destroy(ended);
      if (!closing) onLost?.(ended);
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'ready':
          return resolve();
        case 'failed':
          failure = new EmbeddedFailure(message.why);
          void worker.terminate();
          return reject(failure);
        case 'full':
          return onFull(message.full);
        case 'data':
          return sockets.get(message.connection)?.receive(message.bytes);
        case 'end':
          return void sockets.get(message.connection)?.destroy();
      }
    });
    void exited.then(() => {
      reject(new EmbeddedFailure(failure?.message ?? 'its thread ended', { cause: failure }));
    });
  });

  return {
    get alive() {
      return ended === null;
    },
    connect() {
      if (ended) throw ended;
      const connection = ++connections;
      const socket = new BridgeSocket(connection, post);
      sockets.set(connection, socket);
      socket.once('close', () => sockets.delete(connection));
      return socket;
    },
    onLost(listener) {
      onLost = listener;
      if (ended && !closing) listener(ended);
    },
    async close() {
      closing = true;
      post({ kind: 'close' });
      await exited;
    },
  };
}
