import * as Y from 'yjs';
import { deletes, type Decoded } from './decode.ts';
import { findRange, tipKey, type Placed, type Tip } from './overlay.ts';
import type { Deletions } from './examine.ts';
import type { MapRules, Rules, TreeRules } from './rules.ts';
import type { Tips } from './tips.ts';
import type { Lost, Objection, Write } from './verdict.ts';
import type { View } from './view.ts';

type Fresh = ReadonlyMap<number, readonly Placed[]>;

/** What the keys will hold that they do not hold now; an objection where one is left empty that must not be. */
export function mapWrites(
  decoded: Decoded,
  view: View,
  rules: MapRules,
  { fresh, tips, deletions }: { fresh: Fresh; tips: Tips; deletions: Deletions },
): { writes: Write[] } | Objection | 'incomplete' {
  const writes: Write[] = [];
  let isIncomplete = false;
  for (const { root, key, before, tip } of tips.changed.values()) {
    const placed = findRange(fresh.get(tip.client), tip.clock);
    if (placed !== null && isAlive(placed, tip, decoded)) {
      writes.push({ root, key, value: valueAt(placed, tip.clock) });
    } else if (before !== null && !view.isDead(before.client, before.clock)) {
      // Yjs deletes what is no longer last, so the key is left with nothing.
      const objection = rules.retract(root, key);
      if (objection === 'incomplete') isIncomplete = true;
      else if (objection !== null) return objection;
      writes.push({ root, key, value: undefined });
    }
  }
  for (const { root, key } of deletions.keys.values()) {
    if (tips.changed.has(tipKey(root, key))) continue;
    const tip = view.tip(root, key);
    if (tip === null || view.isDead(tip.client, tip.clock) || !deletes(decoded.deletions, tip.client, tip.clock))
      continue;
    const objection = rules.retract(root, key);
    if (objection === 'incomplete') isIncomplete = true;
    else if (objection !== null) return objection;
    writes.push({ root, key, value: undefined });
  }
  return isIncomplete ? 'incomplete' : { writes };
}

/** Where something is gone with this update, though its words are in the log until that is compacted [G19]. */
export function lostIn(
  decoded: Decoded,
  view: View,
  rules: Rules,
  { inOrder, tips, deletions }: { inOrder: readonly Placed[]; tips: Tips; deletions: Deletions },
): Lost[] {
  if (rules.shape === 'tree') {
    const ownToo = [...decoded.deletions].some(([client, ranges]) => (ranges.at(-1)?.end ?? 0) > view.state(client));
    // Written into what others have deleted, or, perhaps, over another attribute.
    const inPassing = inOrder.some(({ place }) => place === null || place.key !== null || isGone(place.under, view));
    return deletions.any || ownToo || inPassing ? rules.roots.map((root) => ({ root, key: '' })) : [];
  }
  const lost = new Map<string, Lost>();
  const add = ({ root, key }: Lost): void => void lost.set(tipKey(root, key), { root, key });
  for (const changed of tips.changed.values()) if (changed.before !== null) add(changed);
  for (const key of deletions.keys.values()) add(key);
  for (const { client, clock, end, struct, place } of inOrder) {
    if (place === null || place.key === null || !(struct instanceof Y.Item)) continue;
    if (!(struct.content instanceof Y.ContentAny)) continue;
    const tip = tips.get(place.root, place.key);
    const stays = tip?.client === client && tip.clock === end - 1 && !deletes(decoded.deletions, client, tip.clock);
    if (!stays || end - clock > 1) add({ root: place.root, key: place.key });
  }
  return [...lost.values()];
}

function isGone(under: Y.ID | null, view: View): boolean {
  return under !== null && under.clock < view.state(under.client) && view.isDead(under.client, under.clock);
}

/** A tree says that it changed, not where. */
export function treeWrites(rules: TreeRules): { writes: Write[] } {
  return { writes: rules.roots.map((root) => ({ root, key: '', value: undefined })) };
}

function isAlive({ struct }: Placed, tip: Tip, decoded: Decoded): boolean {
  const isValue = struct instanceof Y.Item && struct.content instanceof Y.ContentAny;
  return isValue && !deletes(decoded.deletions, tip.client, tip.clock);
}

function valueAt({ struct }: Placed, clock: number): unknown {
  if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentAny)) return undefined;
  const values: readonly unknown[] = struct.content.arr;
  return values[clock - struct.id.clock];
}
