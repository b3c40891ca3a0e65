import type { StorageReason } from '$lib/sync/storage.svelte.ts';

type Words = {
  /** What is the matter, and why. */
  what: string;
  /** What it means now, and what to do. */
  then: string;
};

const CANNOT = 'This device cannot keep your changes now:';

const WHAT: Record<StorageReason, string> = {
  unavailable: `${CANNOT} the browser does not allow it, as in some private windows.`,
  quota: `${CANNOT} its storage is full. Make some room on it.`,
  blocked: `${CANNOT} another tab holds an older version open. Close the other TaskFlow tabs.`,
  timeout: `${CANNOT} its storage does not answer. If this lasts, restart the browser.`,
  closed: `${CANNOT} its storage was closed or cleared.`,
  corrupt: 'Part of what this device kept could not be read.',
};

/** What a fault of this device's storage means for the person, in plain words. */
export function faultWords(reason: StorageReason, offline: boolean): Words {
  const what = WHAT[reason];
  if (reason === 'corrupt') {
    return { what, then: `It comes back from the server${offline ? ' as soon as you are online' : ''}.` };
  }
  const then = offline
    ? 'You are offline as well: keep this tab open until you are online again, or what you change now is lost.'
    : 'Your changes are still sent to the server while you are online. Keep this tab open until they are sent.';
  return { what, then };
}

/** Says that changes are gone which had not been sent. */
export function lossWords(count: number): string {
  const changes = count === 1 ? '1 change that was' : `${count} changes that were`;
  return `${changes} not sent yet could not be read from this device any more. Please check what you did last.`;
}
