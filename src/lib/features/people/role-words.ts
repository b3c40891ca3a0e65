import type { Role } from '$lib/model/roles.ts';

/** What a role allows, as the end of 'You can …'. */
export const ROLE_CAN: Record<Role, string> = {
  owner: 'do everything, also invite people and manage the board',
  member: 'edit cards, open rooms, comment and chat',
  commenter: 'read, comment and chat',
  viewer: 'read',
};

/** 'an owner', 'a member'. */
export function article(role: Role): string {
  return role === 'owner' ? 'an owner' : `a ${role}`;
}
