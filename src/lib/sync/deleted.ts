import * as Y from 'yjs';

/**
 * True when this transaction, which reads stored rows, met content that is deleted: the rows hold more than the document.
 * To be asked inside of it, before Yjs lets go of that content.
 */
export function metDeletedContent(transaction: Y.Transaction): boolean {
  let met = false;
  Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
    met ||= struct instanceof Y.Item && !(struct.content instanceof Y.ContentDeleted);
  });
  return met;
}
