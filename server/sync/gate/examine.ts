import * as Y from 'yjs';
import type { Decoded } from './decode.ts';
import { Lists } from './lists.ts';
import { LIST_STEPS, LIVE_DELETIONS } from './quotas.ts';
import { tipKey, type Place, type Placed } from './overlay.ts';
import type { MapRules, Rules } from './rules.ts';
import type { Tips } from './tips.ts';
import { object, type Objection } from './verdict.ts';
import type { Target, View } from './view.ts';

/**
 * Looks at every new struct where it will stand [G7]; in maps, follows the tips of their keys.
 * What stands nowhere becomes garbage in Yjs, so nobody ever reads it: it passes, and counts as clocks.
 */
export function examineStructs(inOrder: readonly Placed[], view: View, rules: Rules, tips: Tips): Objection | null {
  const lists = rules.shape === 'tree' && inOrder.length > 0 ? new Lists(view) : null;
  for (const placed of inOrder) {
    const { place, struct } = placed;
    if (place === null || !(struct instanceof Y.Item)) continue;
    if (!rules.roots.includes(place.root)) return object('malformed', 'no such root');
    const objection = rules.shape === 'tree' ? rules.item(struct, place) : inMap(struct, placed, place, rules, tips);
    if (objection !== null) return objection;
    const misplaced = lists?.add(placed) ?? null;
    if (misplaced !== null) return misplaced;
  }
  return null;
}

function inMap(item: Y.Item, placed: Placed, place: Place, rules: MapRules, tips: Tips): Objection | null {
  const { root, key } = place;
  if (place.under !== null) return object('malformed', 'a nested type in a map');
  if (key === null) return object('malformed', 'no key');
  const objection = rules.key(root, key);
  if (objection !== null) return objection;
  if (rules.isFinal(root, key) && (tips.get(root, key) !== null || placed.end - placed.clock > 1)) {
    return object('not-allowed', 'written once already');
  }
  if (item.content instanceof Y.ContentAny) {
    const values: readonly unknown[] = item.content.arr;
    for (const value of values.slice(placed.clock - item.id.clock)) {
      // A written undefined would read as a deletion.
      const wrong =
        value === undefined ? object('bad-value', 'no value') : rules.value(root, key, value, item.id.client);
      if (wrong !== null) return wrong;
    }
  }
  tips.add(root, key, placed);
  return tips.steps > LIST_STEPS ? object('too-large', 'too many writes of one key at once') : null;
}

export type Deletions = {
  /** Something is deleted that was not. */
  any: boolean;
  /** Some of it is deleted only thanks to the overlay. */
  awaits: boolean;
  /** Keys with an item that is deleted now, by `tipKey`. */
  keys: Map<string, { root: string; key: string }>;
};

/** Looks at all that is deleted and was not [G8]. What is deleted already is an echo. */
export function examineDeletions(decoded: Decoded, view: View, rules: Rules): Deletions | Objection {
  const result: Deletions = { any: false, awaits: false, keys: new Map() };
  let hits = 0;
  for (const [client, ranges] of decoded.deletions) {
    const known = view.state(client);
    for (const range of ranges) {
      if (range.clock >= known) break;
      const end = Math.min(range.end, known);
      for (const target of view.targets(client, { clock: range.clock, end })) {
        const { place, alive } = target;
        if (isTidying(target, rules)) continue;
        if (!alive) {
          result.awaits = true;
          continue;
        }
        result.any = true;
        if (++hits > LIVE_DELETIONS) return object('too-large', 'too many deletions at once');
        if (place === null) continue;
        const objection = deletable(place, rules);
        if (objection !== null) return objection;
        if (place.key !== null) result.keys.set(tipKey(place.root, place.key), { root: place.root, key: place.key });
      }
    }
  }
  return result;
}

/**
 * Yjs deletes redundant marks by itself on every replica, at different moments: readers send such
 * deletions without having done anything. Nothing is lost where they are not applied.
 */
function isTidying({ content }: Target, rules: Rules): boolean {
  return rules.shape === 'tree' && !rules.mayWrite && content instanceof Y.ContentFormat;
}

function deletable({ root, under, key }: Place, rules: Rules): Objection | null {
  if (rules.shape === 'tree') return rules.roots.includes(root) ? null : object('malformed', 'no such root');
  if (key !== null && under === null) return rules.key(root, key);
  // Lists are the server's alone: notifications.
  return object('not-allowed', 'the server alone writes there');
}
