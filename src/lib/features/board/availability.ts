import type { OpenDocument } from '$lib/sync/documents.svelte.ts';

/** Whether a document can be shown, and if not, what to say. */
export type Availability =
  | { kind: 'ready' }
  | { kind: 'opening' }
  | { kind: 'not-on-device' }
  | { kind: 'absent' }
  /** It was here a moment ago, and was taken away. */
  | { kind: 'removed' }
  | { kind: 'failed'; reason: string };

/**
 * What is on the device is shown at once, whatever the server is doing. `online` says whether the server can be reached at
 * all: without it a document that has never been here cannot come.
 */
export function availabilityOf(open: OpenDocument, online: boolean): Availability {
  if (open.remote.kind === 'absent') return { kind: 'absent' };
  if (open.readable) return { kind: 'ready' };
  if (open.local.kind === 'opening') return { kind: 'opening' };
  if (open.local.kind === 'failed' && !online) return { kind: 'failed', reason: open.local.reason };
  return online ? { kind: 'opening' } : { kind: 'not-on-device' };
}

/** Why something that a readable board does not list cannot be shown: only the server can say that it does not exist. */
export function unlistedIn(board: OpenDocument, online: boolean): Exclude<Availability, { kind: 'ready' }> {
  if (board.remote.kind === 'synced') return { kind: 'absent' };
  return online ? { kind: 'opening' } : { kind: 'not-on-device' };
}
