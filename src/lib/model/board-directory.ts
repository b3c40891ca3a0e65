import type * as Y from 'yjs';
import { isId, type RoomId, type UserId } from './ids.ts';
import { PERSON_NAME, ROOM_DESCRIPTION, TITLE } from './limits.ts';
import { isConversation, isVolume, type ConversationRef } from './names.ts';
import { compareText, isCount, isPlainArray, isPlainObject, isText, isTitle, own } from './plain.ts';
import { isRole, type Role } from './roles.ts';

/** Roots of a board that only the server writes. */
export const PEOPLE_ROOT = 'people';
export const ROOMS_ROOT = 'rooms';
export const HEADS_ROOT = 'heads';

/** A member, as the board's document names them: enough to complete and show mentions offline. */
export type Person = { id: UserId; username: string; name: string; role: Role };

const USERNAME = /^[a-z0-9._-]{2,32}$/;

/** True for `[a-z0-9._-]{2,32}`. */
function isUsername(value: unknown): value is string {
  return typeof value === 'string' && USERNAME.test(value);
}

export function parsePerson(id: string, value: unknown): Person | null {
  if (!isId(id) || !isPlainObject(value)) return null;
  const username = own(value, 'username');
  const name = own(value, 'name');
  const role = own(value, 'role');
  if (!isUsername(username) || !isRole(role)) return null;
  return { id, username, name: isTitle(name, PERSON_NAME) ? name : username, role };
}

/** A room, as the board's document lists it. */
export type Room = {
  id: RoomId;
  name: string;
  by: UserId;
  at: number;
  /** '' for none. */
  description: string;
  /** When it was put away; null while it is in use. */
  archived: number | null;
};

export function parseRoom(id: string, value: unknown): Room | null {
  if (!isId(id) || !isPlainObject(value)) return null;
  const name = own(value, 'name');
  const by = own(value, 'by');
  const at = own(value, 'at');
  if (!isTitle(name, TITLE) || !isId(by) || !isCount(at)) return null;
  const description = own(value, 'description');
  const archived = own(value, 'archived');
  return {
    id,
    name,
    by,
    at,
    description: isText(description, ROOM_DESCRIPTION) ? description : '',
    archived: isCount(archived) ? archived : null,
  };
}

/** How far a conversation has come: its last volume, the number of its last message, and when that came. */
export type Head = { volume: number; seq: number; at: number | null };

/** Entries on devices may be of before there was a time in them, or of a later version that says more. */
export function parseHead(key: string, value: unknown): { conversation: ConversationRef; head: Head } | null {
  if (!isConversation(key) || !isPlainArray(value) || value.length < 2) return null;
  const [volume, seq, at] = value;
  if (!isVolume(volume) || !isCount(seq)) return null;
  return { conversation: key, head: { volume, seq, at: isCount(at) ? at : null } };
}

/** The members, by id. */
export function readPeople(doc: Y.Doc): Map<UserId, Person> {
  const people = new Map<UserId, Person>();
  doc.getMap(PEOPLE_ROOT).forEach((value, key) => {
    const person = parsePerson(key, value);
    if (person !== null) people.set(key, person);
  });
  return people;
}

/** The rooms, oldest first. */
export function readRooms(doc: Y.Doc): Room[] {
  const rooms: Room[] = [];
  doc.getMap(ROOMS_ROOT).forEach((value, key) => {
    const room = parseRoom(key, value);
    if (room !== null) rooms.push(room);
  });
  return rooms.sort((a, b) => a.at - b.at || compareText(a.id, b.id));
}

/** How far each conversation of the board has come. */
export function readHeads(doc: Y.Doc): Map<ConversationRef, Head> {
  const heads = new Map<ConversationRef, Head>();
  doc.getMap(HEADS_ROOT).forEach((value, key) => {
    const parsed = parseHead(key, value);
    if (parsed !== null) heads.set(parsed.conversation, parsed.head);
  });
  return heads;
}

/** Lists someone as a member. Server only. */
export function setPerson(doc: Y.Doc, person: Person): void {
  const { id, username, name, role } = person;
  const map = doc.getMap(PEOPLE_ROOT);
  const old = parsePerson(id, map.get(id));
  if (old?.username === username && old.name === name && old.role === role) return;
  map.set(id, { username, name, role } satisfies { username: string; name: string; role: Role });
}

/** Strikes a member off. Server only. */
export function removePerson(doc: Y.Doc, id: UserId): void {
  const map = doc.getMap(PEOPLE_ROOT);
  if (map.has(id)) map.delete(id);
}

type Listed = Pick<Room, 'id' | 'name' | 'by' | 'at'> & Partial<Room>;

/** Lists a room. Server only. */
export function setRoom(doc: Y.Doc, { id, name, by, at, description = '', archived = null }: Listed): void {
  const map = doc.getMap(ROOMS_ROOT);
  const old = parseRoom(id, map.get(id));
  const same = old?.name === name && old.by === by && old.at === at;
  if (same && old.description === description && old.archived === archived) return;
  map.set(id, { name, by, at, ...(description && { description }), ...(archived !== null && { archived }) });
}

/** Strikes a room off, and how far it has come. Server only. */
export function removeRoom(doc: Y.Doc, id: RoomId): void {
  for (const [root, key] of [
    [ROOMS_ROOT, id],
    [HEADS_ROOT, `room/${id}`],
  ] as const) {
    const map = doc.getMap(root);
    if (map.has(key)) map.delete(key);
  }
}

/** Says how far a conversation has come. Nothing is written that says nothing new. Server only. */
export function setHead(
  doc: Y.Doc,
  conversation: ConversationRef,
  { volume, seq, at = null }: Omit<Head, 'at'> & Partial<Head>,
): void {
  const map = doc.getMap(HEADS_ROOT);
  const old = parseHead(conversation, map.get(conversation))?.head;
  if (old?.volume === volume && old.seq === seq && old.at === at) return;
  map.set(conversation, at === null ? [volume, seq] : [volume, seq, at]);
}
