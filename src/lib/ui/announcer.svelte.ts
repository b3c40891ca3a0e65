import { RegionStack } from './region-stack.svelte.ts';

type Line = { id: number; text: string };

/** What the live regions say. */
class Announcements {
  readonly regions = new RegionStack();
  polite = $state.raw<Line | null>(null);
  assertive = $state.raw<Line | null>(null);
  /** Of the line said last: a region that comes later must not say it again. */
  latest = 0;
}

export const announcements = new Announcements();

/**
 * Says a sentence to people who use a screen reader; an identical one is said again. Needs one `<Announcer />` on the
 * page; dialogs bring their own.
 */
export function announce(text: string, urgency: 'polite' | 'assertive' = 'polite'): void {
  announcements[urgency] = { id: ++announcements.latest, text };
}
