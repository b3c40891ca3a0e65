import { goto } from '$app/navigation';
import type { Home } from '$lib/features/shell/home.svelte.ts';
import type { BoardId, RoomId } from '$lib/model/ids.ts';
import { until } from '$lib/sync/until.svelte.ts';
import { announce } from '$lib/ui/announcer.svelte.ts';
import { toasts } from '$lib/ui/toasts.svelte.ts';
import { Places } from './places.svelte.ts';

/** The device answers at once; without an answer, what is known so far decides. */
const PATIENCE_MS = 3_000;

/**
 * Goes to the next (`1`) or previous (`-1`) room with unread messages, counted from the room that the page shows, over
 * all boards and around the end. Says so where there is none.
 */
export async function goToUnread(
  home: Home,
  at: { board?: BoardId | undefined; room?: RoomId | undefined },
  step: 1 | -1,
): Promise<void> {
  const places = new Places(home, at.board);
  try {
    await until(() => places.ready, PATIENCE_MS);
    const { rooms } = places;
    const from = rooms.findIndex((room) => room.key === `r/${at.room ?? ''}`);
    // From outside of any room the first one in this direction counts.
    const start = from === -1 && step === -1 ? 0 : from;
    for (let distance = 1; distance <= rooms.length; distance += 1) {
      const index = (start + step * distance + rooms.length * (distance + 1)) % rooms.length;
      const room = rooms[index];
      if (room?.unread !== true || room.key === `r/${at.room ?? ''}` || room.href === null) continue;
      // The addresses of links.ts hold the base path already.

      await goto(room.href);
      return announce(`${room.name}, ${room.where}`);
    }
    toasts.show('Nothing unread in any room.');
  } finally {
    places.release();
  }
}
