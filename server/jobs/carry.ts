import { bodyAt, markMoved, MODERATION_ROOT, movedTo } from '../../src/lib/model/conversation.ts';
import { isSlot, MESSAGES_ROOT, messageKey, parseSlot } from '../../src/lib/model/message-slots.ts';
import { isConversation, isVolume, volumeDoc } from '../../src/lib/model/names.ts';
import { isPlainObject } from '../../src/lib/model/plain.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import type { Handler } from './runner.ts';

/**
 * A message was moved to the head volume, or its author changed it in the old one because they had not heard of that:
 * what stands in the old one goes to where the message stands, and leaves where it does not. Deleted later there, it
 * would otherwise remain here.
 */
export function carry(store: Store, writer: Writer): Handler {
  return async ({ payload }) => {
    if (!isPlainObject(payload)) return;
    const { ref, slot, from } = payload;
    if (!isConversation(ref) || !isSlot(slot) || !isVolume(from)) return;
    const at = parseSlot(slot);
    const row = at === null ? null : await store.messages.get(ref, at.author, at.mid);
    if (row === null || row.volume === from) return;
    const key = messageKey(slot);
    const value = await writer.read(volumeDoc(ref, from), (doc) => doc.getMap(MESSAGES_ROOT).get(key));
    if (value === undefined) return;
    const carried = JSON.stringify(value);
    await writer.write(volumeDoc(ref, row.volume), (doc) => {
      const messages = doc.getMap(MESSAGES_ROOT);
      // Deleted or removed there since: words from before do not come back.
      const isFinal = bodyAt(doc, slot)?.kind === 'tombstone' || doc.getMap(MODERATION_ROOT).has(slot);
      if (!isFinal && JSON.stringify(messages.get(key)) !== carried) messages.set(key, structuredClone(value));
    });
    await writer.write(volumeDoc(ref, from), (doc) => {
      if (movedTo(doc, slot) === null) markMoved(doc, slot, row.volume);
      const messages = doc.getMap(MESSAGES_ROOT);
      // What came meanwhile has a job of its own.
      if (JSON.stringify(messages.get(key)) === carried) messages.delete(key);
    });
  };
}
