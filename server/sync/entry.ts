import type { Connection } from '@hocuspocus/server';
import type { UserId } from '../../src/lib/model/ids.ts';
import type { Tx } from '../store/store.ts';
import type { Said } from './acts.ts';
import type { Waiting } from './commit.ts';
import type { DecodedUpdate } from './gate/overlay.ts';
import type { Lost, Write } from './gate/verdict.ts';
import type { Lane } from './lanes.ts';

/** An update that waits for the log: a person's, which passed the gate, or the server's own. */
export type Entry = Waiting & {
  lane: Lane;
  /** Null when only `also` is to be done. */
  update: Uint8Array | null;
  /** Null for the server, whose writes mean nothing to the scribe but for what is `carried`. */
  author: UserId | null;
  writes: readonly Write[];
  /** Where something is gone with it. */
  lost: readonly Lost[];
  /** In the lane's overlay until it is applied; null for what never was in it. */
  structs: DecodedUpdate | null;
  also: ((tx: Tx) => Promise<void>) | null;
  /** What is stored with it in another document, which its writer holds in memory. */
  beside: { lane: Lane; update: Uint8Array; lost: readonly Lost[] } | null;
  /** Words that the server carried here, where their message stands: as if they were said here. */
  carried: readonly Said[];
  /** Where it came in, when it came over a socket. */
  connection: Connection | null;
};
