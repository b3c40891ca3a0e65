import type * as Y from 'yjs';
import { MESSAGES_ROOT, parseBody } from './message-slots.ts';

/** Until when messages were written that wait for the server and may not have been read from the device yet. */
const waitingUntil = new WeakMap<Y.Doc, number>();

/**
 * Says that messages with hints up to this one wait for the server, which this document may not hold yet: what is written
 * next comes after them.
 */
export function writeAfter(doc: Y.Doc, hint: number): void {
  waitingUntil.set(doc, Math.max(hint, waitingUntil.get(doc) ?? 0));
}

/** The latest hint of the messages that a transaction wrote; null when it wrote none. */
export function latestHint({ doc, changed }: Y.Transaction): number | null {
  const messages = doc.share.get(MESSAGES_ROOT);
  const keys = messages === undefined ? undefined : changed.get(messages);
  if (keys === undefined) return null;
  const hints = [...keys].flatMap((key) => {
    const body = key === null ? null : parseBody(doc.getMap(MESSAGES_ROOT).get(key));
    return body?.kind === 'message' && body.hint !== null ? [body.hint] : [];
  });
  return hints.length === 0 ? null : Math.max(...hints);
}

/** The hint of a message that is written at `now` by this device's clock, as far as the messages outside of it say. */
export function earliestHint(doc: Y.Doc, now: number): number {
  const until = waitingUntil.get(doc);
  return until === undefined ? now : Math.max(now, until + 1);
}
