import { STEP2_BYTES, UPDATE_BYTES } from '../../../src/lib/model/limits.ts';
import { decode } from './decode.ts';
import { examineDeletions, examineStructs } from './examine.ts';
import type { DecodedUpdate } from './overlay.ts';
import { lostIn, mapWrites, treeWrites } from './outcome.ts';
import { placeStructs } from './placement.ts';
import { exceeds } from './quota-check.ts';
import { rulesFor } from './rules.ts';
import { scan } from './scan.ts';
import { Tips } from './tips.ts';
import { refuse, type Case, type Objection, type Verdict, type Writer } from './verdict.ts';
import { View } from './view.ts';

/**
 * Says what becomes of one update from one person: SPEC.md, whose rules it applies in order.
 * Pure: changes neither document nor overlay, keeps nothing, throws for no update whatsoever.
 * Costs the update's own size, plus a look at every clientID of the document.
 */
export function judge({ name, doc, overlay, who, update, step2 }: Case): Verdict {
  if (update.length > (step2 ? STEP2_BYTES : UPDATE_BYTES)) return refuse('too-large', 'too many bytes at once');
  const decoded = decode(update);
  if (typeof decoded === 'string') return refuse('malformed', decoded);

  const view = new View(doc, overlay);
  const rules = rulesFor(name, who);
  const seen = scan(decoded, view, rules, who.seq);
  if (seen.objection !== null) return refused(seen.objection);
  if (seen.hasFresh && !rules.mayWrite) return closedTo(who);
  if (seen.missing !== null) return { kind: 'defer', why: seen.missing };

  const placement = placeStructs(decoded, view);
  if ('fault' in placement) return refuse('malformed', placement.fault);
  const { fresh, inOrder } = placement;
  const tips = new Tips(view, fresh);
  const wrong = examineStructs(inOrder, view, rules, tips);
  if (wrong !== null) return refused(wrong);

  const deletions = examineDeletions(decoded, view, rules);
  if ('code' in deletions) return refused(deletions);
  if (deletions.any && !rules.mayWrite) return closedTo(who);
  if (!seen.hasFresh && !deletions.any) return { kind: 'echo', awaits: seen.awaits || deletions.awaits };

  const tooMuch = exceeds(rules.quota, view, who.seq, fresh, tips);
  if (tooMuch !== null) return refused(tooMuch);
  const outcome =
    rules.shape === 'tree' ? treeWrites(rules) : mapWrites(decoded, view, rules, { fresh, tips, deletions });
  if (outcome === 'incomplete') return { kind: 'defer', why: 'it takes away what only something unknown replaces' };
  if ('code' in outcome) return refused(outcome);
  const crowded = rules.shape === 'map' ? rules.crowded(view, outcome.writes) : null;
  if (crowded !== null) return refused(crowded);

  const structs: DecodedUpdate = {
    fresh,
    inOrder,
    deletions: decoded.deletions,
    tips: new Map([...tips.changed].map(([key, { tip }]) => [key, tip])),
  };
  const clocks = inOrder.reduce((sum, { clock, end }) => sum + end - clock, 0);
  const lost = lostIn(decoded, view, rules, { inOrder, tips, deletions });
  return { kind: 'accept', writes: outcome.writes, lost, structs, clocks };
}

/** Why somebody may only read here. */
function closedTo({ archived }: Writer): Verdict {
  if (archived === true) return refuse('archived', 'this room is archived');
  return refuse('read-only', 'this person may only read here');
}

function refused({ code, why }: Objection): Verdict {
  return refuse(code, why);
}
