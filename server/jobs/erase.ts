import type * as Y from 'yjs';
import { bodyAt, eraseMessage, moderate, removerOf } from '../../src/lib/model/conversation.ts';
import { isId, type UserId } from '../../src/lib/model/ids.ts';
import { isSlot, parseSlot, type Slot } from '../../src/lib/model/message-slots.ts';
import { isConversation, isVolume, volumeDoc } from '../../src/lib/model/names.ts';
import { isCount, isPlainObject } from '../../src/lib/model/plain.ts';
import { LONGEST_WAIT_MS } from '../store/jobs.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import { eraseJob } from '../sync/erasure.ts';
import type { Handler } from './runner.ts';

/**
 * Takes the words of a message away that a moderator removed, unless the removal was taken back, or that its author
 * had deleted when another device of theirs, which did not know, wrote it anew (`final`).
 */
export function erase(store: Store, writer: Writer): Handler {
  return async ({ payload }) => {
    if (!isPlainObject(payload)) return;
    const { ref, slot, volume, final, due, by } = payload;
    const at = parseSlot(slot);
    if (!isConversation(ref) || !isSlot(slot) || !isVolume(volume) || at === null) return;
    const left = isCount(due) ? due - Date.now() : 0;
    // What seems to be further off was counted by a clock that has been set back since.
    if (isCount(due) && left > 0 && left <= LONGEST_WAIT_MS) {
      return store.jobs.enqueue([eraseJob({ ref, slot, volume }, due)]);
    }
    const row = await store.messages.get(ref, at.author, at.mid);
    for (const n of new Set([volume, row?.volume ?? volume])) {
      const name = volumeDoc(ref, n);
      const isNeeded = (doc: Y.Doc): boolean =>
        isWritten(doc, slot) && (final === true || removerOf(doc, slot) !== null);
      const { needed, remover } = await writer.read(name, (doc) => ({
        needed: isNeeded(doc),
        remover: removerOf(doc, slot),
      }));
      if (needed) await writer.write(name, (doc) => isNeeded(doc) && eraseMessage(doc, slot));
      // What came until then has been written down; what comes later finds no words that it would be an edit of.
      if (await writer.read(name, (doc) => bodyAt(doc, slot)?.kind === 'tombstone')) {
        await store.messageEdits.forget([{ ref, ...at }]);
      }
      // Its taking back may have crossed with this, or come later: what has no words any more stays removed, by name.
      const removed = isId(by) ? by : remover;
      if (final !== true && removed !== null) await writer.write(name, (doc) => removeAgain(doc, slot, removed));
    }
  };
}

function isWritten(doc: Y.Doc, slot: Slot): boolean {
  return bodyAt(doc, slot)?.kind === 'message';
}

function removeAgain(doc: Y.Doc, slot: Slot, by: UserId): void {
  if (bodyAt(doc, slot)?.kind === 'tombstone' && removerOf(doc, slot) === null) moderate(doc, slot, by);
}
