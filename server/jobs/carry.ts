import type * as Y from 'yjs';
import { bodyAt, markMoved, movedTo, removerOf } from '../../src/lib/model/conversation.ts';
import { MESSAGES_ROOT, parseKey, slotOf, type Slot } from '../../src/lib/model/message-slots.ts';
import { isConversation, isVolume, volumeDoc } from '../../src/lib/model/names.ts';
import { isPlainObject } from '../../src/lib/model/plain.ts';
import type { MessageSlot } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import type { Handler } from './runner.ts';

/** Messages that one write carries: a turn of the process stays short, however many came at once. */
const AT_ONCE = 100;

type Found = { slot: Slot; key: string; value: unknown; text: string };

/**
 * Messages of a volume were moved to later ones, or someone changed them or reacted to them in the old one because they
 * had not heard of that: what stands in the old one goes to where each message stands, and leaves where it does not.
 * Deleted later there, it would otherwise remain here. One job for all of a volume: a thousand messages that come late
 * come together.
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
        await writer.write(volumeDoc(ref, volume), (doc) => bring(doc, found));
        await writer.write(volumeDoc(ref, from), (doc) => take(doc, found, volume));
      }
    }
  };
}

/** Where the message stands. Running it again changes nothing. */
function bring(doc: Y.Doc, all: readonly Found[]): void {
  const messages = doc.getMap(MESSAGES_ROOT);
  for (const { slot, key, value, text } of all) {
    // Deleted or removed there since: nothing from before comes back.
    if (bodyAt(doc, slot)?.kind === 'tombstone' || removerOf(doc, slot) !== null) continue;
    if (JSON.stringify(messages.get(key)) !== text) messages.set(key, structuredClone(value));
  }
}

/** Where it stood. */
function take(doc: Y.Doc, all: readonly Found[], volume: number): void {
  const messages = doc.getMap(MESSAGES_ROOT);
  for (const { slot, key, text } of all) {
    if (movedTo(doc, slot) === null) markMoved(doc, slot, volume);
    // What came meanwhile has a job of its own.
    if (JSON.stringify(messages.get(key)) === text) messages.delete(key);
  }
}

/** The words of the messages and the reactions to them, as they stand in a volume. */
function entriesOf(doc: Y.Doc): Map<Slot, { at: Omit<MessageSlot, 'ref'>; found: Found[] }> {
  const bySlot = new Map<Slot, { at: Omit<MessageSlot, 'ref'>; found: Found[] }>();
  doc.getMap(MESSAGES_ROOT).forEach((value, key) => {
    const parsed = parseKey(key);
    if (parsed === null) return;
    const { author, mid } = parsed;
    const slot = slotOf(author, mid);
    const entry = { slot, key, value, text: JSON.stringify(value) };
    const known = bySlot.get(slot);
    if (known === undefined) bySlot.set(slot, { at: { author, mid }, found: [entry] });
    else known.found.push(entry);
  });
  return bySlot;
}
