import * as Y from 'yjs';
import { ownerOf, SERVER_SEQ } from '../../../src/lib/model/client-ids.ts';
import { references, type Decoded, type Section, type Struct } from './decode.ts';
import { CLIENTS_PER_UPDATE } from './quotas.ts';
import type { Rules } from './rules.ts';
import { object, type Objection } from './verdict.ts';
import type { View } from './view.ts';

export type Scan = {
  objection: Objection | null;
  /** What it builds on and the server does not have: the reason to defer. */
  missing: string | null;
  /** Some struct is new. */
  hasFresh: boolean;
  /** Some struct is known only thanks to the overlay. */
  awaits: boolean;
};

/**
 * Looks at every struct once, the known ones too, because Yjs resolves their references all the same:
 * gaps [G3], authors [G4], form [G5].
 */
export function scan(decoded: Decoded, view: View, rules: Rules, seq: number): Scan {
  const result: Scan = { objection: null, missing: null, hasFresh: false, awaits: false };
  let writers = 0;
  for (const section of decoded.sections.values()) {
    const known = view.state(section.client);
    if (section.start > known) result.missing = 'earlier clocks of a client are missing';
    if (Math.min(section.end, known) > view.docState(section.client)) result.awaits = true;
    if (section.end > known) {
      result.hasFresh = true;
      writers++;
      result.objection ??= author(section.client, seq);
    }
    for (const struct of section.structs) {
      const isFresh = struct.id.clock + struct.length > known;
      result.objection ??= form(struct, isFresh, rules) ?? knownReferences(struct, isFresh, decoded, view);
      result.missing ??= gap(struct, decoded, view);
    }
    if (result.objection !== null) return result;
  }
  if (writers > CLIENTS_PER_UPDATE) result.objection = object('quota', 'too many clientIDs in one update');
  result.missing ??= unknownDeletion(decoded, view);
  return result;
}

function author(client: number, seq: number): Objection | null {
  if (seq !== SERVER_SEQ && ownerOf(client) === seq) return null;
  return object('not-yours', 'written under the clientID of another');
}

function form(struct: Struct, isFresh: boolean, rules: Rules): Objection | null {
  if (!(struct instanceof Y.Item)) {
    // In a map of plain values nothing is ever inside of something deleted, so nothing becomes garbage.
    if (isFresh && rules.shape === 'map' && struct instanceof Y.GC) return object('malformed', 'garbage');
    return null;
  }
  // Looking up a root makes it, in Yjs: a name that is none must not get that far. Yjs declares a type
  // or an id here; in a decoded update it is a name or an id.
  const parent: unknown = struct.parent;
  if (typeof parent === 'string' && !rules.roots.includes(parent)) return object('malformed', 'no such root');
  if (rules.shape === 'tree') return null;
  // The server's list of notifications has some, and comes back as an echo.
  if (isFresh && struct.rightOrigin !== null) return object('malformed', 'a right origin in a map');
  if (parent instanceof Y.ID) return object('malformed', 'a nested type in a map');
  if (!isFresh || struct.content instanceof Y.ContentAny || struct.content instanceof Y.ContentDeleted) return null;
  return object('malformed', 'content that is no plain value');
}

/** What is known was applied after all that it builds on. */
function knownReferences(struct: Struct, isFresh: boolean, decoded: Decoded, view: View): Objection | null {
  if (isFresh || !(struct instanceof Y.Item)) return null;
  for (const id of references(struct)) {
    if (id.clock >= view.state(id.client) && id.clock < endOf(decoded.sections.get(id.client))) {
      return object('malformed', 'something known that builds on something new');
    }
  }
  return null;
}

function gap(struct: Struct, decoded: Decoded, view: View): string | null {
  if (struct instanceof Y.GC) return null;
  if (!(struct instanceof Y.Item)) return 'it skips clocks';
  for (const id of references(struct)) {
    if (!exists(id.client, id.clock, decoded, view)) return 'it builds on something unknown';
  }
  return null;
}

function unknownDeletion(decoded: Decoded, view: View): string | null {
  for (const [client, ranges] of decoded.deletions) {
    const last = ranges.at(-1);
    if (last !== undefined && !exists(client, last.end - 1, decoded, view)) return 'it deletes something unknown';
  }
  return null;
}

function exists(client: number, clock: number, decoded: Decoded, view: View): boolean {
  return clock < view.state(client) || clock < endOf(decoded.sections.get(client));
}

function endOf(section: Section | undefined): number {
  return section?.end ?? 0;
}
