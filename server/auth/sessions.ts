import { Lucia, TimeSpan, type Adapter } from 'lucia';
import type { IncomingHttpHeaders } from 'node:http';
import { basePath } from '../config.ts';
import { StoreUnavailable, type Store } from '../store/store.ts';
import type { AuthedUser } from '../sync/types.ts';
import { hashSecret } from './secrets.ts';

interface UserAttributes {
  seq: number;
  username: string;
  name: string;
  admin: boolean;
  disabled: boolean;
}

interface SessionAttributes {
  /** In the words of `deviceOf`. */
  device: string;
  usedAt: number;
}

declare module 'lucia' {
  interface Register {
    Lucia: Lucia<SessionAttributes, UserAttributes>;
    DatabaseUserAttributes: UserAttributes;
    DatabaseSessionAttributes: SessionAttributes;
  }
}

const SESSION_DAYS = 30;
/** How exactly it is known when a session was last used: each note is a write. */
const NOTE_USE_MS = 10 * 60_000;
/** The form of lucia's session ids: 25 random bytes in base32. Anything else never reaches the database. */
const TOKEN = /^[a-z2-7]{40}$/;
/** Sessions remembered as good, by their hashes: some 100 bytes each. */
const REMEMBERED = 10_000;

/** Someone who is signed in, and how this request proves it. */
export interface Visitor {
  who: AuthedUser;
  via: 'cookie' | 'bearer';
  token: string;
  /** The cookie to send again when the session was just prolonged. */
  renewedCookie: string | null;
}

/** A session that has just begun, for the one who holds it; `session` names it elsewhere. */
export interface Begun {
  token: string;
  cookie: string;
  session: string;
}

export interface Sessions {
  readonly cookieName: string;
  /** The Set-Cookie line that makes a browser forget its session. */
  readonly blankCookie: string;
  /** `device`: see `deviceOf`. */
  begin(userId: string, device: string): Promise<Begun>;
  /** The person behind `Authorization: Bearer` or, without that header, behind the cookie. */
  visitor(headers: IncomingHttpHeaders): Promise<Visitor | null>;
  /** True when its session was good when it was last looked at. Asks no database, and opens nothing. */
  wasGood(headers: IncomingHttpHeaders): boolean;
  /** The person behind a program's token; null for one that is not, or no longer, good. */
  userForToken: (token: string) => Promise<AuthedUser | null>;
  /** Idempotent. */
  end(token: string): Promise<void>;
  removeExpired(): Promise<void>;
}

/** Sessions of 30 days that slide while used. The database holds only SHA-256 of a session's id, never a usable token. */
export function createSessions(store: Store, baseUrl: URL): Sessions {
  const secure = baseUrl.protocol === 'https:';
  const path = basePath(baseUrl) || '/';
  // The prefix keeps neighbours on subdomains from planting a cookie; browsers demand Path=/ for it.
  const cookieName = secure && path === '/' ? '__Host-taskflow_session' : 'taskflow_session';
  const lucia = new Lucia(createAdapter(store), {
    sessionExpiresIn: new TimeSpan(SESSION_DAYS, 'd'),
    sessionCookie: { name: cookieName, attributes: { secure, path, sameSite: 'lax' } },
    getUserAttributes: (attributes) => attributes,
    getSessionAttributes: (attributes) => attributes,
  });

  /** In the order of their last use. */
  const good = new Set<string>();

  function remember(hash: string): void {
    good.delete(hash);
    good.add(hash);
    const [oldest] = good;
    if (good.size > REMEMBERED && oldest !== undefined) good.delete(oldest);
  }

  async function check(token: string): Promise<{ who: AuthedUser; prolonged: boolean } | null> {
    if (!TOKEN.test(token)) return null;
    const hash = hashSecret(token);
    const { session, user } = await lucia.validateSession(token);
    if (!session || user.disabled) {
      good.delete(hash);
      return null;
    }
    remember(hash);
    const now = Date.now();
    if (session.usedAt < now - NOTE_USE_MS) {
      await store.sessions.touch([hash], now, now - NOTE_USE_MS).catch(unlessAway);
    }
    const { id, seq, username, name, admin } = user;
    return { who: { id, seq, username, name, admin, session: hash }, prolonged: session.fresh };
  }

  function tokenOf(headers: IncomingHttpHeaders): string | null {
    return headers.authorization
      ? lucia.readBearerToken(headers.authorization)
      : readCookie(headers.cookie, cookieName);
  }

  return {
    cookieName,
    blankCookie: lucia.createBlankSessionCookie().serialize(),

    async begin(userId, device) {
      const { id } = await lucia.createSession(userId, { device, usedAt: Date.now() });
      const session = hashSecret(id);
      remember(session);
      return { token: id, cookie: lucia.createSessionCookie(id).serialize(), session };
    },

    async visitor(headers) {
      const token = tokenOf(headers);
      const found = token === null ? null : await check(token);
      if (!found || token === null) return null;
      if (headers.authorization) return { who: found.who, via: 'bearer', token, renewedCookie: null };
      const renewedCookie = found.prolonged ? lucia.createSessionCookie(token).serialize() : null;
      return { who: found.who, via: 'cookie', token, renewedCookie };
    },

    wasGood(headers) {
      const token = tokenOf(headers);
      return token !== null && TOKEN.test(token) && good.has(hashSecret(token));
    },

    userForToken: async (token) => (await check(token))?.who ?? null,

    async end(token) {
      if (TOKEN.test(token)) await lucia.invalidateSession(token);
    },

    removeExpired: () => lucia.deleteExpiredSessions(),
  };
}

/** What a session's use is noted for can wait: with a full disk, people still read. */
function unlessAway(error: unknown): void {
  if (!(error instanceof StoreUnavailable)) throw error;
}

/** One cookie's value, or null. Lucia's own parser throws on a neighbour's cookie with a stray percent sign. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

function createAdapter(store: Store): Adapter {
  return {
    async getSessionAndUser(sessionId) {
      const found = await store.sessions.get(hashSecret(sessionId));
      if (!found) return [null, null];
      const { id, seq, username, name, admin, disabled } = found.user;
      return [
        {
          id: sessionId,
          userId: id,
          expiresAt: new Date(found.session.expiresAt),
          attributes: { device: '', usedAt: found.session.usedAt },
        },
        { id, attributes: { seq, username, name, admin, disabled } },
      ];
    },
    /** Their ids are the hashes: the ids themselves are known to their holders only. */
    async getUserSessions(userId) {
      const sessions = await store.sessions.listForUser(userId);
      return sessions.map(({ idHash, expiresAt, device, usedAt }) => ({
        id: idHash,
        userId,
        expiresAt: new Date(expiresAt),
        attributes: { device, usedAt },
      }));
    },
    async setSession({ id, userId, expiresAt, attributes: { device } }) {
      await store.sessions.insert({ idHash: hashSecret(id), userId, expiresAt: expiresAt.getTime(), device });
    },
    async updateSessionExpiration(sessionId, expiresAt) {
      await store.sessions.extend(hashSecret(sessionId), expiresAt.getTime()).catch(unlessAway);
    },
    async deleteSession(sessionId) {
      await store.sessions.remove(hashSecret(sessionId));
    },
    async deleteUserSessions(userId) {
      await store.sessions.removeForUser(userId);
    },
    async deleteExpiredSessions() {
      await store.sessions.removeExpired(Date.now());
    },
  };
}
