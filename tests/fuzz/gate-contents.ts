import * as Y from 'yjs';
import type { DocName } from '../../src/lib/model/names.ts';
import type { Write } from '../../server/sync/gate/verdict.ts';

export function copyOf(doc: Y.Doc): Y.Doc {
  return docOf([Y.encodeStateAsUpdate(doc)]);
}

/** A document made from these updates in one go. */
export function docOf(updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (const update of updates) Y.applyUpdate(doc, update);
  });
  return doc;
}

/** Applies an update and says what it changed in the roots that are maps, as Yjs tells it. */
export function changesOf(name: DocName, doc: Y.Doc, update: Uint8Array): Write[] {
  if (name.kind === 'task') {
    Y.applyUpdate(doc, update);
    return [{ root: 'desc', key: '', value: undefined }];
  }
  const writes: Write[] = [];
  const watched = MAP_ROOTS.map((root) => {
    const map = doc.getMap(root);
    const watch = (event: Y.YMapEvent<unknown>): void => {
      for (const [key, { action }] of event.changes.keys) {
        writes.push({ root, key, value: action === 'delete' ? undefined : map.get(key) });
      }
    };
    map.observe(watch);
    return () => map.unobserve(watch);
  });
  Y.applyUpdate(doc, update);
  for (const stop of watched) stop();
  return sorted(writes);
}

export const MAP_ROOTS = [
  'm',
  'mod',
  'log',
  'meta',
  'b',
  'people',
  'rooms',
  'heads',
  'read',
  'drafts',
  'prefs',
  'ask',
  'boards',
  'asked',
];

/** All that a document says, as text that is the same on every replica. */
export function contentOf(doc: Y.Doc): string {
  const maps = MAP_ROOTS.map((root) => [root, doc.getMap(root).toJSON()] as const);
  return JSON.stringify(
    [maps, doc.getArray('n').toJSON(), doc.getXmlFragment('desc').toJSON()],
    (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  );
}

/** The words of a description, without their marks. */
export function wordsOf(doc: Y.Doc): string {
  const texts: string[] = [];
  for (const node of doc.getXmlFragment('desc').createTreeWalker(() => true)) {
    if (node instanceof Y.XmlText) texts.push(node.toJSON().replace(/<[^>]*>/g, ''));
    else if (node instanceof Y.XmlElement) texts.push(`<${node.nodeName}>`);
  }
  return texts.join('|');
}

/** In an order that does not depend on how they were found. */
export function sorted(writes: readonly Write[]): Write[] {
  return writes.toSorted((a, b) => (a.root + a.key < b.root + b.key ? -1 : 1));
}
