import { ownerOf } from '../../src/lib/model/client-ids.ts';
import type { PresenceState } from '../../src/lib/model/presence.ts';
import type { AuthedUser } from './types.ts';

/** Clients (tabs, document instances) that one connection may show as present. */
const CLIENTS_PER_CONNECTION = 4;

/**
 * Leaves of an awareness update what this person may say: states under their own clientIDs, with the fields that
 * mean something, stamped with who they are. `held` are the clients that this connection has shown before.
 */
export function stampAwareness(
  states: Map<number, { [field: string]: unknown }>,
  who: AuthedUser,
  held: ReadonlySet<number>,
): void {
  let fresh = 0;
  for (const [client, state] of states) {
    const known = held.has(client);
    if (ownerOf(client) !== who.seq || (!known && held.size + fresh >= CLIENTS_PER_CONNECTION)) {
      states.delete(client);
      continue;
    }
    if (!known) fresh += 1;
    states.set(client, {
      user: who.id,
      ...(Object.hasOwn(state, 'typing') && state.typing === 1 && { typing: 1 }),
    } satisfies PresenceState);
  }
}
