import { HocuspocusProviderWebsocket, WebSocketStatus, type onCloseParameters } from '@hocuspocus/provider';
import { backoff } from './backoff.ts';

/** `crowded`: the server has as many sockets of this person as it takes; one is let in when another one is gone. */
export type ConnectionState =
  { kind: 'connecting' } | { kind: 'online' } | { kind: 'offline'; why: 'away' | 'crowded' };

/** The server's close code for the socket that is one too many. */
const CROWDED = 4429;

/** Every wait of the connection, in milliseconds. */
export const TIMING = {
  /** The first try after a drop comes within this … */
  firstRetry: 400,
  /** … and later ones at most so far apart. */
  longestRetry: 10_000,
  /** A drop shorter than this is not called offline. */
  grace: 1_500,
  /** A connection that has lasted this long forgets the failures before it. */
  steady: 5_000,
  /** An attempt that has brought no word from the server by then is given up. */
  attempt: 8_000,
  /** After so long a silence the server is asked for a sign of life … */
  silence: 25_000,
  /** … and so often in any case: it too wants to hear one, of who only reads … */
  life: 60_000,
  /** … and has this long to give it … */
  answer: 6_000,
  /** … or this long, when the device has just woken or changed networks. */
  answerAfterWaking: 3_000,
  /** How often all this is looked at. */
  watch: 1_000,
};

/**
 * The stock socket, with its own reconnecting taken out: it counts a socket as connected that has not said a word yet,
 * waits for that word for ever, and keeps what it could not send, which made an honest 'sent' impossible.
 */
class Transport extends HocuspocusProviderWebsocket {
  constructor(url: string) {
    super({ url, autoConnect: false, maxAttempts: 1, messageReconnectTimeout: 2 ** 30 });
    // No offline queue: what could not be sent is in the document, and the next handshake finds it.
    Object.assign(this, { addToQueue: () => undefined });
  }

  /** When the server was last heard, by a clock that nobody sets. */
  heardAt = -Infinity;

  override onMessage(event: MessageEvent): void {
    this.heardAt = performance.now();
    super.onMessage(event);
  }

  override onClose(close: onCloseParameters): void {
    this.shouldConnect = false;
    super.onClose(close);
  }

  /** Ends a connection that may be dead without waiting for the other side to agree. */
  drop(reason: string): void {
    const event = { code: 4408, reason };
    this.emit('close', { event });
  }
}

/**
 * The one WebSocket of this tab, on which every document travels. It is online once the server has been heard on it,
 * whatever the browser believes about the network, and tries again by itself until `close`.
 */
export class Socket {
  readonly transport: Transport;
  #state = $state.raw<ConnectionState>({ kind: 'connecting' });
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  /** Makes the server say something. */
  readonly #probe: () => void;
  readonly #timing: typeof TIMING;
  #closed = false;
  #failures = 0;
  #onlineSince = 0;
  #attemptedAt = 0;
  #probedAt = -Infinity;
  #askedAt = 0;
  #answerMs = 0;
  /** How far the day's clock is ahead of the steady one, which in some browsers stands still while the device sleeps. */
  #ahead = Date.now() - performance.now();
  #retry: ReturnType<typeof setTimeout> | null = null;
  #grace: ReturnType<typeof setTimeout> | null = null;
  readonly #watch: ReturnType<typeof setInterval>;

  constructor(url: string, probe: () => void, timing = TIMING) {
    this.#timing = timing;
    this.#probe = probe;
    this.transport = new Transport(url);
    this.transport.on('connect', () => this.#heard());
    this.transport.on('close', ({ event }: onCloseParameters) =>
      this.#lost(event.code === CROWDED ? 'crowded' : 'away'),
    );
    // The only sign of an attempt that did not even begin. Of the others it comes late, when the next may be under way.
    this.transport.on('maxAttemptsFailed', () => {
      if (this.transport.status === WebSocketStatus.Disconnected) this.#lost('away');
    });
    this.#watch = setInterval(() => this.#check(), timing.watch);
    if (typeof window !== 'undefined') {
      window.addEventListener('online', this.#wake);
      window.addEventListener('offline', this.#doubt);
      document.addEventListener('visibilitychange', this.#shown);
    }
    this.#attempt();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Calls back at each change of state; answers what ends that. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    clearInterval(this.#watch);
    this.#stop();
    if (typeof window !== 'undefined') {
      window.removeEventListener('online', this.#wake);
      window.removeEventListener('offline', this.#doubt);
      document.removeEventListener('visibilitychange', this.#shown);
    }
    this.transport.destroy();
  }

  #set(state: ConnectionState): void {
    const before = this.#state;
    const same = before.kind === state.kind && whyOf(before) === whyOf(state);
    if (same || this.#closed) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(this.#state);
  }

  #attempt(): void {
    if (this.#closed) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#attemptedAt = performance.now();
    void this.transport.connect();
  }

  #heard(): void {
    this.#stop();
    this.#onlineSince = performance.now();
    this.#askedAt = this.#onlineSince;
    this.#probedAt = -Infinity;
    this.#set({ kind: 'online' });
  }

  #lost(why: 'away' | 'crowded'): void {
    if (this.#closed || this.#retry !== null) return;
    const wasOnline = this.#state.kind === 'online';
    if (wasOnline && performance.now() - this.#onlineSince > this.#timing.steady) this.#failures = 0;
    if (wasOnline) {
      this.#set({ kind: 'connecting' });
      this.#grace = setTimeout(() => this.#set({ kind: 'offline', why }), this.#timing.grace);
    } else {
      this.#set({ kind: 'offline', why });
    }
    this.#retry = setTimeout(
      () => this.#attempt(),
      backoff(this.#failures, this.#timing.firstRetry, this.#timing.longestRetry),
    );
    this.#failures += 1;
  }

  #stop(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#grace !== null) clearTimeout(this.#grace);
    this.#retry = null;
    this.#grace = null;
  }

  #check(): void {
    const now = performance.now();
    const ahead = Date.now() - now;
    const slept = ahead - this.#ahead > this.#timing.silence;
    this.#ahead = ahead;
    if (this.#state.kind !== 'online') {
      if (this.#retry === null && now - this.#attemptedAt > this.#timing.attempt) this.transport.drop('no answer');
      return;
    }
    const { heardAt: heard } = this.transport;
    if (this.#probedAt > heard) {
      if (now - this.#probedAt > this.#answerMs) this.transport.drop('silent');
    } else if (slept) {
      this.#ask(this.#timing.answerAfterWaking);
    } else if (now - heard > this.#timing.silence || now - this.#askedAt > this.#timing.life) {
      this.#ask(this.#timing.answer);
    }
  }

  #ask(answerMs: number): void {
    this.#answerMs = answerMs;
    this.#probedAt = performance.now();
    this.#askedAt = this.#probedAt;
    this.#probe();
  }

  readonly #wake = (): void => {
    this.#failures = 0;
    if (this.#state.kind === 'online') this.#ask(this.#timing.answerAfterWaking);
    else this.#attempt();
  };

  /** The browser may be wrong about this: only a fresh connection shows it. */
  readonly #doubt = (): void => {
    this.transport.drop('network gone');
    this.#failures = 0;
    this.#attempt();
  };

  readonly #shown = (): void => {
    if (document.visibilityState === 'visible') this.#wake();
  };
}

function whyOf(state: ConnectionState): string {
  return state.kind === 'offline' ? state.why : '';
}
