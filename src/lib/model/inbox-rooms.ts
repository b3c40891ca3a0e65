import type * as Y from 'yjs';
import { parseRoom, removeRoom, ROOMS_ROOT, setHead, type Head, type Room } from './board-directory.ts';
import { isId, type BoardId, type RoomId, type UserId } from './ids.ts';
import { isConversation, parseConversation, type ConversationRef } from './names.ts';
import { compareText, isPlainArray, isPlainObject, own } from './plain.ts';

/**
 * A private room, as the home of each person in it lists it: the board's document is read by all members, so that nothing
 * of a private room may stand there. `heads` of the home is about these rooms alone, and is read like a board's.
 */
export type PrivateRoom = Room & {
  board: BoardId;
  /** Everyone in it, by id. */
  people: readonly UserId[];
};

export function parsePrivateRoom(id: string, value: unknown): PrivateRoom | null {
  const room = parseRoom(id, value);
  if (room === null || !isPlainObject(value)) return null;
  const board = own(value, 'board');
  const people = own(value, 'people');
  return isId(board) && isPlainArray(people) ? { ...room, board, people: people.filter(isId) } : null;
}

/** The private rooms that the owner of this home is in, oldest first; of one board if it is given. */
export function readPrivateRooms(doc: Y.Doc, board: BoardId | null = null): PrivateRoom[] {
  const rooms: PrivateRoom[] = [];
  doc.getMap(ROOMS_ROOT).forEach((value, key) => {
    const room = parsePrivateRoom(key, value);
    if (room !== null && (board === null || room.board === board)) rooms.push(room);
  });
  return rooms.sort((a, b) => a.at - b.at || compareText(a.id, b.id));
}

type Listed = Omit<PrivateRoom, 'description' | 'archived'> & Partial<PrivateRoom>;

/** Lists a private room in the home of someone in it. Server only. */
export function setPrivateRoom(doc: Y.Doc, room: Listed): void {
  const { id, name, by, at, description = '', archived = null, board } = room;
  const people = [...room.people].sort(compareText);
  const value = {
    name,
    by,
    at,
    board,
    people,
    ...(description !== '' && { description }),
    ...(archived !== null && { archived }),
  };
  const map = doc.getMap(ROOMS_ROOT);
  const old = parsePrivateRoom(id, map.get(id));
  const now = parsePrivateRoom(id, value);
  if (now === null) throw new RangeError('not a private room');
  if (old === null || JSON.stringify(old) !== JSON.stringify(now)) map.set(id, value);
}

/** Strikes a private room off, with how far it has come. Server only. */
export function removePrivateRoom(doc: Y.Doc, id: RoomId): void {
  removeRoom(doc, id);
}

/** Says how far a private room has come, where the home lists it. Nothing is written that says nothing new. Server only. */
export function setPrivateHead(
  doc: Y.Doc,
  conversation: ConversationRef,
  head: Omit<Head, 'at'> & Partial<Head>,
): void {
  const parsed = isConversation(conversation) ? parseConversation(conversation) : null;
  if (parsed?.kind === 'room' && doc.getMap(ROOMS_ROOT).has(parsed.id)) setHead(doc, conversation, head);
}
