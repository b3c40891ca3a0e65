import type { Home } from '$lib/features/shell/home.svelte.ts';
import type { RoomId } from '$lib/model/ids.ts';
import type { RoomChange } from '$lib/model/room-wishes.ts';
import { wishForRoom } from '$lib/model/wish-for-room.ts';
import { change } from '$lib/sync/documents.svelte.ts';

/** Changes a room, online or not; false when it says nothing, or when nothing more may be asked for. */
export function changeRoom(home: Home, room: RoomId, to: RoomChange): boolean {
  return change(home.open, (doc) => wishForRoom(doc, room, to));
}
