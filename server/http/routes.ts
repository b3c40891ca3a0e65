import * as v from 'valibot';
import { addressOf } from '../config.ts';
import { describeApi } from './openapi.ts';
import { API_PATH, route, type Route } from './route.ts';
import { boardRoutes } from './routes/boards.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { sessionRoutes } from './routes/session.ts';
import { sessionListRoutes } from './routes/sessions.ts';
import { taskRoutes } from './routes/tasks.ts';

/** Every route below /api/v1. A route that is not here does not exist. */
export const ROUTES: readonly Route[] = [
  ...sessionRoutes,
  ...sessionListRoutes,
  ...boardRoutes,
  ...invitationRoutes,
  ...taskRoutes,
  ...conversationRoutes,
  ...inboxRoutes,
  route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description.',
    access: 'public',
    answer: v.record(v.string(), v.unknown()),
    handle: (_context, { site, sessions }) =>
      Promise.resolve({
        ...describeApi(ROUTES, { url: addressOf(site.baseUrl, API_PATH), cookieName: sessions.cookieName }),
      }),
  }),
];
