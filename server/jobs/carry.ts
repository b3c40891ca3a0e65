import { markMoved, movedTo } from '../../src/lib/model/conversation.ts';
import { isSlot, MESSAGES_ROOT, messageKey, parseSlot } from '../../src/lib/model/message-slots.ts';
import { isConversation, isVolume, volumeDoc } from '../../src/lib/model/names.ts';
import { isPlainObject } from '../../src/lib/model/plain.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import type { Handler } from './runner.ts';

/**
 * An author changed a message in a volume where it does not stand any more, because they had not heard that it was
 * moved: what they wrote goes to where it stands.
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
    await writer.write(volumeDoc(ref, row.volume), (doc) => {
      const messages = doc.getMap(MESSAGES_ROOT);
      if (JSON.stringify(messages.get(key)) !== JSON.stringify(value)) messages.set(key, structuredClone(value));
    });
    await writer.write(volumeDoc(ref, from), (doc) => {
      if (movedTo(doc, slot) === null) markMoved(doc, slot, row.volume);
    });
  };
}
