import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError } from '../../src/lib/api/errors.ts';
import { basePath, type SiteConfig } from '../config.ts';
import { answerError, answerHtml, answerRaw, answerText } from './answer.ts';
import { hasBody } from './body.ts';
import { securityHeaders, setHeaders, type Header } from './headers.ts';
import { handOver } from './hand-over.ts';
import { metricsText } from './metrics.ts';
import { PREPARING_PAGE, PREPARING_POLICY } from './preparing.ts';
import { API_PATH, type Services } from './route.ts';
import type { createRouter } from './router.ts';
import type { createUpgrader } from './upgrade.ts';

/** What the server can do at this moment. */
type Phase = { kind: 'preparing' } | ({ kind: 'ready' } & Doors) | { kind: 'stopping' };

/** What leads into the server once it is ready. */
export interface Doors {
  services: Services;
  api: ReturnType<typeof createRouter>;
  upgrade: ReturnType<typeof createUpgrader>;
}

/** Answers pages: adapter-node's handler, or Vite. Null when there is no build. */
export type Pages = RequestListener | null;

export interface App {
  /** Whether an address is the API's or a probe's, and no page's. */
  owns(target: string): boolean;
  handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** True when the upgrade was ours, whatever came of it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Answers what is no request that `handle` could have, and ends its connection. */
  refuse(socket: Duplex, status: number, sentence: string): void;
  ready(doors: Doors): void;
  stopping(): void;
}

/** Where a path leads. */
type Place =
  | { kind: 'api'; path: string }
  | { kind: 'probe'; probe: string }
  | { kind: 'socket' }
  | { kind: 'page' }
  | { kind: 'elsewhere' };

/** A database that needs longer than this is as good as away. */
const PING_MS = 2_000;
const PROBES = ['/healthz', '/readyz', '/metrics'];
const RETRY_SECONDS = 2;
const TWO_HOSTS = 'The request names its host twice.';
const NO_HOST = 'A request needs the header Host.';
const NO_PAGES = 'TaskFlow was started without its pages: run `npm run build`, then start it again.';

/**
 * Everything HTTP, from the first moment of the process: until `ready` it says that it is preparing, from `stopping`
 * on that it is going. `pages` is asked for each request, because it comes after the server has started to listen.
 * Imports nothing that takes long: it stands before the database, the documents and the routes are loaded.
 */
