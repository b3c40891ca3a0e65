import {
  closeStatement,
  concat,
  errorResponse,
  int32,
  MessageReader,
  query,
  readyForQuery,
  SSL_REQUEST,
  STARTUP,
  statusAfter,
  sync,
  text,
  welcome,
  type Message,
} from './wire.ts';

export interface SessionHost {
  /** Runs messages of a client and returns the whole answer. */
  execute(messages: Uint8Array): Uint8Array;
  send(connection: number, bytes: Uint8Array): void;
  /** No more comes from this side. */
  hangUp(connection: number): void;
  /** Called before a piece of work, while the session is idle. */
  begin(): void;
  /** Called after one, when the session is idle again. */
  idle(): void;
}

interface Connection {
  id: number;
  reader: MessageReader;
  /** Complete messages that wait for their turn. */
  waiting: Message[];
  /** Since when, for the time-out. */
  since: number;
  /** An error was answered: what follows is dropped up to the next Sync, as the protocol has it. */
  skipping: boolean;
  /** Prepared statements that outlive the connection unless they are closed. */
  statements: Set<string>;
}

/** COPY asks for data in the middle of a statement, and the engine then waits for it for ever. */
const COPY_IN = /^\s*copy\b[^;]*\bfrom\s+stdin\b/i;

/**
 * Many connections on the one session of the embedded engine. They take turns, unit by unit (up to a Sync or a simple
 * query); one that is in a transaction, or in the middle of a unit, keeps its turn until it is idle. While such a
 * holder does nothing for `patience` ms, those who wait as long are answered with 55P03, because the usual reason is a
 * query outside of the transaction that its own holder awaits.
 */
export class Session {
  readonly #host: SessionHost;
  readonly #patience: number;
  readonly #connections = new Map<number, Connection>();
  /** Those with something to run, in the order in which they came. */
  #queue: Connection[] = [];
  #holder: Connection | null = null;
  #holderIdleSince = 0;
  /** Statements of connections that are gone. */
  #garbage: string[] = [];
  #scheduled = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(host: SessionHost, patience = 30_000) {
    this.#host = host;
    this.#patience = patience;
  }

  connect(id: number): void {
    this.#connections.set(id, {
      id,
      reader: new MessageReader(),
      waiting: [],
      since: 0,
      skipping: false,
      statements: new Set(),
    });
  }

  receive(id: number, bytes: Uint8Array): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    for (const message of connection.reader.push(bytes)) {
      if (!this.#accept(connection, message)) return;
    }
    this.#schedule();
  }

  /** Undoes what the connection has open, and forgets it. Idempotent. */
  disconnect(id: number): void {
    const connection = this.#connections.get(id);
    if (!connection) return;
    this.#connections.delete(id);
    this.#queue = this.#queue.filter((c) => c !== connection);
    this.#garbage.push(...connection.statements);
    if (this.#holder === connection) {
      this.#host.execute(concat([sync(), query('rollback')]));
      this.#holder = null;
    }
    this.#host.hangUp(id);
    this.#schedule();
  }

  /** Takes one message in; false when it ended the connection. */
  #accept(connection: Connection, message: Message): boolean {
    const { type, bytes } = message;
    if (type === '') return this.#greet(connection, int32(bytes, 4));
    if (type === 'X') {
      this.disconnect(connection.id);
      return false;
    }
    if (connection.skipping) {
      if (type === 'S') this.#recover(connection);
      return true;
    }
    if (type === 'P') {
      const name = text(bytes, 5);
      if (name !== '') connection.statements.add(name);
    }
    const sql = type === 'Q' ? text(bytes, 5) : type === 'P' ? text(bytes, bytes.indexOf(0, 5) + 1) : '';
    if (COPY_IN.test(sql)) {
      this.#host.send(connection.id, errorResponse('FATAL', '0A000', 'COPY FROM STDIN is not supported here'));
      this.disconnect(connection.id);
      return false;
    }
    if (connection.waiting.length === 0) {
      connection.since = performance.now();
      this.#queue.push(connection);
    }
    connection.waiting.push(message);
    return true;
  }

  #greet(connection: Connection, code: number): boolean {
    if (code === SSL_REQUEST) {
      this.#host.send(connection.id, Uint8Array.of(0x4e));
      return true;
    }
    if (code === STARTUP) {
      this.#host.send(connection.id, welcome(connection.id));
      return true;
    }
    // A request to cancel: the session cannot be interrupted.
    this.disconnect(connection.id);
    return false;
  }

  #recover(connection: Connection): void {
    connection.skipping = false;
    this.#host.send(connection.id, readyForQuery());
  }

  /** The next piece of work runs in a turn of the loop of its own: messages and timers come in between. */
  #schedule(): void {
    this.#watch();
    if (this.#scheduled || !this.#next()) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const connection = this.#next();
      if (connection) this.#run(connection);
      this.#schedule();
    });
  }

  #next(): Connection | undefined {
    if (!this.#holder) return this.#queue[0];
    return this.#holder.waiting.length > 0 ? this.#holder : undefined;
  }

  #run(connection: Connection): void {
    if (!this.#holder) {
      this.#host.begin();
      this.#tidy();
    }
    const end = connection.waiting.findIndex(({ type }) => type === 'S' || type === 'Q');
    const unit = connection.waiting.splice(0, end === -1 ? connection.waiting.length : end + 1);
    this.#queue = this.#queue.filter((c) => c !== connection);
    if (connection.waiting.length > 0) this.#queue.push(connection);

    const answer = this.#host.execute(concat(unit.map(({ bytes }) => bytes)));
    const status = statusAfter(answer);
    if (end !== -1 && status === null) throw new Error('The embedded database did not finish its answer');
    this.#holder = end !== -1 && status === 'I' ? null : connection;
    this.#holderIdleSince = performance.now();
    if (answer.length > 0) this.#host.send(connection.id, answer);
    if (!this.#holder) this.#host.idle();
  }

  #tidy(): void {
    if (this.#garbage.length === 0) return;
    this.#host.execute(concat([...this.#garbage.map(closeStatement), sync()]));
    this.#garbage = [];
  }

  /** Sets the timer for the first one whose patience ends, if somebody waits for an idle holder. */
  #watch(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const holder = this.#holder;
    if (!holder || holder.waiting.length > 0) return;
    const since = Math.min(...this.#queue.map((c) => c.since));
    if (since === Infinity) return;
    const due = Math.max(since, this.#holderIdleSince) + this.#patience;
    this.#timer = setTimeout(() => {
      for (const connection of [...this.#queue]) {
        if (performance.now() - connection.since >= this.#patience - 1) this.#giveUp(connection);
      }
      this.#watch();
    }, due - performance.now());
    this.#timer.unref();
  }

  /** Answers the first unit of a waiting connection with an error, exactly as the server would. */
  #giveUp(connection: Connection): void {
    const end = connection.waiting.findIndex(({ type }) => type === 'S' || type === 'Q');
    connection.waiting.splice(0, end === -1 ? connection.waiting.length : end + 1);
    this.#host.send(
      connection.id,
      errorResponse('ERROR', '55P03', 'Another transaction held the embedded database for too long'),
    );
    if (end === -1) connection.skipping = true;
    else this.#recover(connection);
    connection.since = performance.now();
    if (connection.waiting.length === 0) this.#queue = this.#queue.filter((c) => c !== connection);
  }
}
