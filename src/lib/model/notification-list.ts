import type * as Y from 'yjs';
import { NOTIFICATIONS_ROOT, parseNotification, type Notification } from './inbox-fields.ts';

/** What was read of an entry holds as long as the entry: nobody changes the values in a document. */
const known = new WeakMap<object, Notification | null>();

/** The notifications of a document with their places in its list, in the list's order; what is none is passed over. */
export function notificationsIn(doc: Y.Doc): { index: number; notification: Notification }[] {
  return doc
    .getArray(NOTIFICATIONS_ROOT)
    .toArray()
    .flatMap((value, index) => {
      const notification = read(value);
      return notification === null ? [] : [{ index, notification }];
    });
}

function read(value: unknown): Notification | null {
  if (typeof value !== 'object' || value === null) return null;
  let notification = known.get(value);
  if (notification === undefined) known.set(value, (notification = parseNotification(value)));
  return notification;
}
