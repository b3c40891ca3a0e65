import { describe, expect, it } from 'vitest';
import { createApi } from './client.ts';

function answering(status: number, body: string) {
  const asked: Request[] = [];
  const fake: typeof fetch = (input, init) => {
    asked.push(new Request(new URL(input as string, 'http://here'), init));
    return Promise.resolve(new Response(status === 204 ? null : body, { status }));
  };
  return { asked, api: createApi({ base: '/tasks', fetch: fake }) };
}

describe('the API client', () => {
  it('asks below the base, and hands over the value', async () => {
    const { api, asked } = answering(200, '{"items":[],"next":null}');
    expect(await api.list('/boards', { limit: 10 })).toEqual({ ok: true, value: { items: [], next: null } });
    expect(asked[0]?.url).toBe('http://here/tasks/api/v1/boards?limit=10');
  });

  it('sends JSON', async () => {
    const { api, asked } = answering(201, '{}');
    await api.signIn({ username: 'anna', password: 'secret' });
    expect(asked[0]?.headers.get('content-type')).toBe('application/json');
    expect(await asked[0]?.json()).toEqual({ username: 'anna', password: 'secret' });
  });

  it('hands over a refusal as a value', async () => {
    const { api } = answering(403, '{"error":{"code":"forbidden","message":"No."}}');
    expect(await api.me()).toEqual({ ok: false, error: { code: 'forbidden', message: 'No.' } });
  });

  it('calls it offline when a proxy answers for the server, or nobody does', async () => {
    const { api } = answering(502, '<html>Bad gateway</html>');
    expect(await api.me()).toMatchObject({ ok: false, error: { code: 'offline' } });
    const gone = createApi({ base: '', fetch: () => Promise.reject(new TypeError('fetch failed')) });
    expect(await gone.me()).toMatchObject({ ok: false, error: { code: 'offline' } });
  });

  it('takes an empty answer for success', async () => {
    expect(await answering(204, '').api.signOut('this')).toEqual({ ok: true, value: undefined });
  });
});
