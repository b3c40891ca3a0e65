import type * as Y from 'yjs';
import { ALL, DONE, type Mark, type Marked, type Notification } from './inbox-fields.ts';
import { isUnread, placeOf, readItems, type Place } from './inbox-items.ts';
import { isConversation, type ConversationRef } from './names.ts';
import { notificationsIn } from './notification-list.ts';
import { isCount } from './plain.ts';
import { raiseMarks } from './raise-marks.ts';
import { Marks } from './read-marks.ts';

/** Marks one notification read. False when it is not there or read already. */
export function markNotificationRead(doc: Y.Doc, id: number, now: number = Date.now()): boolean {
  return markNotifications(doc, [id], 'read', now);
}

/** Marks notifications read or unread; those that are done with or snoozed stay as they are. False when nothing changes. */
export function markNotifications(
  doc: Y.Doc,
  ids: readonly number[],
  as: 'read' | 'unread',
  now: number = Date.now(),
): boolean {
  if (ids.length === 0) return false;
  return doc.transact(() => {
    const marks = new Marks(doc);
    const unread = as === 'unread';
    const chosen = among(doc, ids).filter(
      (one) => placeOf(one.id, marks, now).kind === 'inbox' && isUnread(one, marks, now) !== unread,
    );
    return raiseMarks(
      doc,
      chosen.map(({ id }): [Marked, Mark] => {
        // The first reading needs no turn: nothing speaks against it.
        if (!unread && marks.last(`r/${id}`) === null && marks.last(`p/${id}`) === null) return [`n/${id}`, 1];
        return [`r/${id}`, [nextAct(id, marks), unread ? 0 : 1]];
      }),
    );
  });
}

/**
 * Puts notifications away (done, or snoozed) or back. What was snoozed comes back by itself, unread. False when nothing
 * changes. A snooze into the past is none.
 */
export function placeNotifications(
  doc: Y.Doc,
  ids: readonly number[],
  place: Place,
  now: number = Date.now(),
): boolean {
  const value = place.kind === 'inbox' ? 0 : place.kind === 'done' ? DONE : place.until;
  if (place.kind === 'snoozed' && !(value > now)) return false;
  return doc.transact(() => {
    const marks = new Marks(doc);
    const chosen = among(doc, ids).filter(({ id }) => {
      const old = placeOf(id, marks, now);
      return old.kind !== place.kind || (marks.last(`p/${id}`)?.[1] ?? 0) !== value;
    });
    return raiseMarks(
      doc,
      chosen.map(({ id }) => [`p/${id}`, [nextAct(id, marks), value]]),
    );
  });
}

/** Marks every notification read that is here now, and forgets the single marks that this covers. */
export function markAllRead(doc: Y.Doc, now: number = Date.now()): boolean {
  return doc.transact(() => {
    const items = readItems(doc, now);
    const newest = items[0];
    const unread = items.filter((one) => one.unread).map((one) => one.id);
    if (newest === undefined || unread.length === 0) return false;
    raiseMarks(doc, [[ALL, newest.id]]);
    markNotifications(doc, unread, 'read', now);
    return true;
  });
}

/**
 * Marks a conversation read up to a message, also what was marked unread there or came back from a snooze. Of what an edit
 * told, only the message itself counts as read: `markSeen`. Never backwards, also between devices; false when nothing
 * changes.
 */
export function markRead(doc: Y.Doc, conversation: ConversationRef, seq: number, now: number = Date.now()): boolean {
  if (!isConversation(conversation) || !isCount(seq)) return false;
  return doc.transact(() => {
    const marks = new Marks(doc);
    const raised = raiseMarks(doc, [[conversation, seq]], marks);
    const again = notificationsIn(doc)
      .map(({ notification }) => notification)
      .filter((one) => one.conversation === conversation && one.seq <= seq && one.late !== 1)
      .filter((one) => isUnread(one, marks, now))
      .map((one) => one.id);
    return markNotifications(doc, again, 'read', now) || raised;
  });
}

/** Marks read what tells of these messages of a conversation, which were in view. False when nothing changes. */
export function markSeen(
  doc: Y.Doc,
  conversation: ConversationRef,
  { from, to }: { from: number; to: number },
  now: number = Date.now(),
): boolean {
  const seen = notificationsIn(doc)
    .map(({ notification }) => notification)
    .filter((one) => one.conversation === conversation && one.seq >= from && one.seq <= to);
  return markNotifications(
    doc,
    seen.map(({ id }) => id),
    'read',
    now,
  );
}

/** Later than everything that was done with this notification, as far as this device knows. */
function nextAct(id: number, marks: Marks): number {
  return 1 + Math.max(marks.last(`r/${id}`)?.[0] ?? 0, marks.last(`p/${id}`)?.[0] ?? 0);
}

function among(doc: Y.Doc, ids: readonly number[]): Notification[] {
  const wanted = new Set(ids);
  return notificationsIn(doc).flatMap(({ notification }) => (wanted.has(notification.id) ? [notification] : []));
}
