import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Sync } from '../sync/types.ts';

/** How long a socket may outlive a session that ended by itself, or by a hand that could not tell this process. */
const LOOK_EVERY_MS = 5_000;
const NOTE_USE_MS = 10 * 60_000;
const LOOK_AT_USE_MS = 60_000;

/**
 * Ends the sockets of sessions that are no longer good: expired, removed by another process, of a disabled account. A
 * sign-out and its like end theirs at once and need no watch. Also notes that a session with an open socket is in use.
 * Returns what stops it.
 */
export function watchSessions(store: Store, sync: Sync, log: Log): () => void {
  let looking = false;
  let notedAt = -Infinity;

  async function look(): Promise<void> {
    const open = sync.openSessions();
    if (looking || open.length === 0) return;
    looking = true;
    try {
      const now = Date.now();
      const hashes = [...new Set(open.map(({ session }) => session))];
      const alive = await store.sessions.alive(hashes, now);
      for (const { user, session } of open) if (!alive.has(session)) await sync.revoke({ user, session });
      if (performance.now() - notedAt < LOOK_AT_USE_MS) return;
      await store.sessions.touch([...alive], now, now - NOTE_USE_MS);
      notedAt = performance.now();
    } catch (error) {
      // The database is away: who is connected stays so until it can be asked again.
      log.warn('open sessions were not looked at', { error });
    } finally {
      looking = false;
    }
  }

  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
