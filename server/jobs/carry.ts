import type * as Y from 'yjs';
import { bodyAt, markMoved, movedTo, removerOf } from '../../src/lib/model/conversation.ts';
import {
  messageKey,
  MESSAGES_ROOT,
  META_ROOT,
  parseKey,
  parseSlot,
  slotOf,
  type Slot,
} from '../../src/lib/model/message-slots.ts';
import { isConversation, isVolume, volumeDoc, type ConversationRef } from '../../src/lib/model/names.ts';
import { isPlainObject } from '../../src/lib/model/plain.ts';
import { reached } from '../milestones.ts';
import type { MessageSlot } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import { copiedKey, digestOf } from '../sync/copied.ts';
import type { Carried, Writer } from '../sync/writer.ts';
import type { Handler } from './runner.ts';

/** Messages that one write carries: a turn of the process stays short, however many came at once. */
const AT_ONCE = 100;

type Found = { slot: Slot; key: string; text: string };

/**
 * Messages of a volume were moved to later ones, or someone changed them or reacted to them in the old one because they
 * had not heard of that: what stands in the old one goes to where each message stands, and leaves where it does not.
 * Deleted later there, it would otherwise remain here. One job for all of a volume: a thousand messages that come late
 * come together. Each goes and comes in one transaction: what is carried a second time, after this process died in
 * between, would undo what was written where the message stands meanwhile.
 */
export function carry(store: Store, writer: Writer): Handler {
  return async ({ payload }) => {
    if (!isPlainObject(payload)) return;
    const { ref, from } = payload;
    if (!isConversation(ref) || !isVolume(from)) return;
    const bySlot = await writer.read(volumeDoc(ref, from), entriesOf);
    const slots = [...bySlot.values()].map(({ at }) => ({ ref, ...at }));
    const elsewhere = new Map<number, Found[][]>();
    for (const { author, mid, volume } of await store.messages.existing(slots)) {
      if (volume === from) continue;
      const found = bySlot.get(slotOf(author, mid))?.found ?? [];
      elsewhere.set(volume, [...(elsewhere.get(volume) ?? []), found]);
    }
    for (const [volume, all] of elsewhere) {
      for (let i = 0; i < all.length; i += AT_ONCE) {
        const found = all.slice(i, i + AT_ONCE).flat();
        reached('carry:begun');
        await writer.move(volumeDoc(ref, from), volumeDoc(ref, volume), (old, head) =>
          moveOver(old, head, found, ref, volume),
        );
        reached('carry:stored');
      }
    }
  };
}

/** From where the messages stood to where they stand. Answers the words that are new there. */
function moveOver(old: Y.Doc, head: Y.Doc, all: readonly Found[], ref: ConversationRef, volume: number): Carried[] {
  const [from, to] = [old.getMap(MESSAGES_ROOT), head.getMap(MESSAGES_ROOT)];
  const meta = old.getMap(META_ROOT);
  const carried: Carried[] = [];
  for (const { slot, key, text } of all) {
    if (movedTo(old, slot) === null) markMoved(old, slot, volume);
    const value = from.get(key);
    // What came meanwhile has a job of its own.
    if (JSON.stringify(value) !== text) continue;
    const isWords = key === messageKey(slot);
    const isCopied = isWords && meta.get(copiedKey(slot)) === digestOf(value);
    const before = bodyAt(head, slot);
    // Deleted or removed there since: nothing from before comes back.
    const isOver = before?.kind === 'tombstone' || removerOf(head, slot) !== null;
    if (!isOver && !isCopied && JSON.stringify(to.get(key)) !== text) {
      to.set(key, structuredClone(value));
      const at = isWords ? parseSlot(slot) : null;
      const body = bodyAt(head, slot);
      if (at !== null) carried.push({ ref, volume, slot, ...at, value, body, before, removed: false });
    }
    from.delete(key);
    if (isWords && meta.has(copiedKey(slot))) meta.delete(copiedKey(slot));
  }
  return carried;
}

/** The words of the messages and the reactions to them, as they stand in a volume. */
function entriesOf(doc: Y.Doc): Map<Slot, { at: Omit<MessageSlot, 'ref'>; found: Found[] }> {
  const bySlot = new Map<Slot, { at: Omit<MessageSlot, 'ref'>; found: Found[] }>();
  doc.getMap(MESSAGES_ROOT).forEach((value, key) => {
    const parsed = parseKey(key);
    if (parsed === null) return;
    const { author, mid } = parsed;
    const slot = slotOf(author, mid);
    const entry = { slot, key, text: JSON.stringify(value) };
    const known = bySlot.get(slot);
    if (known === undefined) bySlot.set(slot, { at: { author, mid }, found: [entry] });
    else known.found.push(entry);
  });
  return bySlot;
}
