import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError } from '../../../src/lib/api/errors.ts';
import { MePatch, SetupBody, SignInBody, SignOutQuery } from '../../../src/lib/api/schemas.ts';
import { deviceOf, PROGRAM } from '../../auth/device.ts';
import { hashSecret } from '../../auth/secrets.ts';
import type { Begun, Visitor } from '../../auth/sessions.ts';
import type { User } from '../../store/users.ts';
import type { AuthedUser } from '../../sync/types.ts';
import { countGuess } from '../guesses.ts';
import { takeFrom } from '../limits.ts';
import { route, type Services } from '../route.ts';

/** What a sync client needs to know of itself. `session`: the hash of its token. */
export function meOf({ id, seq, username, name, admin }: User | AuthedUser, session: string) {
  return { id, seq, username, name, admin, session: nameOf(session) };
}

/** Enough of a session's hash to tell it from the person's others. */
function nameOf(session: string): string {
  return session.slice(0, 16);
}

/** Begins a session in this browser, in place of the one it had. */
export async function signIn(
  s: Services,
  context: { visitor: Visitor | null; userAgent: string | undefined; setCookie: (line: string) => void },
  user: User,
): Promise<Begun> {
  if (context.visitor?.via === 'cookie') await endSession(s, context.visitor);
  const begun = await s.sessions.begin(user.id, deviceOf(context.userAgent));
  context.setCookie(begun.cookie);
  return begun;
}

async function endSession(s: Services, { token, who }: Visitor): Promise<void> {
  await s.sessions.end(token);
  await s.sync.revoke({ user: who.id, session: who.session });
}

/** Ends every session of this person but the one that they ask with. */
export async function endOthers(s: Services, who: AuthedUser): Promise<void> {
  const ended = await s.store.sessions.removeForUser(who.id, who.session);
  for (const session of ended) await s.sync.revoke({ user: who.id, session });
}

function notTogether(): ApiError {
  return new ApiError('wrong-credentials', 'This username and password do not belong together.');
}

export const sessionRoutes = [
  route({
    method: 'POST',
    path: '/setup',
    summary: 'Makes the first account, an admin, with the token that the server printed at its start. Works once.',
    access: 'public',
    body: SetupBody,
    answer: answers.Me,
    status: 201,
    async handle(context, s) {
      const { token, username, name, password } = context.body;
      const tokenHash = hashSecret(token);
      const user = await countGuess(s, { address: context.address }, async () => {
        // A hash is dear: nobody without the token gets one.
        if (!(await s.store.settings.isOffered(tokenHash))) return null;
        const passwordHash = await s.passwords.hash(password);
        return s.store.transaction(async (tx) => {
          if (!(await s.store.settings.claimSetup(tokenHash, tx))) return null;
          return s.store.users.create({ username, name, passwordHash, admin: true }, tx);
        });
      });
      if (user === null || user === 'taken-username') {
        throw new ApiError(
          'forbidden',
          'This set-up link is not valid: it works once, and each start prints a new one.',
        );
      }
      const begun = await signIn(s, context, user);
      return meOf(user, begun.session);
    },
  }),

  route({
    method: 'POST',
    path: '/session',
    summary: 'Signs in. Sets the session cookie, or answers with a token where `token` is true.',
    access: 'public',
    body: SignInBody,
    answer: answers.SignedIn,
    async handle(context, s) {
      const { username, password, token } = context.body;
      let hash: string | null = null;
      const user = await countGuess(s, { address: context.address, account: username }, async () => {
        hash = await s.store.users.passwordHash(username);
        const right = await s.passwords.verify(password, hash);
        const found = right ? await s.store.users.byUsername(username) : null;
        return found?.disabled ? null : found;
      });
      if (!user) throw notTogether();
      takeFrom(s.limits.writes, user.id);
      const begun = token ? await s.sessions.begin(user.id, PROGRAM) : await signIn(s, context, user);
      if ((await s.store.users.passwordHash(username)) !== hash) {
        // Changed while this one was tried: the change ends all sessions that were there before, not this one.
        await s.sessions.end(begun.token);
        throw notTogether();
      }
      const me = meOf(user, begun.session);
      return token ? { ...me, token: begun.token } : me;
    },
  }),

  route({
    method: 'DELETE',
    path: '/session',
    summary: 'Signs out: ends this session and its connections. Does nothing where there is none, or it is not `only`.',
    access: 'public',
    query: SignOutQuery,
    async handle({ visitor, query }, s) {
      // The browser may have got another session since it asked. For the same reason the answer takes no cookie away:
      // it may come after that of a sign-in, and what is left is the cookie of no session.
      if (visitor && (query.only ?? nameOf(visitor.who.session)) === nameOf(visitor.who.session)) {
        await endSession(s, visitor);
      }
    },
  }),

  route({
    method: 'GET',
    path: '/me',
    summary: 'Who is signed in.',
    access: 'signed-in',
    answer: answers.Me,
    handle: ({ who }) => Promise.resolve(meOf(who, who.session)),
  }),

  route({
    method: 'PATCH',
    path: '/me',
    summary: "Changes one's name or password. A new password ends all other sessions.",
    access: 'signed-in',
    body: MePatch,
    answer: answers.Me,
    async handle({ who, body, address }, s) {
      if (body.password) await changePassword(s, who, body.password, address);
      if (body.name !== undefined && body.name !== who.name) {
        await s.store.users.rename(who.id, body.name);
        for (const board of await s.store.boards.forUser(who.id)) await s.sync.membershipChanged(board.id);
      }
      return { ...meOf(who, who.session), name: body.name ?? who.name };
    },
  }),
];

async function changePassword(
  s: Services,
  who: AuthedUser,
  password: { current: string; new: string },
  address: string,
): Promise<void> {
  const right = await countGuess(s, { address, account: who.username }, async () => {
    const known = await s.store.users.passwordHash(who.username);
    return (await s.passwords.verify(password.current, known)) || null;
  });
  if (!right) throw new ApiError('wrong-credentials', 'The current password is not right.');
  const passwordHash = await s.passwords.hash(password.new);
  const ended = await s.store.transaction(async (tx) => {
    await s.store.users.setPassword(who.id, passwordHash, tx);
    return s.store.sessions.removeForUser(who.id, who.session, tx);
  });
  for (const session of ended) await s.sync.revoke({ user: who.id, session });
  // Again: a sign-in with the old password that was under way is seen here, or sees the new password itself.
  await endOthers(s, who);
}
