import type { Endpoint } from './endpoint.ts';
import type { Me } from './host.ts';

/** What synchronising needs of the HTTP API. `offline` is the code of a request that reached nobody. */
export type Answer<T> = { ok: true; value: T } | { ok: false; code: string };
export type Head = { name: string; rev: number };
export type ServerApi = {
  me(): Promise<Answer<Me>>;
  signOut(): Promise<Answer<null>>;
  heads(): Promise<Answer<Head[]>>;
};

export function serverApi(at: Endpoint): ServerApi {
  const call = async <T>(method: string, path: string, read: (body: unknown) => T): Promise<Answer<T>> => {
    try {
      const headers = at.token === '' ? {} : { authorization: `Bearer ${at.token}` };
      const answer = await at.fetch(`${at.origin}${at.base}/api/v1${path}`, { method, headers });
      if (answer.status === 401) return { ok: false, code: 'unauthenticated' };
      if (!answer.ok) return { ok: false, code: answer.status >= 500 ? 'offline' : 'refused' };
      return { ok: true, value: read(answer.status === 204 ? null : await answer.json()) };
    } catch {
      return { ok: false, code: 'offline' };
    }
  };
  return {
    me: () => call('GET', '/me', (body) => body as Me),
    signOut: () => call('DELETE', '/session', () => null),
    heads: () => call('GET', '/heads', (body) => (body as { items: Head[] }).items),
  };
}
