import type { Role } from '$lib/model/roles.ts';

/** What a role is called, and what it may do, in a few words. */
export const ROLE_WORDS: Record<Role, { name: string; may: string }> = {
  owner: { name: 'Owner', may: 'everything, also people and rooms' },
  member: { name: 'Member', may: 'cards, comments and rooms' },
  commenter: { name: 'Commenter', may: 'read, comment and chat' },
  viewer: { name: 'Viewer', may: 'read only' },
};
