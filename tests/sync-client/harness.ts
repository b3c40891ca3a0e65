import 'fake-indexeddb/auto';
import { SyncClient } from '../../src/lib/sync/client.ts';
import { serverApi } from '../../src/lib/sync/server-api.ts';
import { until } from '../../src/lib/sync/until.svelte.ts';
import type { LogServer, TestPerson } from './log-server.ts';

/** One tab of one person. Two of the same person share IndexedDB and BroadcastChannel, as tabs do. */
export function tab(server: LogServer, person: TestPerson, onSignedOut: () => void = () => undefined): SyncClient {
  const endpoint = { base: '', origin: server.origin, token: `token-${person.seq}`, fetch };
  return new SyncClient(person, endpoint, serverApi(endpoint), { signedOut: onSignedOut });
}

/** Waits for a state that must come; the sentence says which. */
export async function eventually(what: string, holds: () => boolean, ms = 15_000): Promise<void> {
  if (!(await until(holds, ms))) throw new Error(`never: ${what}`);
}

/** The same for what no rune tells of. */
export async function polled(what: string, holds: () => boolean, ms = 15_000): Promise<void> {
  const end = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A generator of numbers in [0, 1) that a seed determines. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
