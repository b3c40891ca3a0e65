import type { Role } from '$lib/model/roles.ts';

/** What a role is called, and what it allows, as the end of 'You can …'. */
export const ROLE_WORDS: Record<Role, { name: string; can: string }> = {
  owner: { name: 'Owner', can: 'do everything, also invite people and manage the board' },
  member: { name: 'Member', can: 'edit cards, open rooms, comment and chat' },
  commenter: { name: 'Commenter', can: 'read, comment and chat' },
  viewer: { name: 'Viewer', can: 'read' },
};

/** 'an owner', 'a member'. */
export function article(role: Role): string {
  return role === 'owner' ? 'an owner' : `a ${role}`;
}
