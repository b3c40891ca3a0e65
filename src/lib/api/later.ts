import type { InferInput } from 'valibot';
import { api, type Message, type Wording } from './client.ts';
import type * as schemas from './schemas.ts';

/** What nobody asks before a page stands: no first visit waits for it. Otherwise as `api`. */
const { call, list } = api;

export const rooms = {
  /** For good, with everything that was said there. */
  remove: (room: string) => call<void>('DELETE', `/rooms/${room}`),
};

export const messages = {
  get: (message: string) => call<Message>('GET', `/messages/${message}`),
  /** What it said before it was edited, the oldest first. */
  edits: (message: string) => list<Wording>(`/messages/${message}/edits`),
};

export const push = {
  key: () => call<{ key: string }>('GET', '/push/key'),
  subscribe: (body: InferInput<typeof schemas.PushBody>) => call<void>('POST', '/push/subscriptions', body),
  unsubscribe: () => call<void>('DELETE', '/push/subscriptions'),
};