export function createApp(site: () => SiteConfig, pages: () => Pages): App {
  let phase: Phase = { kind: 'preparing' };
  let always: readonly Header[] | null = null;

  /** The site's address is not known before the port is. */
  function headers(): readonly Header[] {
    return (always ??= securityHeaders(site().baseUrl));
  }

  function handleApi(request: IncomingMessage, response: ServerResponse, path: string, search: string): void {
    if (phase.kind === 'ready') void phase.api(request, response, path, search);
    else answerError(request, response, notYet(phase.kind));
  }

  function handlePage(request: IncomingMessage, response: ServerResponse): void {
    const handler = pages();
    if (!reads(request)) return refuseMethod(request, response);
    if (hasBody(request)) return answerText(request, response, 400, 'A page is asked for without a body.');
    if (phase.kind === 'ready' && handler) return handOver(handler, request, response, phase.services.log);
    if (phase.kind === 'ready') return answerText(request, response, 503, NO_PAGES);
    response.setHeader('Retry-After', String(RETRY_SECONDS));
    response.setHeader('Content-Security-Policy', PREPARING_POLICY);
    if (wantsHtml(request)) answerHtml(request, response, 503, PREPARING_PAGE);
    else answerText(request, response, 503, notYet(phase.kind).message);
  }

  async function handleReady(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (phase.kind !== 'ready') return answerText(request, response, 503, phase.kind);
    try {
      await Promise.race([phase.services.store.ping(), tooLate(PING_MS)]);
      answerText(request, response, 200, 'ready');
    } catch {
      answerText(request, response, 503, 'the database does not answer');
    }
  }

  function handleProbe(request: IncomingMessage, response: ServerResponse, probe: string): void {
    if (!reads(request)) refuseMethod(request, response);
    else if (probe === '/healthz') answerText(request, response, 200, 'alive');
    else if (probe === '/readyz') void handleReady(request, response);
    else if (cameByProxy(request)) answerText(request, response, 404, 'There is nothing here.');
    else answerText(request, response, 200, metricsText(servicesOf(phase)));
  }

  /** The proxy in front of us brings the whole world; whoever reaches this process past it belongs to the house. */
  function cameByProxy({ headers }: IncomingMessage): boolean {
    return site().trustProxy > 0 && headers['x-forwarded-for'] !== undefined;
  }

  function placeOf(path: string): Place {
    const below = pathBelow(basePath(site().baseUrl), path);
    // Also outside of BASE_URL's path: a probe does not come through the proxy.
    const probe = PROBES.find((one) => one === path || one === below);
    if (probe !== undefined) return { kind: 'probe', probe };
    if (below === null) return { kind: 'elsewhere' };
    if (below === API_PATH || below.startsWith(`${API_PATH}/`))
      return { kind: 'api', path: below.slice(API_PATH.length) };
    return { kind: isSocketPath(below) ? 'socket' : 'page' };
  }

  return {
    owns(target) {
      const { kind } = placeOf(splitTarget(target).path);
      return kind === 'api' || kind === 'probe' || kind === 'socket';
    },

    handle(request, response) {
      setHeaders(response, headers());
      const hosts = namesHosts(request);
      if (hosts > 1) return answerError(request, response, new ApiError('bad-request', TWO_HOSTS));
      if (hosts === 0 && request.httpVersion !== '1.0') {
        return answerError(request, response, new ApiError('bad-request', NO_HOST));
      }
      const { path, search } = splitTarget(request.url ?? '/');
      // The pages' handler takes no full address.
      if (path.startsWith('/')) request.url = search === '' ? path : `${path}?${search}`;
      const place = placeOf(path);
      switch (place.kind) {
        case 'probe':
          return handleProbe(request, response, place.probe);
        case 'api':
          return handleApi(request, response, place.path, search);
        case 'socket':
          response.setHeader('Connection', 'close');
          return answerText(request, response, 400, 'This address takes WebSockets only.');
        case 'page':
          return handlePage(request, response);
        case 'elsewhere':
          return answerText(request, response, 404, `TaskFlow is at ${site().baseUrl.href}`);
      }
    },

    upgrade(request, socket, head) {
      const { path } = splitTarget(request.url ?? '/');
      const below = pathBelow(basePath(site().baseUrl), path);
      if (below === null || !isSocketPath(below)) return false;
      if (phase.kind === 'ready') void phase.upgrade(request, socket, head);
      else {
        const retry: Header = ['Retry-After', String(RETRY_SECONDS)];
        answerRaw(socket, { status: 503, sentence: notYet(phase.kind).message, headers: [...headers(), retry] });
      }
      return true;
    },

    refuse(socket, status, sentence) {
      answerRaw(socket, { status, sentence, headers: headers() });
    },

    ready(doors) {
      phase = { kind: 'ready', ...doors };
    },

    stopping() {
      phase = { kind: 'stopping' };
    },
  };
}

function tooLate(ms: number): Promise<never> {
  return new Promise((_resolve, reject) => setTimeout(() => reject(new Error('too late')), ms).unref());
}

function servicesOf(phase: Phase): Services | null {
  return phase.kind === 'ready' ? phase.services : null;
}

function notYet(kind: 'preparing' | 'stopping'): ApiError {
  const message =
    kind === 'preparing'
      ? 'TaskFlow is preparing its database; try again in a few seconds.'
      : 'TaskFlow is stopping; try again in a few seconds.';
  return new ApiError('preparing', message, RETRY_SECONDS);
}

/** Which one a proxy before us went by, we cannot know. */
function namesHosts({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
}

/** Pages and probes are read and nothing else. */
function reads({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function refuseMethod(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Allow', 'GET, HEAD');
  answerText(request, response, 405, 'This address takes GET, HEAD only.');
}

function wantsHtml(request: IncomingMessage): boolean {
  return request.headers.accept?.includes('text/html') ?? false;
}

/** A request's target in its two parts; of a full address (as proxies are sent) what follows the host. */
function splitTarget(target: string): { path: string; search: string } {
  const local = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, '');
  const at = local.indexOf('?');
  return at === -1 ? { path: local, search: '' } : { path: local.slice(0, at), search: local.slice(at + 1) };
}

function isSocketPath(below: string): boolean {
  return below === '/sync' || below.startsWith('/yjs/');
}

/** The rest of a path below the base, beginning with a slash; null outside of it. */
function pathBelow(base: string, path: string): string | null {
  if (base === '') return path;
  if (path === base) return '/';
  return path.startsWith(`${base}/`) ? path.slice(base.length) : null;
}
