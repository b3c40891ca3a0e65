/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />
/**
 * Shows what the server pushes while no page is open, and opens the page at the message when it is pressed. A message is
 * shown once: its tag is that of the page's own notification.
 */
type Pushed = { id: number; title: string; body: string; path: string };

/** What `server/jobs/push.ts` sends; null for anything else. */
function read(data: PushMessageData | null): Pushed | null {
  try {
    const { id, title, body, board, conversation, volume, message } = data?.json() as Record<string, unknown>;
    const [kind, of] = String(conversation).split('/');
    if (typeof title !== 'string' || typeof body !== 'string' || !Number.isSafeInteger(id)) return null;
    if (![board, of, message].every((part) => /^[0-9a-z]{16,24}$/.test(String(part)))) return null;
    if (!Number.isSafeInteger(volume) || (kind !== 'room' && kind !== 'task')) return null;
    const place = `/b/${String(board)}/${kind === 'room' ? 'r' : 't'}/${String(of)}`;
    return { id: Number(id), title, body, path: `${place}?m=${String(message)}&v=${Number(volume)}` };
  } catch {
    return null;
  }
}

export function listenForPushes(worker: ServiceWorkerGlobalScope, base: string): void {
  const windows = () => worker.clients.matchAll({ type: 'window', includeUncontrolled: true });

  async function show(pushed: Pushed): Promise<void> {
    const href = base + pushed.path;
    const { pathname } = new URL(href, worker.location.origin);
    // Who looks at the conversation sees it come.
    const seen = (await windows()).some((one) => one.focused && new URL(one.url).pathname === pathname);
    if (seen) return;
    const { title, body, id } = pushed;
    const icon = `${base}/icons/apple-touch-icon.png`;
    await worker.registration.showNotification(title, { body, tag: `taskflow/${id}`, icon, data: { href } });
  }

  async function open(href: string): Promise<void> {
    const open = await windows();
    const tab = open.find((one) => one.visibilityState === 'visible') ?? open[0];
    if (tab === undefined) await worker.clients.openWindow(href);
    else {
      // Goes there without loading the page anew.
      (await tab.focus()).postMessage({ kind: 'open', href });
    }
  }

  worker.addEventListener('push', (event) => {
    const pushed = read(event.data);
    if (pushed !== null) event.waitUntil(show(pushed));
  });

  worker.addEventListener('notificationclick', (event) => {
    event.notification.close();
    const { href } = (event.notification.data ?? {}) as { href?: unknown };
    if (typeof href === 'string' && href.startsWith(`${base}/b/`)) event.waitUntil(open(href));
  });
}
