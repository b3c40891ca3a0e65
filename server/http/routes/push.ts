import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError } from '../../../src/lib/api/errors.ts';
import { PushBody } from '../../../src/lib/api/schemas.ts';
import { newId } from '../../../src/lib/model/ids.ts';
import { parseEndpoint } from '../../push/endpoint.ts';
import { route } from '../route.ts';

/** Browsers of one person that are told. The oldest makes room. */
const MOST = 20;

export const pushRoutes = [
  route({
    method: 'GET',
    path: '/push/key',
    summary: 'The key with which a browser subscribes to pushes of this server.',
    access: 'signed-in',
    answer: answers.PushKey,
    handle: (_context, s) => Promise.resolve({ key: s.push.publicKey }),
  }),

  route({
    method: 'POST',
    path: '/push/subscriptions',
    summary:
      'Has this session’s browser told of what comes into the inbox. Ends with the session; takes the place of the one before.',
    access: 'signed-in',
    body: PushBody,
    async handle({ who, body: { endpoint, keys } }, s) {
      if (parseEndpoint(endpoint, s.site.pushPrivateEndpoints) === null) {
        throw new ApiError('invalid', 'The field endpoint must be the https address of a push service.');
      }
      await s.store.push.subscribe(who.session, { id: newId(), user: who.id, endpoint, ...keys }, MOST);
    },
  }),

  route({
    method: 'DELETE',
    path: '/push/subscriptions',
    summary: 'Ends the subscription of this session. Idempotent.',
    access: 'signed-in',
    handle: ({ who }, s) => s.store.push.unsubscribe(who.session),
  }),
];
