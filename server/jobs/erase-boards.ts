import type { BoardId } from '../../src/lib/model/ids.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

const AT_ONCE = 20;

/**
 * Erases boards that were removed so long ago, when nobody has them open any more. First goes what inboxes show of them:
 * their notifications (while one still stands, the board waits for the next time; `told` hears that there is something to
 * take out), then, by `forget`, the board itself, because only its own list of people says in whose inboxes it is.
 */
export async function eraseBoards(
  store: Store,
  log: Log,
  agoMs: number,
  inboxes: { told: () => void; forget: (board: BoardId) => Promise<void> },
): Promise<void> {
  for (const board of await store.boards.removed(AT_ONCE, agoMs)) {
    if ((await store.notifications.withdrawBoard(board)) > 0) {
      await store.jobs.enqueue([{ kind: 'deliver', key: 'all', payload: null }]);
      inboxes.told();
      continue;
    }
    await inboxes.forget(board);
    if (await store.boards.erase(board)) log.info('board erased', { board });
  }
}
