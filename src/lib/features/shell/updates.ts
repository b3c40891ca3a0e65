import { base } from '$app/paths';
import { toasts } from '$lib/ui/toasts.svelte.ts';

/** A tab may stay open for weeks. */
const CHECK_EVERY_MS = 60 * 60_000;

/**
 * Registers the service worker where browsers have one (HTTPS and localhost), and says quietly when a new version has
 * taken over: this tab goes on with the old one until it is reloaded. Returns what stops the checking.
 */
export function watchForUpdates(): () => void {
  const workers = container();
  if (!workers) return () => undefined;

  // The first worker of a device also takes control: only a change of one is news.
  let controlled = workers.controller !== null;
  const changed = () => {
    if (controlled) {
      toasts.show('A new version of TaskFlow is here.', {
        lasting: true,
        action: { label: 'Reload to update', run: () => location.reload() },
      });
    }
    controlled = true;
  };
  workers.addEventListener('controllerchange', changed);

  let registration: ServiceWorkerRegistration | null = null;
  const check = () => {
    // Fails while offline; the next hour is soon enough.
    registration?.update().catch(() => undefined);
  };
  workers
    .register(`${base}/service-worker.js`, { scope: `${base}/`, updateViaCache: 'none' })
    .then((made) => (registration = made))
    // Refused by a policy or a private window: everything but opening offline works without it.
    .catch(() => undefined);
  const timer = setInterval(check, CHECK_EVERY_MS);

  return () => {
    clearInterval(timer);
    workers.removeEventListener('controllerchange', changed);
  };
}

/** Null where there is none, or where asking for it is forbidden already. */
function container(): ServiceWorkerContainer | null {
  try {
    return 'serviceWorker' in navigator ? navigator.serviceWorker : null;
  } catch {
    return null;
  }
}
