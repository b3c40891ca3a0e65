import type * as Y from 'yjs';
import { ALL, DONE, type Notification } from './inbox-fields.ts';
import { notificationsIn } from './notification-list.ts';
import { Marks } from './read-marks.ts';

/** Where its owner keeps a notification. Snoozed until a moment of this device's clock, in milliseconds. */
export type Place = { kind: 'inbox' } | { kind: 'done' } | { kind: 'snoozed'; until: number };

/** A notification as its owner sees it. What is done with or snoozed is not unread; what comes back is. */
export type Item = Notification & { unread: boolean; place: Place };

/** The notifications that a document holds, newest first, as they stand at this moment. */
export function readItems(doc: Y.Doc, now: number): Item[] {
  const marks = new Marks(doc);
  return notificationsIn(doc)
    .map(({ notification: one }) => ({ ...one, unread: isUnread(one, marks, now), place: placeOf(one.id, marks, now) }))
    .sort((a, b) => b.id - a.id);
}

/** Whether it waits for its owner: not read, not put away. */
export function isUnread({ id, conversation, seq, late }: Notification, marks: Marks, now: number): boolean {
  if (placeOf(id, marks, now).kind !== 'inbox') return false;
  const placed = marks.last(`p/${id}`);
  const said = marks.last(`r/${id}`);
  const cameBack = placed !== null && placed[1] > 0;
  if (said !== null && !(cameBack && placed[0] > said[0])) return said[1] === 0;
  return (
    cameBack || ((late === 1 || seq > marks.upTo(conversation)) && id > marks.upTo(ALL) && marks.upTo(`n/${id}`) === 0)
  );
}

/** Where its owner keeps it at this moment. */
export function placeOf(id: number, marks: Marks, now: number): Place {
  const until = marks.last(`p/${id}`)?.[1] ?? 0;
  if (until === DONE) return { kind: 'done' };
  return until > now ? { kind: 'snoozed', until } : { kind: 'inbox' };
}
