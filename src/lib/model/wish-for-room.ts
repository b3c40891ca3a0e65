import type * as Y from 'yjs';
import { newId, type RoomId } from './ids.ts';
import { ASK_ROOT } from './inbox-fields.ts';
import { ROOM_DESCRIPTION, TITLE } from './limits.ts';
import { mayAsk } from './open-asks.ts';
import { cleanText, cleanTitle, cut } from './plain.ts';
import { parseRoomWish, type RoomChange, type RoomWishKey } from './room-wishes.ts';

/**
 * Wishes for a change of a room, in place of an earlier wish for the same field. False when it says nothing, or nothing more
 * may be asked for. Works offline.
 */
export function wishForRoom(doc: Y.Doc, id: RoomId, change: RoomChange, n: string = newId()): boolean {
  const key: RoomWishKey = `room/${id}/${change.field}`;
  const entry = { n, value: cleaned(change) };
  if (parseRoomWish(key, entry) === null || !mayAsk(doc, key)) return false;
  doc.getMap(ASK_ROOT).set(key, entry);
  return true;
}

function cleaned(change: RoomChange): string | boolean {
  switch (change.field) {
    case 'name':
      return cleanTitle(change.value, TITLE);
    case 'description':
      return cut(cleanText(change.value).trim(), ROOM_DESCRIPTION);
    case 'archived':
      return change.value;
  }
}
