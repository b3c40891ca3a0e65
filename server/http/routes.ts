import * as v from 'valibot';
import { addressOf } from '../config.ts';
import { describeApi } from './openapi.ts';
import { API_PATH, route, type Route, type Services } from './route.ts';
import { boardRoutes } from './routes/boards.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { roomMemberRoutes } from './routes/room-members.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { roomRoutes } from './routes/rooms.ts';
import { pushRoutes } from './routes/push.ts';
import { sessionRoutes } from './routes/session.ts';
import { sessionListRoutes } from './routes/sessions.ts';
import { taskRoutes } from './routes/tasks.ts';

/** Made once for each server: it takes milliseconds, and anybody may ask for it as often as they like. */
const descriptions = new WeakMap<Services, Record<string, unknown>>();

function descriptionFor(services: Services): Record<string, unknown> {
  let description = descriptions.get(services);
  if (!description) {
    const { site, sessions } = services;
    const url = addressOf(site.baseUrl, API_PATH);
    description = { ...describeApi(ROUTES, { url, cookieName: sessions.cookieName }) };
    descriptions.set(services, description);
  }
  return description;
}

/** Every route below /api/v1. A route that is not here does not exist. */
export const ROUTES: readonly Route[] = [
  ...sessionRoutes,
  ...sessionListRoutes,
  ...boardRoutes,
  ...roomRoutes,
  ...roomMemberRoutes,
  ...invitationRoutes,
  ...taskRoutes,
  ...conversationRoutes,
  ...inboxRoutes,
  ...pushRoutes,
  route({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description.',
    access: 'public',
    answer: v.record(v.string(), v.unknown()),
    handle: (_context, s) => Promise.resolve(descriptionFor(s)),
  }),
];
