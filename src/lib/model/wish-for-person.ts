import type * as Y from 'yjs';
import { newId, type RoomId, type UserId } from './ids.ts';
import { ASK_ROOT } from './inbox-fields.ts';
import { mayAsk } from './open-asks.ts';
import { parsePersonWish, type PersonWish, type PersonWishKey } from './people-wishes.ts';
import { compareText } from './plain.ts';

/**
 * Wishes that somebody is in a private room, or out of it, in place of an earlier wish about them. Returns the key of the
 * wish; null when nothing more may be asked for. Works offline.
 */
export function wishForPerson(
  doc: Y.Doc,
  id: RoomId,
  user: UserId,
  inside: boolean,
  n: string = newId(),
): PersonWishKey | null {
  const key: PersonWishKey = `room/${id}/people/${user}`;
  const entry = { n, value: inside };
  if (parsePersonWish(key, entry) === null || !mayAsk(doc, key)) return null;
  doc.getMap(ASK_ROOT).set(key, entry);
  return key;
}

/** Who is in a room as its person wishes it, by id. The same list when they wish nothing. */
export function peopleAsWished(
  room: { id: RoomId; people: readonly UserId[] },
  wishes: readonly PersonWish[],
): readonly UserId[] {
  const mine = wishes.filter((wish) => wish.id === room.id);
  if (mine.length === 0) return room.people;
  const people = new Set(room.people);
  for (const { user, inside } of mine) {
    if (inside) people.add(user);
    else people.delete(user);
  }
  return [...people].sort(compareText);
}
