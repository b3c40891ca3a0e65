import * as Y from 'yjs';
import type { Data } from './store/data.ts';

/** A document as the log has it, read by nobody's help but Yjs'. */
export function stored(data: Data, name: string): Y.Doc {
  const doc = new Y.Doc();
  const row = data.outside.documents.get(name);
  Y.transact(doc, () => {
    if (row?.snapshot) Y.applyUpdate(doc, row.snapshot);
    for (const { data: update } of row?.updates ?? []) Y.applyUpdate(doc, update);
  });
  return doc;
}

const ROOTS: Readonly<Record<string, readonly string[]>> = {
  board: ['b', 'people', 'rooms', 'heads'],
  room: ['m', 'mod', 'log', 'meta'],
  task: ['m', 'mod', 'log', 'meta'],
  inbox: ['read', 'drafts', 'prefs', 'ask', 'boards', 'asked'],
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
