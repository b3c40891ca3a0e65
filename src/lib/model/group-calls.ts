import type * as Y from 'yjs';
import type { UserId } from './ids.ts';
import { NOTIFICATIONS_ROOT, parseEntry } from './inbox-fields.ts';
import type { Group } from './mention-tokens.ts';
import type { Slot } from './message-slots.ts';
import type { ConversationRef } from './names.ts';

/** Groups that one person may call in a minute: more is a flood, and those it would tell have other things to do. */
export const CALLS_PER_MINUTE = 5;
/** Whoever would tell more people than this is asked first. */
export const CALLS_UNASKED = 5;

/** Who could be called in a conversation. */
export type Callable = {
  /** All who may read it. */
  readers: Iterable<UserId>;
  /** Who has written in a task's thread; null in a room, where being in it is enough. */
  writers: ReadonlySet<UserId> | null;
  /** Who is connected; null calls everybody who might be. */
  here: ReadonlySet<UserId> | null;
};

/**
 * Whom a group means: never someone who may not read the conversation. `@board` is everyone who may, `@here` those of
 * them who are connected, `@room` all of a room, and in a task's thread those who have written there: whoever has not
 * is better called by name.
 */
export function membersOf(group: Group, { readers, writers, here }: Callable): UserId[] {
  const among = group === 'here' ? here : group === 'room' ? writers : null;
  return among === null ? [...readers] : [...readers].filter((id) => among.has(id));
}

/** Messages of the owner of this inbox whose groups told nobody: they had called too many before. */
export function quietIn(inbox: Y.Doc, conversation: ConversationRef): Set<Slot> {
  const quiet = new Set<Slot>();
  for (const value of inbox.getArray(NOTIFICATIONS_ROOT).toArray()) {
    const entry = parseEntry(value);
    if (entry?.kind === 'quiet' && entry.conversation === conversation) quiet.add(entry.slot);
  }
  return quiet;
}
