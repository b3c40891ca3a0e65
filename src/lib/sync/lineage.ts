import { newId } from '../model/ids.ts';

/**
 * A new name for a document's local copy, so that nothing of an earlier copy, in any tab, gets into it. Later ones sort
 * after earlier ones: when two tabs replace a copy at once, both end with the same.
 */
export function newLineage(now: number = Date.now()): string {
  return `${now.toString(36).padStart(9, '0')}${newId().slice(0, 5)}`;
}
