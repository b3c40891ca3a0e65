import { ownerOf } from '../../../src/lib/model/client-ids.ts';
import type { Placed } from './overlay.ts';
import type { Quota } from './quotas.ts';
import type { Tips } from './tips.ts';
import { object, type Objection } from './verdict.ts';
import type { View } from './view.ts';

/**
 * Null while this person stays within the quota of the document with what is new [G9]. Keys are counted
 * without those of the overlay, so a few may pass that limit together.
 */
export function exceeds(
  quota: Quota,
  view: View,
  seq: number,
  fresh: ReadonlyMap<number, readonly Placed[]>,
  tips: Tips,
): Objection | null {
  if (fresh.size === 0) return null;
  let clocks = 0;
  let clients = 0;
  for (const [client, state] of view.states()) {
    if (ownerOf(client) !== seq) continue;
    clients++;
    clocks += state;
  }
  for (const [client, structs] of fresh) {
    if (view.state(client) === 0) clients++;
    for (const { clock, end } of structs) clocks += end - clock;
  }
  if (clocks > quota.clocks) return object('quota', 'this person has written too much into this document');
  if (clients > quota.clients) return object('quota', 'this person has opened this document too often');
  const keys = new Map<string, number>();
  for (const { root, before } of tips.changed.values()) {
    if (before === null) keys.set(root, (keys.get(root) ?? 0) + 1);
  }
  for (const [root, count] of keys) {
    if (view.keyCount(root) + count > quota.keys) return object('quota', 'this document is full');
  }
  return null;
}
