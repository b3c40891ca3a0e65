import type { InferInput } from 'valibot';
import { api, type Invitation, type Member, type NewInvitation } from './client.ts';
import type { InvitationBody } from './schemas.ts';

/** Who is on a board. */
export const members = {
  set: (board: string, user: string, role: Member['role']) =>
    api.call<Member>('PUT', `/boards/${board}/members/${user}`, { role }),
  remove: (board: string, user: string) => api.call<void>('DELETE', `/boards/${board}/members/${user}`),
};

/** The links that invite to a board, for its owners. */
export const invitations = {
  list: (board: string, page?: { cursor?: string; limit?: number }) =>
    api.list<Invitation>(`/boards/${board}/invitations`, page),
  create: (board: string, body: InferInput<typeof InvitationBody>) =>
    api.call<NewInvitation>('POST', `/boards/${board}/invitations`, body),
  revoke: (board: string, invitation: string) => api.call<void>('DELETE', `/boards/${board}/invitations/${invitation}`),
};
