import * as answers from '../../../src/lib/api/answers.ts';
import { notFound } from '../../../src/lib/api/errors.ts';
import { PageQuery } from '../../../src/lib/api/schemas.ts';
import type { ListedSession } from '../../store/sessions.ts';
import { pageAfter } from '../page.ts';
import { route } from '../route.ts';
import { endOthers } from './session.ts';

/** Sorts the newest first, for as long as there are milliseconds. */
const newestFirst = ({ createdAt, id }: ListedSession) => `${String(1e16 - createdAt).padStart(17, '0')}.${id}`;

export const sessionListRoutes = [
  route({
    method: 'GET',
    path: '/sessions',
    summary: 'Where one is signed in, the newest first.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Session),
    async handle({ who, query }, s) {
      const now = Date.now();
      const sessions = await s.store.sessions.listForUser(who.id);
      const good = sessions.filter(({ expiresAt }) => expiresAt > now);
      const { items, next } = pageAfter(good, newestFirst, query);
      return {
        items: items.map(({ id, device, createdAt, usedAt, idHash }) => ({
          id,
          device,
          createdAt: new Date(createdAt).toISOString(),
          usedAt: new Date(usedAt).toISOString(),
          current: idHash === who.session,
        })),
        next,
      };
    },
  }),

  route({
    method: 'DELETE',
    path: '/sessions',
    summary: 'Signs out everywhere else: ends all other sessions and their connections.',
    access: 'signed-in',
    handle: ({ who }, s) => endOthers(s, who),
  }),

  route({
    method: 'DELETE',
    path: '/sessions/:session',
    summary: 'Ends one of one’s own sessions and its connections.',
    access: 'signed-in',
    async handle({ who, params, visitor, setCookie }, s) {
      const session = await s.store.sessions.removeById(who.id, params.session);
      if (session === null) throw notFound();
      if (session === who.session && visitor.via === 'cookie') setCookie(s.sessions.blankCookie);
      await s.sync.revoke({ user: who.id, session });
    },
  }),
];
