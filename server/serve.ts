import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Paces, Parts } from './compose.ts';
import { withPort, type Config, type SiteConfig } from './config.ts';
import { createApp, type Pages } from './http/app.ts';
import { refuseNonsense } from './http/nonsense.ts';
import { inTurn } from './http/turns.ts';
import type { Log } from './log.ts';

/** Against peers that send slowly to hold a connection. */
const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 20_000;
/** How late the two above may be noticed. */
const CHECK_MS = 5_000;
/** Against peers that ask and do not read the answer: a connection on which nothing moves for so long is ended. */
const SILENCE_MS = 60_000;
/** Longer than a proxy keeps its side, so that it never sends into a connection that we just closed. */
const KEEP_ALIVE_MS = 65_000;
/** What is being answered when the server stops may take this long. */
const LAST_ANSWERS_MS = 3_000;

export interface RunningServer {
  readonly site: SiteConfig;
  /**
   * Opens the database while HTTP says 'preparing'. Resolves with the parts and, before the first account exists, the
   * link that makes it. Nothing is served before `open`.
   */
  prepare(): Promise<{ parts: Parts; setupLink: string | null }>;
  open(parts: Parts): void;
  /** Takes no new request, finishes the ones in flight, ends every socket, closes the database. Idempotent. */
  stop(): Promise<void>;
}

export interface ServeOptions {
  /** Gives what answers pages, once the address is known. */
  loadPages: (site: SiteConfig) => Promise<Pages>;
  /** Milliseconds since the epoch, for throttles and expiries. */
  now?: () => number;
  sync?: Paces;
}

/** Listens at once. Rejects with one sentence when the address cannot be had. */
export async function startServer(
  config: Config,
  log: Log,
  { loadPages, ...how }: ServeOptions,
): Promise<RunningServer> {
  let pages: Pages = null;
  let preparing: Promise<Parts> | null = null;
  let stopped: Promise<void> | null = null;
  const app = createApp(
    () => site,
    () => pages,
  );
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // The app says so itself, with the headers that every answer has.
      requireHostHeader: false,
      // Whoever offers another protocol beside HTTP/1.1 (curl and its like offer h2c) is answered in HTTP/1.1.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    inTurn(app.handle),
  );
  server.setTimeout(SILENCE_MS);
  server.on('upgrade', (request, socket, head) => {
    if (!app.upgrade(request, socket, head)) app.refuse(socket, 404, 'There is no WebSocket at this address.');
  });
  refuseNonsense(server, (socket, status, sentence) => app.refuse(socket, status, sentence));
  const site = withPort(config, await listen(server, config));

  /** Loaded only now: most of the start goes into it, and whoever comes meanwhile is to be told so. */
  async function load(): Promise<Parts> {
    const { compose } = await import('./compose.ts');
    return compose(site, log, how);
  }

  async function stop(): Promise<void> {
    app.stopping();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const late = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
    // A database that cannot be opened has nothing to close.
    const parts = await preparing?.catch(() => null);
    await parts?.stop();
    server.closeIdleConnections();
    await closed;
    clearTimeout(late);
  }

  return {
    site,
    async prepare() {
      preparing = load();
      const [parts, handler] = await Promise.all([preparing, loadPages(site)]);
      pages = handler;
      const { prepareSetup } = await import('./auth/setup.ts');
      return { parts, setupLink: await prepareSetup(parts.services.store, site.baseUrl) };
    },
    open: (parts) => app.ready(parts),
    stop: () => (stopped ??= stop()),
  };
}

function listen(server: ReturnType<typeof createServer>, { host, port }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(sentenceFor(error, host, port))));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function sentenceFor(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program; stop that one, or set PORT to another number.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user; set PORT to a number above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST ${host} is not an address of this machine.`;
    default:
      return `The server cannot listen on ${host} port ${port} (${error.code ?? error.message}).`;
  }
}
