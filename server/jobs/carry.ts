import type * as Y from 'yjs';
import { bodyAt, markMoved, movedTo, removerOf } from '../../src/lib/model/conversation.ts';
import { isSlot, MESSAGES_ROOT, parseKey, parseSlot, slotOf, type Slot } from '../../src/lib/model/message-slots.ts';
import { isConversation, isVolume, volumeDoc } from '../../src/lib/model/names.ts';
import { isPlainObject } from '../../src/lib/model/plain.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import type { Handler } from './runner.ts';

/**
 * A message was moved to the head volume, or someone changed it or reacted to it in the old one because they had not heard
 * of that: what stands in the old one goes to where the message stands, and leaves where it does not. Deleted later there, it
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
    const found = await writer.read(volumeDoc(ref, from), (doc) => entriesOf(doc, slot));
    if (found.length === 0) return;
    await writer.write(volumeDoc(ref, row.volume), (doc) => {
      // Deleted or removed there since: nothing from before comes back.
      if (bodyAt(doc, slot)?.kind === 'tombstone' || removerOf(doc, slot) !== null) return;
      const messages = doc.getMap(MESSAGES_ROOT);
      for (const { key, value, text } of found) {
        if (JSON.stringify(messages.get(key)) !== text) messages.set(key, structuredClone(value));
      }
    });
    await writer.write(volumeDoc(ref, from), (doc) => {
      if (movedTo(doc, slot) === null) markMoved(doc, slot, row.volume);
      const messages = doc.getMap(MESSAGES_ROOT);
      // What came meanwhile has a job of its own.
      for (const { key, text } of found) if (JSON.stringify(messages.get(key)) === text) messages.delete(key);
    });
  };
}

/** The words of a message and the reactions to it, as they stand in a volume. */
function entriesOf(doc: Y.Doc, slot: Slot): { key: string; value: unknown; text: string }[] {
  const messages = doc.getMap(MESSAGES_ROOT);
  const keys = [...messages.keys()].filter((key) => {
    const parsed = parseKey(key);
    return parsed !== null && slotOf(parsed.author, parsed.mid) === slot;
  });
  return keys.map((key) => {
    const value = messages.get(key);
    return { key, value, text: JSON.stringify(value) };
  });
}
