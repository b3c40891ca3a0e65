import * as Y from 'yjs';
import type { Data } from './store/data.ts';

/** A document as the log has it, read by nobody's help but Yjs'. */
export function stored(data: Data, name: string): Y.Doc {
  return read(logged(data, name));
}

/** The updates that the log has of a document. */
export function logged(data: Data, name: string): Uint8Array[] {
  const row = data.outside.documents.get(name);
  const updates = row?.updates.map((update) => update.data) ?? [];
  return row?.snapshot ? [row.snapshot, ...updates] : updates;
}

function read(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  Y.transact(doc, () => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  return doc;
}

/** Reads copies of documents, each only when other updates make it up than the last time. */
export class Reader {
  readonly #known = new Map<string, { updates: readonly Uint8Array[]; text: string }>();

  /** What a copy says. `place` names the copy among those that this reader reads. */
  canonical(place: string, name: string, updates: readonly Uint8Array[]): string {
    const known = this.#known.get(place);
    if (known?.updates.length === updates.length && updates.every((update, i) => update === known.updates[i])) {
      return known.text;
    }
    const text = canonical(read(updates), name);
    this.#known.set(place, { updates, text });
    return text;
  }
}

const ROOTS: Readonly<Record<string, readonly string[]>> = {
  board: ['b', 'people', 'rooms', 'heads'],
  room: ['m', 'mod', 'log', 'meta'],
  task: ['m', 'mod', 'log', 'meta'],
  inbox: ['read', 'drafts', 'prefs', 'ask', 'boards', 'asked', 'rooms', 'heads'],
};

/** What a document says, whatever the order in which it came to say it. */
export function canonical(doc: Y.Doc, name: string): string {
  const [kind = '', , volume] = name.split('/');
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- the markup of a Y.XmlFragment
  if (kind === 'task' && volume === undefined) return doc.getXmlFragment('desc').toString();
  const parts = (ROOTS[kind] ?? []).map((root) => [root, sorted(doc.getMap(root).toJSON())]);
  if (kind === 'inbox') parts.push(['n', sorted(doc.getArray('n').toJSON())]);
  return JSON.stringify(parts);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
