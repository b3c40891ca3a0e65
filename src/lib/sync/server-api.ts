import { createApi } from '../api/client.ts';
import type { Endpoint } from './endpoint.ts';

/** What synchronising needs of the HTTP API. */
export type ServerApi = Pick<ReturnType<typeof createApi>, 'me' | 'signOut' | 'heads'>;

/** Differences below this are the way there, and the whole seconds of the answer. */
const NOTABLE_MS = 60_000;

/** Hears with each answer how far the server's clock is ahead of this device's; 0 while they agree. */
export const serverClock: { ahead: (ms: number) => void } = { ahead: () => undefined };

export function serverApi(at: Endpoint): ServerApi {
  const headers: HeadersInit = at.token === '' ? {} : { authorization: `Bearer ${at.token}` };
  return createApi({
    base: `${at.origin}${at.base}`,
    fetch: async (url, request) => {
      const response = await at.fetch(url, { ...request, headers: { ...request?.headers, ...headers } });
      const ahead = Date.parse(response.headers.get('date') ?? '') - Date.now();
      if (!Number.isNaN(ahead)) serverClock.ahead(Math.abs(ahead) < NOTABLE_MS ? 0 : ahead);
      return response;
    },
  });
}
