import { createApi } from '../api/client.ts';
import type { Endpoint } from './endpoint.ts';

/** What synchronising needs of the HTTP API. */
export type ServerApi = Pick<ReturnType<typeof createApi>, 'me' | 'signOut' | 'heads'>;

export function serverApi(at: Endpoint): ServerApi {
  const base = `${at.origin}${at.base}`;
  if (at.token === '') return createApi({ base, fetch: at.fetch });
  const headers = { authorization: `Bearer ${at.token}` };
  return createApi({ base, fetch: (url, request) => at.fetch(url, { ...request, headers }) });
}
