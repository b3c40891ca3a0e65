import { isId, type RoomId, type UserId } from './ids.ts';
import { hasOnly, own } from './plain.ts';

export type PersonWishKey = `room/${string}/people/${string}`;

/**
 * That somebody is in a private room, or is not, wished for in the inbox, perhaps offline; of oneself: to leave it. One for
 * each person, so that wishes of two devices both come true. `n` tells it from earlier wishes about them.
 */
export type PersonWish = { kind: 'person'; key: PersonWishKey; id: RoomId; user: UserId; n: string; inside: boolean };

/** Reads the key of a wish about somebody; null for anything else. */
export function parsePersonWishKey(
  key: string,
): { key: PersonWishKey; kind: 'person'; id: RoomId; user: UserId } | null {
  const [kind, id, field, user, ...rest] = key.split('/');
  if (kind !== 'room' || !isId(id) || field !== 'people' || !isId(user) || rest.length > 0) return null;
  return { key: `room/${id}/people/${user}`, kind: 'person', id, user };
}

/** Reads a wish about somebody; null unless it is exactly right. */
export function parsePersonWish(key: string, entry: Record<string, unknown>): PersonWish | null {
  const at = parsePersonWishKey(key);
  const n = own(entry, 'n');
  const inside = own(entry, 'value');
  if (at === null || !isId(n) || typeof inside !== 'boolean' || !hasOnly(entry, ['n', 'value'])) return null;
  return { ...at, n, inside };
}
