/**
 * The wait before try number `attempt` (from 0): grows by half again each time up to `most`, and is drawn from the upper
 * half of that span, so that a server which comes back is not met by everyone at once. Milliseconds.
 */
export function backoff(attempt: number, first: number, most: number, random: () => number = Math.random): number {
  const span = Math.min(most, first * 1.6 ** attempt);
  return span / 2 + (random() * span) / 2;
}
