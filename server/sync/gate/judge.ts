import type { Case, Verdict } from './verdict.ts';
import { refuse } from './verdict.ts';

/** Judges one update from one person. */
export function judge(_case: Case): Verdict {
  return refuse('malformed', 'the gate is closed');
}
