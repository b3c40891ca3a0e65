import type * as Y from 'yjs';
import type { UserId } from '../../../src/lib/model/ids.ts';
import type { DocName } from '../../../src/lib/model/names.ts';
import type { Role } from '../../../src/lib/model/roles.ts';
import type { DecodedUpdate, Overlay } from './overlay.ts';

/** Why an update is refused. The client shows it, and sets its copy aside. */
export type RefusalCode =
  | 'too-large'
  | 'malformed'
  | 'not-yours'
  | 'not-allowed'
  | 'bad-value'
  | 'quota'
  | 'too-many'
  | 'read-only'
  | 'archived';

/**
 * Whose connection an update came over. `role` is the one in the board; null in one's own inbox. `archived`: the room is
 * put away, so nobody writes there.
 */
export type Writer = { id: UserId; seq: number; role: Role | null; archived?: boolean };

/**
 * What a key holds after the update, where that differs from before: its new value, or undefined when
 * nothing is left in it. A value that loses against a newer one never shows up. A description says only
 * that it changed: one write with the key ''.
 */
export type Write = { root: string; key: string; value: unknown };

/** A key under which something stood that is gone, or something arrived that was gone already; '' in a description. */
export type Lost = { root: string; key: string };

export type Verdict =
  /** Nothing new. `awaits`: only the overlay knows all of it, so acknowledge after those commits. */
  | { kind: 'echo'; awaits: boolean }
  /** Good to log and apply. `structs` goes into the overlay until it is applied; `clocks` is what it adds. */
  | { kind: 'accept'; writes: Write[]; lost: Lost[]; structs: DecodedUpdate; clocks: number }
  /** Something it builds on is missing here: neither applied nor refused; ask for a resync. */
  | { kind: 'defer'; why: string }
  | { kind: 'refuse'; code: RefusalCode; why: string };

export type Objection = { code: RefusalCode; why: string };

export type Case = {
  name: DocName;
  /** What is applied. Read only: never changed, not even by a root that is looked up. */
  doc: Y.Doc;
  /** What is accepted and not yet applied. */
  overlay: Overlay;
  who: Writer;
  update: Uint8Array;
  /** The answer to a SyncStep1, which may be larger than an update. */
  step2: boolean;
};

export function refuse(code: RefusalCode, why: string): Extract<Verdict, { kind: 'refuse' }> {
  return { kind: 'refuse', code, why };
}

export function object(code: RefusalCode, why: string): Objection {
  return { code, why };
}
