import type * as Y from 'yjs';
import { current } from './current.svelte.ts';
import { LOCAL_ORIGIN, OpenDocument } from './open-document.svelte.ts';

export { OpenDocument };

/**
 * Opens a document for whoever is signed in: at once, from this device, and with the server while it can be reached.
 * Counted: everyone who opens it calls `release` once. Throws for what is no document's name.
 */
export function openDocument(name: string): OpenDocument {
  return current.need().documents.open(name);
}

/** The one way to change a document: `fn` runs in one transaction, which counts as one change that waits. */
export function change<T>(open: OpenDocument, fn: (doc: Y.Doc) => T): T {
  const { doc } = open;
  return doc.transact(() => fn(doc), LOCAL_ORIGIN);
}
