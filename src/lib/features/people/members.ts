import type { Person } from '$lib/model/board.ts';
import { ROLES } from '$lib/model/roles.ts';

/** Owners first, then by name as this device's language sorts it. */
export function inOrder(people: Iterable<Person>): Person[] {
  return [...people].sort(
    (a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1),
  );
}
