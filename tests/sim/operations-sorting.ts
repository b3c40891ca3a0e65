import { readInbox, type Item, type Place } from '../../src/lib/model/inbox.ts';
import { markNotifications, placeNotifications } from '../../src/lib/model/inbox-acts.ts';
import { did, type Doing, type Operation } from './doing.ts';

/** Later than any run ends: what comes back by the clock is proven with the model. */
const LATER: Place = { kind: 'snoozed', until: 4e12 };

function sort(doing: Doing, holds: (item: Item) => boolean, as: 'done' | 'snoozed' | 'inbox' | 'unread'): boolean {
  const { tab, chance } = doing;
  const { inbox } = tab.client;
  const one = chance.pickOr(readInbox(inbox.doc).notifications.filter(holds));
  if (one === null) return false;
  const place: Place = as === 'snoozed' ? LATER : as === 'done' ? { kind: 'done' } : { kind: 'inbox' };
  const done = tab.change(inbox, (doc) =>
    as === 'unread' ? markNotifications(doc, [one.id], 'unread') : placeNotifications(doc, [one.id], place),
  );
  return done && did(doing, inbox, { kind: 'sort', id: one.id, as });
}

/** Sorting the inbox: done, snoozed, back, unread again. */
export const SORTING: readonly Operation[] = [
  ['be done with a notification', 2, (doing) => sort(doing, ({ place }) => place.kind === 'inbox', 'done')],
  ['snooze a notification', 1, (doing) => sort(doing, ({ place }) => place.kind === 'inbox', 'snoozed')],
  ['take a notification back', 1, (doing) => sort(doing, ({ place }) => place.kind !== 'inbox', 'inbox')],
  [
    'mark a notification unread',
    1,
    (doing) => sort(doing, (one) => one.place.kind === 'inbox' && !one.unread, 'unread'),
  ],
];
