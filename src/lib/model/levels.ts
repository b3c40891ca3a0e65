import type * as Y from 'yjs';
import { isId, type RoomId } from './ids.ts';
import { PREFS_ROOT, type NotificationKind } from './inbox-fields.ts';

/** How much of a room its reader wants to be told of, from everything to nothing. */
export const LEVELS = ['all', 'mentions', 'direct', 'none'] as const;
export type Level = (typeof LEVELS)[number];
export const DEFAULT_LEVEL: Level = 'mentions';

const PREFIX = 'level.';

const TELLS = {
  all: ['mention', 'reply', 'group', 'message'],
  mentions: ['mention', 'reply', 'group'],
  direct: ['mention', 'reply'],
  none: [],
} as const satisfies Record<Level, readonly NotificationKind[]>;

/** Whether someone with this level is told of a message for this reason. */
export function tells(level: Level, kind: NotificationKind): boolean {
  return (TELLS[level] as readonly NotificationKind[]).includes(kind);
}

/** The preference that holds the level of a room. */
export function levelKey(room: RoomId): string {
  return `${PREFIX}${room}`;
}

/** Reads a preference as the level of a room: null for any other one. What is deleted, or is no level, is the default. */
export function parseLevel(key: string, value: unknown): { room: RoomId; level: Level } | null {
  const room = key.slice(PREFIX.length);
  if (!key.startsWith(PREFIX) || !isId(room)) return null;
  return { room, level: LEVELS.find((one) => one === value) ?? DEFAULT_LEVEL };
}

/** The level that the owner of an inbox has chosen for a room. */
export function levelOf(inbox: Y.Doc, room: RoomId): Level {
  return parseLevel(levelKey(room), inbox.getMap(PREFS_ROOT).get(levelKey(room)))?.level ?? DEFAULT_LEVEL;
}

/** Chooses the level of a room, on all devices; the default one is not kept. False when nothing changes. */
export function setLevel(inbox: Y.Doc, room: RoomId, level: Level): boolean {
  if (!isId(room)) throw new RangeError('not a room');
  const prefs = inbox.getMap(PREFS_ROOT);
  const key = levelKey(room);
  if (levelOf(inbox, room) === level) return false;
  if (level === DEFAULT_LEVEL) prefs.delete(key);
  else prefs.set(key, level);
  return true;
}
