import { channel } from 'node:diagnostics_channel';

/**
 * Moments of the server's work between which a crash must do no harm, as channels `taskflow:<milestone>` of
 * node:diagnostics_channel. The crash tests listen to them from a module that they load beside the server
 * (`tests/harness/kill-at.ts`); in production nobody listens, no input or setting can make anybody listen, and
 * passing by one costs a comparison.
 */
const NAMES = [
  /** A transaction of the log: before its first statement; everything written, not committed; committed, not applied; applied, not acknowledged. */
  'commit:begun',
  'commit:written',
  'commit:stored',
  'commit:applied',
  /** A volume was closed and the next one opened, in a transaction that is not committed. */
  'volume:rolled',
  /**
   * Words that came late into a full volume go to where their message stands: found in the old volume; out of the one and
   * into the other in one transaction that is not committed; committed and applied.
   */
  'carry:begun',
  'carry:written',
  'carry:stored',
  /** Notifications into an inbox: read as pending; marked as delivered, not committed; committed. */
  'deliver:begun',
  'deliver:written',
  'deliver:stored',
  /** A compaction: the document is put together, not stored; stored, its rows deleted. */
  'compact:loaded',
  'compact:stored',
  /** A migration: before its statements; they ran, its row is not there; its row is there, not committed. */
  'migrate:begun',
  'migrate:ran',
  'migrate:recorded',
  /** The embedded database's first start: made beside its place and on the disk; in its place. */
  'embedded:synced',
  'embedded:placed',
] as const;

export type Milestone = (typeof NAMES)[number];

// Held here: a channel that nobody holds is collected, with its subscribers.
const CHANNELS = new Map(NAMES.map((name) => [name, channel(`taskflow:${name}`)]));

/** Tells whoever listens that this moment has come. They are called before it returns. */
export function reached(milestone: Milestone): void {
  const at = CHANNELS.get(milestone);
  if (at?.hasSubscribers) at.publish(null);
}
