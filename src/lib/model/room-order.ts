import type { Head } from './board-directory.ts';
import type { RoomId } from './ids.ts';
import type { ConversationRef } from './names.ts';

const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/**
 * Rooms as people look for them: where something was said last comes first, and those where nothing was said yet follow by
 * name. A head of an earlier version says no time: then what is known is when the room was made.
 */
export function byActivity<T extends { id: RoomId; name: string; at: number }>(
  rooms: readonly T[],
  heads: ReadonlyMap<ConversationRef, Head>,
): T[] {
  const lastAt = (room: T): number => {
    const head = heads.get(`room/${room.id}`);
    return head === undefined || head.seq === 0 ? -1 : (head.at ?? room.at);
  };
  return rooms.toSorted(
    (a, b) => lastAt(b) - lastAt(a) || NAMES.compare(a.name, b.name) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}
