import { moderate, removerOf, takeRemovalBack, type Slot } from '$lib/model/conversation.ts';
import type { UserId } from '$lib/model/ids.ts';
import { REMOVAL_UNDO_MS } from '$lib/model/limits.ts';
import { connection } from '$lib/sync/connection.svelte.ts';
import { change, openDocument, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { toasts } from '$lib/ui/toasts.svelte.ts';

/**
 * Removes somebody's message at once, and offers to take that back. The volume stays open meanwhile: who has gone on to
 * another page may still change their mind.
 */
export function removeMessage(volume: OpenDocument, slot: Slot, me: UserId): void {
  const held = openDocument(volume.name);
  change(held, (doc) => moderate(doc, slot, me));
  toasts.show('Message removed.', {
    forMs: REMOVAL_UNDO_MS,
    action: { label: 'Undo', run: () => undo(held, slot, me) },
    onclose: () => held.release(),
  });
}

/** The server's clock decides whether it is in time; here it is only known when the words are gone already. */
function undo(volume: OpenDocument, slot: Slot, me: UserId): void {
  if (removerOf(volume.doc, slot) === null) return;
  const isNews = volume.sent;
  if (!change(volume, (doc) => takeRemovalBack(doc, slot, me))) {
    toasts.show('Too late: the words of this message are gone, so it stays removed.');
  } else if (isNews && connection.state.kind === 'offline') {
    toasts.show('Brought back on this device. You are offline: if the server hears of it too late, it stays removed.');
  }
}
