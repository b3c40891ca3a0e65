import type * as Y from 'yjs';

/** Names of the roots that a transaction changed, however deep below them. */
export function changedRoots(transaction: Y.Transaction): Set<string> {
  const names = new Set<string>();
  for (const type of transaction.changed.keys()) {
    let top: unknown = type;
    for (let item = type._item; item !== null; item = (top as { _item: Y.Item | null })._item) top = item.parent;
    // By identity, and from the document's own table: a root becomes another object when it gets its type.
    for (const [name, root] of transaction.doc.share) if (Object.is(root, top)) names.add(name);
  }
  return names;
}
