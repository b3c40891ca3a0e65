import { type Clock, type Owner, running } from './clock.ts';
import type { Chance } from './chance.ts';

/** A device's way to the server. */
export type Link = {
  /** False: no way at all, and the device knows. */
  up: boolean;
  /** True: whatever is sent on it vanishes, and nobody is told. */
  hole: boolean;
  /** Milliseconds one way, about. */
  latency: number;
};

/** What the network connects to. Null while nobody listens. */
export type Listener = { owner: Owner; accept(wire: ServerEnd): void } | null;

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];
/** How long a device tries to reach someone who does not answer. */
const UNREACHABLE_MS = 9_000;

type Handler = (event: unknown) => void;

/** Every socket between devices and the server: each keeps its order, as TCP does, until it breaks. */
export class Network {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly links = new Map<Owner, Link>();
  readonly pipes = new Set<Pipe>();
  listener: Listener = null;
  frames = 0;

  constructor(clock: Clock, chance: Chance) {
    this.clock = clock;
    this.chance = chance;
  }

  delay(link: Link): number {
    const late = this.chance.is(0.02) ? this.chance.between(50, 800) : 0;
    return link.latency * this.chance.between(0.5, 1.5) + late;
  }

  /** Breaks every socket of this link, at both ends, each hearing of it in its own time. */
  cut(link: Link): void {
    for (const pipe of [...this.pipes]) if (pipe.link === link) pipe.snap();
  }

  /** The server process is gone: what it has handed to the network may arrive or not, and nothing after that. */
  serverDied(): void {
    for (const pipe of [...this.pipes]) pipe.serverDied(this.chance.is(0.5));
  }

  connect(end: ClientEnd): void {
    const owner = this.clock.current;
    const link = this.links.get(owner);
    if (link === undefined) throw new Error(`${owner.name} has no network`);
    new Pipe(this, owner, link, end).open();
  }
}

/** Of the run under way. Classes are made once for all runs: the machine's compiler knows them then. */
let network: Network | null = null;
let channels: Channels | null = null;

/** The browser's classes, for whichever tab of this run asks. */
export function browserClasses(
  run: Network,
  tabs: Channels,
): { WebSocket: new () => object; BroadcastChannel: new (name: string) => object } {
  network = run;
  channels = tabs;
  return { WebSocket: BrowserSocket, BroadcastChannel: BrowserChannel };
}

class Pipe {
  readonly net: Network;
  readonly tab: Owner;
  readonly link: Link;
  readonly client: ClientEnd;
  server: ServerEnd | null = null;
  serverOwner: Owner | null = null;
  /** Nothing travels any more in this direction. */
  #up = true;
  #down = true;
  readonly #onTabDeath = (): void => this.tabDied();
  #lastUp = 0;
  #lastDown = 0;

  constructor(net: Network, tab: Owner, link: Link, client: ClientEnd) {
    this.net = net;
    this.tab = tab;
    this.link = link;
    this.client = client;
    client.pipe = this;
  }

