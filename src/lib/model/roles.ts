import type { UserId } from './ids.ts';

/** From the most to the least. */
export const ROLES = ['owner', 'member', 'commenter', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export type Act =
  | 'read'
  | 'chat'
  | 'callGroups'
  | 'editCards'
  | 'createRoom'
  | 'changeOwnRoom'
  | 'manageRooms'
  | 'deleteRoom'
  | 'manageMembers'
  | 'renameBoard'
  | 'moderate'
  | 'deleteBoard';

/** The least role that may do it. */
const LEAST = {
  read: 'viewer',
  chat: 'commenter',
  callGroups: 'member',
  editCards: 'member',
  createRoom: 'member',
  changeOwnRoom: 'member',
  manageRooms: 'owner',
  deleteRoom: 'owner',
  manageMembers: 'owner',
  renameBoard: 'owner',
  moderate: 'owner',
  deleteBoard: 'owner',
} as const satisfies Record<Act, Role>;

export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

/** True when `role` may do everything that `least` may. */
export function atLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(least);
}

/** Who may do what in a board. Null is someone without a role in it: nothing. */
export function can(role: Role | null, act: Act): boolean {
  return role !== null && atLeast(role, LEAST[act]);
}

/**
 * Who may rename, describe, archive and restore a room, and take others out of a private one: owners, and who made it as
 * long as they are a member. Of a private room only those who are in it.
 */
export function mayChangeRoom(role: Role | null, me: UserId, room: { by: UserId }): boolean {
  return can(role, 'manageRooms') || (room.by === me && can(role, 'changeOwnRoom'));
}
