import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError, notFound } from '../../../src/lib/api/errors.ts';
import { AcceptBody, InvitationBody, PageQuery } from '../../../src/lib/api/schemas.ts';
import type { BoardId } from '../../../src/lib/model/ids.ts';
import type { Role } from '../../../src/lib/model/roles.ts';
import { hashSecret, newSecret } from '../../auth/secrets.ts';
import type { Visitor } from '../../auth/sessions.ts';
import { addressOf } from '../../config.ts';
import type { Invitation } from '../../store/invitations.ts';
import type { User } from '../../store/users.ts';
import type { AuthedUser } from '../../sync/types.ts';
import { requireBoard } from '../access.ts';
import { takeFrom } from '../limits.ts';
import { pageAfter } from '../page.ts';
import { route, type Services } from '../route.ts';
import { meOf, signIn } from './session.ts';

const CODE = /^[A-Za-z0-9_-]{1,100}$/;
const HASH = /^[0-9a-f]{64}$/;

function invitationOf({ codeHash, role, by, expiresAt, uses }: Omit<Invitation, 'createdAt'>) {
  const until = expiresAt === null ? null : new Date(expiresAt).toISOString();
  return { id: codeHash, role, by, expiresAt: until, usesLeft: uses };
}

/** The same for a wrong code as for one that is used up: whoever guesses learns nothing. */
function notValid(): ApiError {
  return new ApiError('not-found', 'This invitation is unknown, used up or expired; ask for a new one.');
}

export const invitationRoutes = [
  route({
    method: 'GET',
    path: '/boards/:board/invitations',
    summary: 'The invitations to a board that can still be accepted. Owners only.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Invitation),
    async handle({ who, params, query }, s) {
      await requireBoard(s, who, params.board, 'manageMembers');
      const invitations = await s.store.invitations.list(params.board);
      return pageAfter(invitations.map(invitationOf), ({ id }) => id, query);
    },
  }),

  route({
    method: 'POST',
    path: '/boards/:board/invitations',
    summary: 'Makes an invitation link with a role. Its code is told this once. Owners only.',
    access: 'signed-in',
    body: InvitationBody,
    answer: answers.NewInvitation,
    status: 201,
    async handle({ who, params, body }, s) {
      await requireBoard(s, who, params.board, 'manageMembers');
      takeFrom(s.limits.invitations, who.id);
      const code = newSecret();
      const expiresAt = s.now() + body.expiresIn * 1000;
      const invitation = {
        codeHash: hashSecret(code),
        board: params.board,
        role: body.role,
        by: who.id,
        expiresAt,
        uses: body.uses ?? null,
      };
      await s.store.invitations.create(invitation);
      const until = new Date(expiresAt).toISOString();
      return { ...invitationOf(invitation), expiresAt: until, code, url: addressOf(s.site.baseUrl, `/invite/${code}`) };
    },
  }),

  route({
    method: 'DELETE',
    path: '/boards/:board/invitations/:invitation',
    summary: 'Takes an invitation back. Owners only.',
    access: 'signed-in',
    params: { invitation: HASH },
    async handle({ who, params }, s) {
      await requireBoard(s, who, params.board, 'manageMembers');
      if (!(await s.store.invitations.revoke(params.board, params.invitation))) throw notFound();
    },
  }),

  route({
    method: 'GET',
    path: '/invitations/:code',
    summary: 'What an invitation invites to, for whoever holds its code.',
    access: 'public',
    params: { code: CODE },
    answer: answers.InvitationPeek,
    async handle({ params }, s) {
      const invitation = await s.store.invitations.get(hashSecret(params.code));
      if (!invitation) throw notValid();
      return { board: { title: invitation.title }, role: invitation.role, valid: true as const };
    },
  }),

  route({
    method: 'POST',
    path: '/invitations/:code/accept',
    summary: 'Joins the board: with a new account, which it signs in, or as who is signed in.',
    access: 'public',
    params: { code: CODE },
    body: AcceptBody,
    answer: answers.Accepted,
    status: 201,
    async handle(context, s) {
      takeFrom(s.limits.joins, context.address);
      const codeHash = hashSecret(context.params.code);
      const { username, name, password } = context.body;
      const isNew = username !== undefined && name !== undefined && password !== undefined;
      const joined = isNew
        ? await joinAsNew(s, context.visitor, codeHash, { username, name, password })
        : await joinAsSelf(s, context.visitor, codeHash);
      await s.sync.membershipChanged(joined.board);
      const session = joined.account
        ? (await signIn(s, context, joined.account)).session
        : context.visitor?.who.session;
      const board = await s.store.boards.get(joined.board);
      if (!board || session === undefined) throw notValid();
      return { board: { id: board.id, title: board.title, role: joined.role }, me: meOf(joined.me, session) };
    },
  }),
];

interface Joined {
  me: User | AuthedUser;
  /** The account that was just made, to be signed in. */
  account: User | null;
  board: BoardId;
  role: Role;
}

async function joinAsSelf(s: Services, visitor: Visitor | null, codeHash: string): Promise<Joined> {
  if (!visitor) throw new ApiError('signed-out', 'Sign in first, or send username, name and password.');
  const redeemed = await s.store.invitations.redeem(codeHash, visitor.who.id);
  if (!redeemed) throw notValid();
  return { me: visitor.who, account: null, ...redeemed };
}

async function joinAsNew(
  s: Services,
  visitor: Visitor | null,
  codeHash: string,
  { username, name, password }: { username: string; name: string; password: string },
): Promise<Joined> {
  if (visitor) throw new ApiError('invalid', 'You are signed in: send {} to join as yourself, or sign out first.');
  // A hash is dear: nobody without an invitation gets one.
  if (!(await s.store.invitations.get(codeHash))) throw notValid();
  const passwordHash = await s.passwords.hash(password);
  return s.store.transaction(async (tx) => {
    const account = await s.store.users.create({ username, name, passwordHash, admin: false }, tx);
    if (account === 'taken-username') throw new ApiError('taken', 'This username is taken; choose another.');
    const redeemed = await s.store.invitations.redeem(codeHash, account.id, tx);
    if (!redeemed) throw notValid();
    return { me: account, account, ...redeemed };
  });
}
