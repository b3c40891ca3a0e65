import type { InferInput } from 'valibot';
import { api, type Me, type Session } from './client.ts';
import type { MePatch } from './schemas.ts';

/** A new password ends every other session. */
export const updateMe = (body: InferInput<typeof MePatch>) => api.call<Me>('PATCH', '/me', body);

/** One's own, on all devices. */
export const sessions = {
  list: (page?: { cursor?: string; limit?: number }) => api.list<Session>('/sessions', page),
  end: (session: string) => api.call<void>('DELETE', `/sessions/${session}`),
  endOthers: () => api.call<void>('DELETE', '/sessions'),
};
