import type * as Y from 'yjs';
import { ALL, MARKS, READ_ROOT, parseMarks, writerKey, type Marked } from './inbox-fields.ts';
import { isConversation, type ConversationRef } from './names.ts';
import { isCount } from './plain.ts';

/*
 * Two devices that wrote one key at the same time would leave the value of either. So each clientID writes keys of its
 * own, the mark is the largest that stands anywhere, and only what is smaller than that is ever taken away.
 */

/** How far each conversation is read, and under ALL all notifications: the largest mark of any device. */
export function marksIn(doc: Y.Doc): Map<Marked, number> {
  const largest = new Map<Marked, number>();
  for (const [key, value] of doc.getMap(READ_ROOT).entries()) {
    for (const [what, mark] of marksAt(key, value)) {
      if (mark > (largest.get(what) ?? 0)) largest.set(what, mark);
    }
  }
  return largest;
}

/** How far each conversation is read: the number of the last message read, 0 for none. */
export function readMarks(doc: Y.Doc): (conversation: ConversationRef) => number {
  const marks = marksIn(doc);
  return (conversation) => marks.get(conversation) ?? 0;
}

/** Marks a conversation read up to a message. Never backwards, also between devices; false when nothing changes. */
export function markRead(doc: Y.Doc, conversation: ConversationRef, seq: number): boolean {
  return isConversation(conversation) && raiseMark(doc, conversation, seq);
}

/** Raises a mark, and takes away what all marks together have outgrown. False when it stands as high already. */
export function raiseMark(doc: Y.Doc, what: Marked, mark: number): boolean {
  return doc.transact(() => {
    const largest = marksIn(doc);
    if (!isCount(mark) || mark <= (largest.get(what) ?? 0)) return false;
    largest.set(what, mark);
    const read = doc.getMap(READ_ROOT);
    // Smaller only: of two that are equal, each would else be taken away for the other's sake.
    const living = (key: string): [Marked, number][] =>
      marksAt(key, read.get(key)).filter(([name, at]) => at >= (largest.get(name) ?? 0));
    let n = 0;
    while (living(writerKey(doc.clientID, n)).length >= MARKS) n++;
    const own = writerKey(doc.clientID, n);
    read.set(own, Object.fromEntries([...living(own), [what, mark]]));
    for (const [key, value] of [...read.entries()]) {
      if (key !== own && marksAt(key, value).length > 0 && living(key).length === 0) read.delete(key);
    }
    return true;
  });
}

/** The marks of one entry; none for a single mark, or for what is not right. */
function marksAt(key: string, value: unknown): [Marked, number][] {
  // Before marks were of their writer, each had its own key.
  if (key === ALL || isConversation(key)) return isCount(value) ? [[key, value]] : [];
  return parseMarks(key, value) ?? [];
}
