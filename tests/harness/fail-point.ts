import type { Milestone } from '../../server/milestones.ts';

/** Where the server is to be killed, see `kill-at.ts`. */
export type FailPoint = {
  at: Milestone;
  /** How many times it passes by unharmed first. */
  skip?: number;
  /** Milliseconds from the milestone to the kill: into the middle of what follows it. Unset: in that very moment. */
  afterMs?: number;
};

/** The environment variable that holds a plan as JSON. */
export const FAIL_POINT = 'TEST_FAIL_POINT';
