/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/// <reference types="@sveltejs/kit" />
/**
 * Keeps the app itself on the device, so that every page opens without a network. Documents are none of its business:
 * it never answers for /api, /sync, /yjs or anything else that the server says.
 *
 * A new version takes over as soon as it is complete, and open tabs go on: the pieces of the version before stay here,
 * and a piece is looked for in every version (their names carry a hash of their content). The next navigation opens
 * the new one.
 */
import { base, build, files, prerendered, version } from '$service-worker';
import { listenForPushes } from './service-worker/push.ts';

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

const PREFIX = `taskflow${base}@`;
const CACHE = `${PREFIX}${version}`;
/** This version, and the one that open tabs may still run. */
const KEPT_VERSIONS = 2;

const SHELL = `${base}/shell`;
const PIECES = [...build, ...files, ...prerendered];
const known = new Set(PIECES);
const immutable = `${base}/_app/immutable/`;
/** What the server answers itself, below the base path. */
const SERVER_PATHS = ['/api', '/sync', '/yjs', '/healthz', '/readyz', '/metrics'].map((path) => base + path);

worker.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      // Past the HTTP cache: a shell of one version with pieces of another would not start.
      await cache.addAll(PIECES.map((path) => new Request(path, { cache: 'reload' })));
      await worker.skipWaiting();
    })(),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      // In the order of their making.
      const versions = (await caches.keys()).filter((key) => key.startsWith(PREFIX));
      const others = versions.filter((key) => key !== CACHE);
      await Promise.all(
        others.slice(0, Math.max(0, others.length - KEPT_VERSIONS + 1)).map((key) => caches.delete(key)),
      );
      // The first visit can go offline without a reload.
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (!url.pathname.startsWith(`${base}/`) && url.pathname !== base) return;
  if (SERVER_PATHS.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`))) return;

  if (known.has(url.pathname) && url.pathname !== SHELL) event.respondWith(fromVersion(request));
  else if (url.pathname.startsWith(immutable)) event.respondWith(fromAnyVersion(request));
  else if (request.mode === 'navigate') event.respondWith(shell(request));
});

listenForPushes(worker, base);

async function shell(request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(SHELL);
  return kept ?? fetch(request);
}

async function fromVersion(request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}

async function fromAnyVersion(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreSearch: true });
  return kept ?? fetch(request);
}
