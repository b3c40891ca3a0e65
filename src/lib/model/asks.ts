import type * as Y from 'yjs';
import { newId, type BoardId, type RoomId } from './ids.ts';
import { ASK_ROOT, parseAsk, type AskKey } from './inbox-fields.ts';
import { TITLE } from './limits.ts';
import { mayAsk } from './open-asks.ts';
import { cleanTitle } from './plain.ts';

/** Asks for a board and returns its id; null when the title says nothing, or nothing more may be asked for. Works offline. */
export function askBoard(doc: Y.Doc, title: string, id: BoardId = newId()): BoardId | null {
  return ask(doc, `board/${id}`, { title: cleanTitle(title, TITLE) }) ? id : null;
}

/**
 * Asks for a room in a board and returns its id; null when the name says nothing, or nothing more may be asked for. A
 * private one begins with who asks for it. Works offline.
 */
export function askRoom(
  doc: Y.Doc,
  board: BoardId,
  name: string,
  id: RoomId = newId(),
  o: { private?: boolean } = {},
): RoomId | null {
  const wanted = { board, name: cleanTitle(name, TITLE), ...(o.private === true && { private: 1 }) };
  return ask(doc, `room/${id}`, wanted) ? id : null;
}

function ask(doc: Y.Doc, key: AskKey, value: Record<string, string | number>): boolean {
  if (parseAsk(key, value) === null || !mayAsk(doc, key)) return false;
  doc.getMap(ASK_ROOT).set(key, value);
  return true;
}
