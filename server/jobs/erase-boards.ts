import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

const AT_ONCE = 20;

/**
 * Erases boards that were removed so long ago, when nobody has them open any more. First what inboxes show of them: while one still does, the board waits for the next
 * time. `told` hears that there is something to take out of inboxes.
 */
export async function eraseBoards(store: Store, log: Log, agoMs: number, told: () => void): Promise<void> {
  for (const board of await store.boards.removed(AT_ONCE, agoMs)) {
    if ((await store.notifications.withdrawBoard(board)) > 0) {
      await store.jobs.enqueue([{ kind: 'deliver', key: 'all', payload: null }]);
      told();
    } else if (await store.boards.erase(board)) log.info('board erased', { board });
  }
}
