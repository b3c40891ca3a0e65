import * as Y from 'yjs';
import { ownerOf } from '../model/client-ids.ts';
import { parseBody } from '../model/message-slots.ts';

/**
 * The readable words in a document that one person wrote and the server never confirmed, in the order they were written:
 * messages, edits, titles, drafts, text of a description. `confirmed` is the last state vector that the server told.
 */
export function unsentText(doc: Y.Doc, seq: number, confirmed: Uint8Array | null): string[] {
  const known = confirmed === null ? new Map<number, number>() : Y.decodeStateVector(confirmed);
  const texts: string[] = [];
  let typed = '';
  for (const [client, structs] of doc.store.clients) {
    if (ownerOf(client) !== seq) continue;
    const from = known.get(client) ?? 0;
    for (const struct of structs) {
      if (!(struct instanceof Y.Item) || struct.deleted || struct.id.clock + struct.length <= from) continue;
      if (struct.content instanceof Y.ContentString) typed += struct.content.str;
      else if (struct.content instanceof Y.ContentAny) texts.push(...wordsOf(struct));
    }
    if (typed.trim() !== '') texts.push(typed);
    typed = '';
  }
  return texts;
}

function wordsOf(item: Y.Item): string[] {
  const words: string[] = [];
  for (const value of item.content.getContent() as unknown[]) {
    const body = parseBody(value);
    if (body?.kind === 'message') words.push(body.text);
    else if (body === null && isWords(item.parentSub)) words.push(...stringsIn(value));
  }
  return words.filter((text) => text.trim() !== '');
}

/** Keys whose values people typed; others hold ids, places and marks. */
function isWords(key: string | null): boolean {
  return key !== null && /(^|\/)title$|^(room|task|board)\//.test(key);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return ['title', 'name', 'value'].flatMap((key) => {
    const found: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    return typeof found === 'string' ? [found] : [];
  });
}
