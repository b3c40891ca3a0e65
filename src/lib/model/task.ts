import type * as Y from 'yjs';

/** The one root of a task's document. */
export const DESCRIPTION_ROOT = 'desc';

/** The collaborative description of a task. Its thread is in the volumes of the conversation `task/<id>`. */
export function description(doc: Y.Doc): Y.XmlFragment {
  return doc.getXmlFragment(DESCRIPTION_ROOT);
}
