import { readBoard, readRooms, type Person } from '$lib/model/board.ts';
import type { UserId } from '$lib/model/ids.ts';
import type { ConversationRef } from '$lib/model/names.ts';
import type * as Y from 'yjs';

/** A board's title, and what its rooms and tasks are called. */
export type Places = { title: string; names: Map<ConversationRef, string> };

export function readPlaces(doc: Y.Doc): Places {
  const board = readBoard(doc);
  const names = new Map<ConversationRef, string>();
  for (const room of readRooms(doc)) names.set(`room/${room.id}`, room.name);
  for (const column of board.columns) for (const card of column.cards) names.set(`task/${card.id}`, card.title);
  for (const card of board.archivedCards) names.set(`task/${card.id}`, card.title);
  return { title: board.title, names };
}

export const NOBODY: Map<UserId, Person> = new Map();