  open(): void {
    const { net, link, tab } = this;
    net.pipes.add(this);
    tab.onDeath.add(this.#onTabDeath);
    if (!link.up) return this.#fail(1);
    if (link.hole) return this.#fail(UNREACHABLE_MS);
    const { listener } = net;
    if (listener === null) return this.#fail(net.delay(link) * 2);
    net.clock.at(listener.owner, net.delay(link) * 2, () => {
      if (!this.#up || link.hole) return;
      this.serverOwner = listener.owner;
      this.server = new ServerEnd(this);
      this.toClient(() => this.client.opened());
      listener.accept(this.server);
    });
    net.clock.at(tab, UNREACHABLE_MS, () => {
      if (this.client.readyState === CONNECTING) this.#end(1006, '');
    });
  }

  toServer(run: (end: ServerEnd) => void): void {
    const { net, server, serverOwner, link } = this;
    if (!this.#up || server === null || serverOwner === null) return;
    if (link.hole) {
      // TCP would send again; what never arrives leaves a socket without an order to keep.
      this.#up = false;
      return;
    }
    net.frames += 1;
    this.#lastUp = Math.max(this.#lastUp, net.clock.now + net.delay(link));
    net.clock.at(serverOwner, this.#lastUp - net.clock.now, () => {
      if (this.#up) run(server);
    });
  }

  toClient(run: () => void): void {
    const { net, link } = this;
    if (!this.#down) return;
    if (link.hole) {
      this.#down = false;
      return;
    }
    net.frames += 1;
    this.#lastDown = Math.max(this.#lastDown, net.clock.now + net.delay(link));
    net.clock.at(this.tab, this.#lastDown - net.clock.now, () => {
      if (this.#down) run();
    });
  }

  /** The network breaks: each side hears of it some time later, if at all. */
  snap(): void {
    this.#up = false;
    this.#down = false;
    const { net } = this;
    net.clock.at(this.tab, net.chance.between(0, 400), () => this.#end(1006, ''));
    this.#tellServer(net.chance.is(0.7) ? net.chance.between(0, 2_000) : null);
  }

  serverDied(delivered: boolean): void {
    this.#up = false;
    if (!delivered) this.#down = false;
    this.server = null;
    const wait = Math.max(this.#lastDown - this.net.clock.now, 0) + this.net.chance.between(0, 50);
    this.net.clock.at(this.tab, wait, () => this.#end(1006, ''));
  }

  tabDied(): void {
    this.#down = false;
    this.net.pipes.delete(this);
    this.#tellServer(this.net.chance.between(0, 100));
  }

  /** Closed by the client, in order with what it sent before. */
  closedByClient(): void {
    this.#down = false;
    this.toServer((server) => {
      this.#up = false;
      server.gone(1005, '');
    });
    this.net.clock.at(this.tab, 1, () => this.#end(1005, ''));
  }

  /** Closed by the server, in order with what it sent before. */
  closedByServer(code: number, reason: string): void {
    this.toClient(() => this.#end(code, reason));
    this.#up = false;
    this.#tellServer(this.net.delay(this.link) * 2);
  }

  #tellServer(wait: number | null): void {
    const { server, serverOwner, net } = this;
    if (server === null || serverOwner === null) return;
    // Who hears nothing finds out by the silence, which is the server's own rule.
    if (wait !== null) net.clock.at(serverOwner, wait, () => server.gone(1006, ''));
  }

  #fail(wait: number): void {
    this.net.clock.at(this.tab, wait, () => this.#end(1006, ''));
  }

  #end(code: number, reason: string): void {
    this.#down = false;
    this.net.pipes.delete(this);
    this.tab.onDeath.delete(this.#onTabDeath);
    this.client.closed(code, reason);
  }
}

/** A WebSocket as a browser has it, as far as the provider uses it. */
class ClientEnd {
  pipe: Pipe | null = null;
  binaryType = 'blob';
  readyState: number = CONNECTING;
  readonly #handlers = new Map<string, Set<Handler>>();

  addEventListener(name: string, handler: Handler): void {
    const set = this.#handlers.get(name) ?? new Set<Handler>();
    this.#handlers.set(name, set.add(handler));
  }

  removeEventListener(name: string, handler: Handler): void {
    this.#handlers.get(name)?.delete(handler);
  }

  send(data: Uint8Array): void {
    if (this.readyState !== OPEN) return;
    this.pipe?.toServer((server) => server.received(data));
  }

  close(): void {
    if (this.readyState >= CLOSING) return;
    this.readyState = CLOSING;
    this.pipe?.closedByClient();
  }

  opened(): void {
    if (this.readyState !== CONNECTING) return;
    this.readyState = OPEN;
    this.#emit('open', {});
  }

  received(data: Uint8Array): void {
    if (this.readyState === OPEN) this.#emit('message', { data });
  }

  closed(code: number, reason: string): void {
    if (this.readyState === CLOSED) return;
    const wasOpen = this.readyState !== CONNECTING;
    this.readyState = CLOSED;
    if (!wasOpen) this.#emit('error', { message: 'cannot connect' });
    this.#emit('close', { code, reason });
  }

  #emit(name: string, event: object): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) handler(event);
  }
}

class BrowserSocket extends ClientEnd {
  constructor() {
    super();
    network?.connect(this);
  }
}

/** A socket as the server has it: what `ws` offers, as far as the server uses it. */
export class ServerEnd {
  readonly #pipe: Pipe;
  readonly #handlers = new Map<string, ((...args: never[]) => void)[]>();
  readonly bufferedAmount = 0;
  readyState: number = OPEN;
  #paused = false;
  #held: Uint8Array[] = [];

  constructor(pipe: Pipe) {
    this.#pipe = pipe;
  }

  on(name: string, handler: (...args: never[]) => void): void {
    this.#handlers.set(name, [...(this.#handlers.get(name) ?? []), handler]);
  }

  send(data: Uint8Array): void {
    if (this.readyState === OPEN) this.#pipe.toClient(() => this.#pipe.client.received(data));
  }

  close(code = 1005, reason = ''): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.#pipe.closedByServer(code, reason);
  }

  terminate(): void {
    this.close(1006, '');
    this.gone(1006, '');
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const data of this.#held.splice(0)) this.received(data);
  }

  received(data: Uint8Array): void {
    if (this.readyState !== OPEN) return;
    if (this.#paused) this.#held.push(data);
    else this.#emit('message', data, true);
  }

  gone(code: number, reason: string): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#emit('close', code, Buffer.from(reason));
  }

  #emit(name: string, ...args: unknown[]): void {
    for (const handler of this.#handlers.get(name) ?? []) handler(...(args as never[]));
  }
}

/** Between tabs of one device, in order, at once or nearly. */
export class Channels {
  readonly #open = new Map<string, Set<Channel>>();
  readonly #deviceOf: (owner: Owner) => string;
  readonly chance: Chance;

  constructor(deviceOf: (owner: Owner) => string, chance: Chance) {
    this.#deviceOf = deviceOf;
    this.chance = chance;
  }

  join(channel: Channel): void {
    const all = this.#open.get(channel.key) ?? new Set<Channel>();
    this.#open.set(channel.key, all.add(channel));
    channel.owner.onDeath.add(() => all.delete(channel));
  }

  leave(channel: Channel): void {
    this.#open.get(channel.key)?.delete(channel);
  }

  others(channel: Channel): Channel[] {
    return [...(this.#open.get(channel.key) ?? [])].filter((other) => other !== channel);
  }

  /** Tabs of one device hear each other. */
  keyOf(name: string): string {
    return `${this.#deviceOf(running.clock.current)}/${name}`;
  }
}

class Channel {
  readonly key: string;
  readonly owner = running.clock.current;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly #channels: Channels;
  #last = 0;

  constructor(channels: Channels, key: string) {
    this.#channels = channels;
    this.key = key;
    channels.join(this);
  }

  postMessage(data: unknown): void {
    const { clock } = running;
    for (const other of this.#channels.others(this)) {
      other.#last = Math.max(other.#last, clock.now + this.#channels.chance.between(0.1, 2));
      clock.at(other.owner, other.#last - clock.now, () => other.onmessage?.({ data }));
    }
  }

  close(): void {
    this.#channels.leave(this);
  }
}

class BrowserChannel extends Channel {
  constructor(name: string) {
    if (channels === null) throw new Error('no run is under way');
    super(channels, channels.keyOf(name));
  }
}
