import { ASKED_ROOT, ASK_ROOT } from '../../../src/lib/model/inbox.ts';
import { ASKS_OPEN } from '../../../src/lib/model/limits.ts';
import { isOpenAsk } from '../../../src/lib/model/open-asks.ts';
import { object, type Objection, type Write } from './verdict.ts';
import type { View } from './view.ts';

/**
 * Null unless more is asked for with this update while too much waits for an answer already [G20]: every ask is work for
 * the server. Answering, changing or giving up what waits is never too much.
 */
export function tooManyAsks(view: View, writes: readonly Write[]): Objection | null {
  const written = new Map(writes.flatMap(({ root, key, value }) => (root === ASK_ROOT ? [[key, value] as const] : [])));
  if (written.size === 0) return null;
  let before = 0;
  let after = 0;
  for (const key of new Set([...view.keys(ASK_ROOT), ...written.keys()])) {
    const answer = view.value(ASKED_ROOT, key);
    const stands = view.value(ASK_ROOT, key);
    if (isOpenAsk(stands, answer)) before += 1;
    if (isOpenAsk(written.has(key) ? written.get(key) : stands, answer)) after += 1;
  }
  if (after <= ASKS_OPEN || after <= before) return null;
  return object('too-many', 'too much that this person asked for waits for an answer');
}
