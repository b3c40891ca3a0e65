import { isId, type BoardId, type RoomId, type TaskId, type UserId } from './ids.ts';

/** A conversation: a chain of volumes. Its own name is never the name of a document. */
export type ConversationRef = `room/${string}` | `task/${string}`;

export type DocName =
  | { kind: 'board'; id: BoardId }
  | { kind: 'room'; id: RoomId; volume: number }
  | { kind: 'task'; id: TaskId }
  | { kind: 'thread'; id: TaskId; volume: number }
  | { kind: 'inbox'; id: UserId };

/** The volume that a conversation begins with. */
export const FIRST_VOLUME = 1;
const LAST_VOLUME = 999_999;
const VOLUME = /^(?:0|[1-9][0-9]{0,5})$/;

/** Reads a document's name; null for anything that is not exactly one. */
export function parseDocName(value: unknown): DocName | null {
  if (typeof value !== 'string') return null;
  const parts = value.split('/');
  const [root, id, volume] = parts;
  if (parts.length > 3 || !isId(id)) return null;
  if (volume === undefined) {
    if (root === 'board' || root === 'task' || root === 'inbox') return { kind: root, id };
    return null;
  }
  if (!VOLUME.test(volume)) return null;
  if (root === 'room') return { kind: 'room', id, volume: Number(volume) };
  if (root === 'task') return { kind: 'thread', id, volume: Number(volume) };
  return null;
}

/** The name of a document. */
export function formatDocName(name: DocName): string {
  switch (name.kind) {
    case 'board':
    case 'task':
    case 'inbox':
      return `${name.kind}/${name.id}`;
    case 'room':
      return `room/${name.id}/${name.volume}`;
    case 'thread':
      return `task/${name.id}/${name.volume}`;
  }
}

export function boardDoc(id: BoardId): string {
  return `board/${id}`;
}

/** The document of a task's description. Its thread is in the volumes of `task/<id>`. */
export function taskDoc(id: TaskId): string {
  return `task/${id}`;
}

export function inboxDoc(id: UserId): string {
  return `inbox/${id}`;
}

/** The document that holds volume `n` of a conversation. */
export function volumeDoc(conversation: ConversationRef, n: number): string {
  return `${conversation}/${n}`;
}

/** Reads a conversation's name; null for anything else. */
export function parseConversation(value: unknown): { kind: 'room'; id: RoomId } | { kind: 'task'; id: TaskId } | null {
  if (typeof value !== 'string') return null;
  const parts = value.split('/');
  const [kind, id] = parts;
  if (parts.length !== 2 || !isId(id)) return null;
  return kind === 'room' || kind === 'task' ? { kind, id } : null;
}

export function isConversation(value: unknown): value is ConversationRef {
  return parseConversation(value) !== null;
}

/** The conversation that a document belongs to: of a volume, or of a task. Null for board and inbox. */
export function conversationOf(name: DocName): ConversationRef | null {
  switch (name.kind) {
    case 'room':
      return `room/${name.id}`;
    case 'task':
    case 'thread':
      return `task/${name.id}`;
    case 'board':
    case 'inbox':
      return null;
  }
}

/** True for a number that a volume may have. */
export function isVolume(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LAST_VOLUME;
}
