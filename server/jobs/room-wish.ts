import { type Answer } from '../../src/lib/model/inbox.ts';
import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import { mayChangeRoom } from '../../src/lib/model/roles.ts';
import type { RoomWish } from '../../src/lib/model/room-wishes.ts';
import type { Store } from '../store/store.ts';

/** Changes a room as its person wishes, or says why not. May run again: what is so already is a yes. */
export async function grantRoomWish(
  user: UserId,
  wish: RoomWish,
  store: Store,
  /** Called when it is not known whether the room was changed. */
  unsure: (board: BoardId) => void,
): Promise<Answer> {
  const no = (reason: string): Answer => ({ no: reason });
  const room = await store.rooms.get(wish.id);
  if (room === null) return no('not-found');
  const role = await store.boards.role(room.board, user);
  // Absent and forbidden look the same, also to an owner who is not in a private room.
  if (role === null || (await store.roomMembers.has(room.id, user)) === false) return no('not-found');
  if (!mayChangeRoom(role, user, room)) return no('not-allowed');
  const outcome = await store.rooms.change(room.id, { [wish.field]: wish.value }).catch((error: unknown) => {
    unsure(room.board);
    throw error;
  });
  return outcome === 'ok' ? { ok: 1 } : no(outcome);
}
