import { newId } from '../model/ids.ts';

/** Of a time in base 36. */
const DIGITS = 9;

/**
 * A new name for a document's local copy, so that nothing of an earlier copy, in any tab, gets into it. Later ones sort
 * after earlier ones, also when the clock was put back meanwhile: when two tabs replace a copy at once, both end with
 * the same.
 */
export function newLineage(now: number = Date.now(), before = ''): string {
  const time = Math.max(now, before === '' ? 0 : Number.parseInt(before.slice(0, DIGITS), 36) + 1);
  return `${time.toString(36).padStart(DIGITS, '0')}${newId().slice(0, 5)}`;
}
