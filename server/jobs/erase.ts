import { bodyAt, eraseMessage, MODERATION_ROOT } from '../../src/lib/model/conversation.ts';
import { isSlot, parseSlot } from '../../src/lib/model/message-slots.ts';
import { isConversation, isVolume, volumeDoc } from '../../src/lib/model/names.ts';
import { isPlainObject } from '../../src/lib/model/plain.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import type { Handler } from './runner.ts';

/**
 * Takes the words of a message away that a moderator removed, unless the removal was taken back, or that its author
 * had deleted when another device of theirs, which did not know, wrote it anew (`final`).
 */
export function erase(store: Store, writer: Writer): Handler {
  return async ({ payload }) => {
    if (!isPlainObject(payload)) return;
    const { ref, slot, volume, final } = payload;
    const at = parseSlot(slot);
    if (!isConversation(ref) || !isSlot(slot) || !isVolume(volume) || at === null) return;
    const row = await store.messages.get(ref, at.author, at.mid);
    for (const n of new Set([volume, row?.volume ?? volume])) {
      const name = volumeDoc(ref, n);
      const needed = await writer.read(
        name,
        (doc) => bodyAt(doc, slot)?.kind === 'message' && (final === true || doc.getMap(MODERATION_ROOT).has(slot)),
      );
      if (needed) await writer.write(name, (doc) => eraseMessage(doc, slot));
    }
  };
}
