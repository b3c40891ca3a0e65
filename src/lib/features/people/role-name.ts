import type { Role } from '$lib/model/roles.ts';

/** 'Owner', 'Member'. */
export function roleName(role: Role): string {
  return role.charAt(0).toUpperCase() + role.slice(1);
}
