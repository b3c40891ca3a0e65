import { createDecoder, readVarUint, type Decoder } from 'lib0/decoding';
import * as Y from 'yjs';
import { findRange, type Range } from './overlay.ts';
import { STRUCTS_PER_UPDATE } from './quotas.ts';

export type Struct = Y.Item | Y.GC | Y.Skip;

/** What one client wrote, without holes, from `start` up to and without `end`. */
export type Section = { client: number; start: number; end: number; structs: Struct[] };

export type Decoded = {
  sections: ReadonlyMap<number, Section>;
  /** By client, in order of clocks, disjoint. */
  deletions: ReadonlyMap<number, readonly Range[]>;
};

/**
 * Reads a V1 update and checks what can be checked without a document: [G2] and the shapes in [G3].
 * Returns a sentence where it is no update that Yjs would write. Never throws. V2 is never tried: a
 * crafted update of 27 bytes hangs its decoder.
 */
export function decode(update: Uint8Array): Decoded | string {
  let structs: Struct[];
  let deletions: Map<number, { clock: number; len: number }[]>;
  let sectionCount: number;
  let rest: Decoder | null = null;
  // The decoder keeps its position to itself; a class of our own sees where it ended.
  const Reader = class extends Y.UpdateDecoderV1 {
    constructor(decoder: Decoder) {
      super(decoder);
      rest = decoder;
    }
  };
  try {
    sectionCount = readVarUint(createDecoder(update));
    const decoded = Y.decodeUpdateV2(update, Reader);
    structs = decoded.structs;
    deletions = decoded.ds.clients;
  } catch {
    // Any throw is the answer: lib0 and Yjs throw a dozen kinds of errors at what is no update.
    return 'not a V1 update';
  }
  if (structs.length > STRUCTS_PER_UPDATE) return 'too many structs';
  if (positionOf(rest) !== update.length) return 'bytes after the end';
  const sections = readSections(structs);
  if (typeof sections === 'string') return sections;
  // applyUpdate keeps only the last section of a client, so a second one would be judged and not
  // applied, or the other way round. An empty section is counted and met by nobody.
  if (sections.size !== sectionCount) return 'sections and clients differ in number';
  const ranges = readDeletions(deletions);
  return typeof ranges === 'string' ? ranges : { sections, deletions: ranges };
}

function positionOf(decoder: Decoder | null): number {
  return decoder?.pos ?? -1;
}

function readSections(structs: readonly Struct[]): Map<number, Section> | string {
  const sections = new Map<number, Section>();
  let last = -1;
  for (const struct of structs) {
    const { client, clock } = struct.id;
    // An overlong number reads as NaN or beyond 2⁵³, where clocks are no longer distinct.
    if (!isId(struct.id) || !isCount(struct.length) || !Number.isSafeInteger(clock + struct.length)) {
      return 'a number out of range';
    }
    if (struct.length < 1) return 'a struct of no length';
    const section = sections.get(client);
    if (section === undefined) {
      sections.set(client, { client, start: clock, end: clock + struct.length, structs: [struct] });
    } else {
      if (last !== client || section.end !== clock) return 'two sections of one client';
      section.structs.push(struct);
      section.end += struct.length;
    }
    last = client;
    if (struct instanceof Y.Item && !referencesAreSound(struct)) return 'a reference that cannot be';
  }
  return sections;
}

/** What a struct builds on was there before it: Yjs throws where a client refers to its own future. */
function referencesAreSound(item: Y.Item): boolean {
  return references(item).every((id) => isId(id) && (id.client !== item.id.client || id.clock < item.id.clock));
}

/** The ids that an item builds on. */
export function references(item: Y.Item): Y.ID[] {
  const ids: Y.ID[] = [];
  if (item.origin !== null) ids.push(item.origin);
  if (item.rightOrigin !== null) ids.push(item.rightOrigin);
  if (item.parent instanceof Y.ID) ids.push(item.parent);
  return ids;
}

function readDeletions(clients: Map<number, { clock: number; len: number }[]>): Map<number, Range[]> | string {
  const deletions = new Map<number, Range[]>();
  for (const [client, items] of clients) {
    const ranges: Range[] = [];
    let last = 0;
    for (const { clock, len } of items) {
      const end = clock + len;
      if (!isCount(client) || !isCount(clock) || !isCount(len) || !Number.isSafeInteger(end)) {
        return 'a number out of range';
      }
      if (len < 1) return 'a deletion of no length';
      // Yjs writes them so. Overlapping ones would cost their product, here and in Yjs.
      if (clock < last) return 'deletions out of order';
      ranges.push({ clock, end });
      last = end;
    }
    deletions.set(client, ranges);
  }
  return deletions;
}

/** True when the deletions hold this clock. */
export function deletes(deletions: Decoded['deletions'], client: number, clock: number): boolean {
  return findRange(deletions.get(client), clock) !== null;
}

function isId(id: Y.ID): boolean {
  return isCount(id.client) && isCount(id.clock);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
