import type { NewWording } from '../store/message-edits.ts';
import type { MessageSlot } from '../store/messages.ts';
import type { Said } from './acts.ts';

/** What becomes of the history of messages. */
export type EditChanges = { add: NewWording[]; forget: MessageSlot[] };

/**
 * Adds to `changes` what a message said before this. Nothing that was never accepted: of edits that were made offline
 * only the last arrives. With a deletion the history goes.
 */
export function noteEdit({ ref, author, mid, before, body }: Said, now: number, changes: EditChanges): void {
  if (body?.kind !== 'message') {
    changes.add = changes.add.filter((one) => one.ref !== ref || one.author !== author || one.mid !== mid);
    changes.forget.push({ ref, author, mid });
  } else if (before?.kind === 'message' && before.text !== body.text) {
    changes.add.push({ ref, author, mid, text: before.text, until: now });
  }
}
