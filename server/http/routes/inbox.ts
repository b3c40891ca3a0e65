import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError, notFound } from '../../../src/lib/api/errors.ts';
import { HeadsQuery, MarkReadBody, PageQuery } from '../../../src/lib/api/schemas.ts';
import { readInbox } from '../../../src/lib/model/inbox.ts';
import { markAllRead, markNotificationRead, markRead, markSeen } from '../../../src/lib/model/inbox-acts.ts';
import { parseSlot } from '../../../src/lib/model/message-slots.ts';
import { inboxDoc } from '../../../src/lib/model/names.ts';
import { accepted, requireConversation } from '../access.ts';
import { route } from '../route.ts';

const NOTIFICATION = /^[1-9]\d{0,14}$/;

export const inboxRoutes = [
  route({
    method: 'GET',
    path: '/notifications',
    summary: "One's notifications, newest first.",
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Notification),
    async handle({ who, query }, s) {
      const { notifications } = await s.sync.read(inboxDoc(who.id), readInbox);
      const before = Number(query.cursor ?? Infinity);
      if (query.cursor !== undefined && !NOTIFICATION.test(query.cursor))
        throw new ApiError('invalid', 'The parameter cursor must be the next of an earlier page.');
      const rest = notifications.filter(({ id }) => id < before);
      const shown = rest.slice(0, query.limit);
      return {
        items: shown.map(({ slot, at, place, ...rest }) => ({
          ...rest,
          done: place.kind === 'done',
          snoozedUntil: place.kind === 'snoozed' ? new Date(place.until).toISOString() : null,
          message: parseSlot(slot)?.mid ?? '',
          at: new Date(at).toISOString(),
        })),
        next: rest.length > shown.length ? String(shown.at(-1)?.id) : null,
      };
    },
  }),

  route({
    method: 'GET',
    path: '/notifications/count',
    summary: 'How many notifications are unread, and how many of them are mentions.',
    access: 'signed-in',
    answer: answers.NotificationCount,
    async handle({ who }, s) {
      const { unread, notifications } = await s.sync.read(inboxDoc(who.id), readInbox);
      return { unread, mentions: notifications.filter((one) => one.unread && one.kind !== 'message').length };
    },
  }),

  route({
    method: 'POST',
    path: '/notifications/:notification/read',
    summary: 'Marks one notification read. Idempotent.',
    access: 'signed-in',
    params: { notification: NOTIFICATION },
    async handle({ who, params }, s) {
      const id = Number(params.notification);
      const there = await s.sync.writeAs(who, inboxDoc(who.id), (doc) => {
        markNotificationRead(doc, id);
        return readInbox(doc).notifications.some((one) => one.id === id);
      });
      if (!accepted(there)) throw notFound();
    },
  }),

  route({
    method: 'POST',
    path: '/notifications/read',
    summary: 'Marks all notifications read, or one conversation to its end.',
    access: 'signed-in',
    body: MarkReadBody,
    async handle({ who, body: { conversation } }, s) {
      if (conversation !== undefined) await requireConversation(s, who, conversation, 'read');
      const last = conversation && (await s.store.conversations.get(conversation));
      accepted(
        await s.sync.writeAs(who, inboxDoc(who.id), (doc) => {
          if (last) {
            markRead(doc, last.ref, last.nextSeq - 1);
            markSeen(doc, last.ref, { from: 0, to: last.nextSeq - 1 });
          } else if (conversation === undefined) markAllRead(doc);
        }),
      );
    },
  }),

  route({
    method: 'GET',
    path: '/heads',
    summary:
      'The documents that a device of this person should hold, each with the number of its latest update; with `of`, those documents instead.',
    access: 'signed-in',
    query: HeadsQuery,
    answer: answers.pageOf(answers.Head),
    handle: async ({ who, query }, s) => ({
      items: query.of === undefined ? await s.sync.heads(who.id) : await s.sync.revs(who.id, query.of),
      next: null,
    }),
  }),
];
