import type * as Y from 'yjs';
import { ASKS_HERE } from './limits.ts';
import { isPlainObject, own } from './plain.ts';

/** The same roots as in `inbox-fields.ts`, which this must not import. */
const ASK_ROOT = 'ask';
const ASKED_ROOT = 'asked';

/** True for what was asked and not answered. Of several wishes under one key the answer may be to an earlier one. */
export function isOpenAsk(asked: unknown, answer: unknown): boolean {
  if (!isPlainObject(asked)) return false;
  const n = own(asked, 'n');
  if (!isPlainObject(answer)) return true;
  return n !== undefined && own(answer, 'n') !== n;
}

/** How many asks and wishes of an inbox wait for an answer. */
export function openAsks(doc: Y.Doc): number {
  const answers = doc.getMap(ASKED_ROOT);
  let open = 0;
  doc.getMap(ASK_ROOT).forEach((asked, key) => {
    if (isOpenAsk(asked, answers.get(key))) open += 1;
  });
  return open;
}

/** False once so much waits for an answer that nothing more is asked for here; what waits may still be changed. */
export function mayAsk(doc: Y.Doc, key = ''): boolean {
  const isChange = isOpenAsk(doc.getMap(ASK_ROOT).get(key), doc.getMap(ASKED_ROOT).get(key));
  return isChange || openAsks(doc) < ASKS_HERE;
}
