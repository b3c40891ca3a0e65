import type * as Y from 'yjs';

/**
 * Of a document: up to which hint messages wait for the server that it may not hold yet, because they are still to be read from
 * the device. As a key in a transaction's `meta`: the hint of the message that it writes.
 */
export const HINTS = new WeakMap<Y.Doc, number>();
