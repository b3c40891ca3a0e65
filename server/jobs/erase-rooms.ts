import { forgetRoom } from '../../src/lib/model/inbox.ts';
import type { RoomId } from '../../src/lib/model/ids.ts';
import { inboxDoc } from '../../src/lib/model/names.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';

const AT_ONCE = 20;

/**
 * Erases rooms that were removed so long ago, when nobody has them open any more. First goes what inboxes hold of them:
 * notifications (while one still stands, the room waits for the next time; `told` hears that there is something to take
 * out), drafts and wishes. `forget` strikes the room off wherever it is listed.
 */
export async function eraseRooms(
  store: Store,
  writer: Writer,
  log: Log,
  agoMs: number,
  lists: { told: () => void; forget: (room: RoomId) => Promise<void> },
): Promise<void> {
  for (const { id, board } of await store.rooms.removed(AT_ONCE, agoMs)) {
    if ((await store.notifications.withdrawConversation(`room/${id}`)) > 0) {
      await store.jobs.enqueue([{ kind: 'deliver', key: 'all', payload: null }]);
      lists.told();
      continue;
    }
    await lists.forget(id);
    for (const user of await store.boards.members(board)) {
      await writer.write(inboxDoc(user.id), (doc) => {
        forgetRoom(doc, id);
      });
    }
    if (await store.rooms.erase(id)) log.info('room erased', { room: id });
  }
}
