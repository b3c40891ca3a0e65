import type { Room } from './board-directory.ts';
import { isId, type RoomId } from './ids.ts';
import { ROOM_DESCRIPTION, TITLE } from './limits.ts';
import { hasOnly, isText, isTitle, own } from './plain.ts';

/** What may be wished of a room that is there; each on its own, so that wishes of two devices both come true. */
export type RoomChange =
  { field: 'name'; value: string } | { field: 'description'; value: string } | { field: 'archived'; value: boolean };
export type RoomField = RoomChange['field'];
export type RoomWishKey = `room/${string}/${RoomField}`;

/**
 * A change of a room, wished for in the inbox, perhaps offline. `n` tells it from earlier wishes of that field: an answer
 * is to one of them.
 */
export type RoomWish = { kind: 'wish'; key: RoomWishKey; id: RoomId; n: string } & RoomChange;

const FIELDS: readonly string[] = ['name', 'description', 'archived'] satisfies RoomField[];

/** Reads the key of a wish; null for anything else. */
export function parseRoomWishKey(key: string): { key: RoomWishKey; kind: 'wish'; id: RoomId; field: RoomField } | null {
  const [kind, id, field = '', ...rest] = key.split('/');
  if (kind !== 'room' || !isId(id) || !FIELDS.includes(field) || rest.length > 0) return null;
  return { key: `room/${id}/${field as RoomField}`, kind: 'wish', id, field: field as RoomField };
}

/** Reads a wish; null unless it is exactly right. */
export function parseRoomWish(key: string, entry: Record<string, unknown>): RoomWish | null {
  const at = parseRoomWishKey(key);
  const n = own(entry, 'n');
  if (at === null || !isId(n) || !hasOnly(entry, ['n', 'value'])) return null;
  const change = changeOf(at.field, own(entry, 'value'));
  return change === null ? null : { kind: 'wish', key: at.key, id: at.id, n, ...change };
}

function changeOf(field: RoomField, value: unknown): RoomChange | null {
  switch (field) {
    case 'name':
      return isTitle(value, TITLE) ? { field, value } : null;
    case 'description':
      return isText(value, ROOM_DESCRIPTION) ? { field, value } : null;
    case 'archived':
      return typeof value === 'boolean' ? { field, value } : null;
  }
}

/** A room as its person wishes it, until the server has answered. The same object when they wish nothing. */
export function asWished<T extends Pick<Room, 'id' | 'name' | 'description' | 'archived'>>(
  room: T,
  wishes: readonly RoomWish[],
): T {
  return wishes.reduce((so, wish) => (wish.id === room.id ? { ...so, ...wished(so, wish) } : so), room);
}

function wished(room: Pick<Room, 'archived'>, wish: RoomWish): Partial<Room> {
  if (wish.field !== 'archived') return { [wish.field]: wish.value };
  // When is the server's to say; that it is, is known.
  return { archived: wish.value ? (room.archived ?? Date.now()) : null };
}
