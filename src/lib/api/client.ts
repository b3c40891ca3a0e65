import type { InferInput, InferOutput } from 'valibot';
import type * as answers from './answers.ts';
import type { ErrorBody, ErrorCode } from './errors.ts';
import type * as schemas from './schemas.ts';

export type Me = InferOutput<typeof answers.Me>;
export type Session = InferOutput<typeof answers.Session>;
export type Member = InferOutput<typeof answers.Member>;
export type Invitation = InferOutput<typeof answers.Invitation>;
export type NewInvitation = InferOutput<typeof answers.NewInvitation>;
export type InvitationPeek = InferOutput<typeof answers.InvitationPeek>;
export type Accepted = InferOutput<typeof answers.Accepted>;
export type Message = InferOutput<typeof answers.Message>;
export type Wording = InferOutput<typeof answers.Wording>;
export type Head = InferOutput<typeof answers.Head>;

/** `offline`: nobody was reached, or nobody who speaks this API. */
export interface Refusal {
  code: ErrorCode | 'offline';
  message: string;
}
export type Result<T> = { ok: true; value: T } | { ok: false; error: Refusal };
export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface ApiOptions {
  /** The path that the app is served under, without a slash at its end; `''` for none. */
  base: string;
  fetch?: typeof fetch;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const OFFLINE: Refusal = {
  code: 'offline',
  message: 'The server cannot be reached. Check the connection and try again.',
};

/**
 * The HTTP API with its types. No function rejects: a refusal, and a server out of reach, are values. That the server
 * answers as `answers.ts` says is proven by the server's own tests, not checked here.
 */
export function createApi(options: ApiOptions) {
  async function call<T>(method: Method, path: string, body?: object): Promise<Result<T>> {
    try {
      const response = await (options.fetch ?? fetch)(`${options.base}/api/v1${path}`, {
        method,
        ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      if (response.status === 204) return { ok: true, value: undefined as T };
      const value: unknown = await response.json();
      return response.ok ? { ok: true, value: value as T } : { ok: false, error: refusalIn(value) };
    } catch {
      return { ok: false, error: OFFLINE };
    }
  }

  const list = <T>(path: string, page: { cursor?: string; limit?: number; of?: string } = {}) => {
    const query = new URLSearchParams(Object.entries(page).map(([name, value]) => [name, String(value)]));
    return call<Page<T>>('GET', query.size > 0 ? `${path}?${query}` : path);
  };

  return {
    call,
    list,
    setup: (body: InferInput<typeof schemas.SetupBody>) => call<Me>('POST', '/setup', body),
    signIn: (body: { username: string; password: string }) => call<Me>('POST', '/session', body),
    /** Ends this session, and none that was begun since. */
    signOut: (session: string) => call<void>('DELETE', `/session?only=${session}`),
    me: () => call<Me>('GET', '/me'),
    invitations: {
      peek: (code: string) => call<InvitationPeek>('GET', `/invitations/${encodeURIComponent(code)}`),
      /** `{}` joins as who is signed in. */
      accept: (code: string, body: InferInput<typeof schemas.AcceptBody>) =>
        call<Accepted>('POST', `/invitations/${encodeURIComponent(code)}/accept`, body),
    },
    /** What a device should hold; with `of`, how far these documents have come. */
    heads: (of?: readonly string[]) => list<Head>('/heads', of && { of: of.join(',') }),
  };
}

const own: ApiOptions = { base: '' };

/** The API of the server that served this page. Tell `setBase` first when the app lives under a path. */
export const api = createApi(own);

/** Says under which path the app is served. Holds for every later call. */
export function setBase(base: string): void {
  own.base = base;
}

function refusalIn(value: unknown): Refusal {
  const { error } = (value ?? {}) as Partial<ErrorBody>;
  return typeof error?.code === 'string' && typeof error.message === 'string' ? error : OFFLINE;
}
