import type { Answer } from '../../src/lib/model/inbox.ts';
import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import type { PersonWish } from '../../src/lib/model/people-wishes.ts';
import { can, mayChangeRoom } from '../../src/lib/model/roles.ts';
import type { Store } from '../store/store.ts';

/**
 * Lets somebody into a private room or takes them out, as a person wishes it, or says why not. May run again: what is so
 * already is a yes. That holds for leaving whatever there is: whoever is not in a room hears the same of one that is there
 * as of one that is not.
 */
export async function grantPersonWish(
  user: UserId,
  wish: PersonWish,
  store: Store,
  /** Called in the turn in which they are out, or may be. */
  { out, unsure }: { out: (board: BoardId) => void; unsure: (board: BoardId) => void },
): Promise<Answer> {
  const leaves = wish.user === user && !wish.inside;
  const outside: Answer = leaves ? { ok: 1 } : { no: 'not-found' };
  const room = await store.rooms.get(wish.id);
  const role = room === null ? null : await store.boards.role(room.board, user);
  if (room === null || role === null) return outside;
  const isIn = await store.roomMembers.has(room.id, user);
  if (isIn === null) return { no: 'public' };
  if (!isIn) return outside;
  if (!wish.inside) {
    if (!leaves && !mayChangeRoom(role, user, room)) return { no: 'not-allowed' };
    try {
      await store.roomMembers.remove(room.id, wish.user);
    } catch (error) {
      unsure(room.board);
      throw error;
    }
    out(room.board);
    return { ok: 1 };
  }
  if (!can(role, 'createRoom')) return { no: 'not-allowed' };
  if (room.archivedAt !== null) return { no: 'archived' };
  if ((await store.roomMembers.add(room.id, wish.user)) === 'ok') return { ok: 1 };
  // Meanwhile who wishes it may have been taken out, as the last one, which archives the room.
  const [now, isStillIn] = await Promise.all([store.rooms.get(room.id), store.roomMembers.has(room.id, user)]);
  if (now === null || isStillIn !== true) return outside;
  return { no: now.archivedAt === null ? 'no-member' : 'archived' };
}
