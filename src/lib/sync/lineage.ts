import { newId } from '../model/ids.ts';

/** A new name for a document's local copy, so that nothing of an earlier copy, in any tab, gets into it. */
export function newLineage(): string {
  return newId().slice(0, 8);
}
