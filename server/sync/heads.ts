import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import {
  boardDoc,
  conversationOf,
  inboxDoc,
  parseConversation,
  parseDocName,
  taskDoc,
  volumeDoc,
  type ConversationRef,
} from '../../src/lib/model/names.ts';
import type { Store } from '../store/store.ts';
import type { Head } from './types.ts';

/** Tasks of each board that a device keeps, by their last message. Rooms are kept all. */
const TASKS_PER_BOARD = 200;

/** What a device of this person should hold, the most useful first: inbox, boards, then conversations as they were last used. */
export async function headsOf(user: UserId, store: Store): Promise<Head[]> {
  const { boards, conversations } = await store.conversations.seenBy(user);
  const tasks = new Map<BoardId, number>();
  const kept = conversations.filter(({ ref, board }) => {
    if (ref.startsWith('room/')) return true;
    const before = tasks.get(board) ?? 0;
    tasks.set(board, before + 1);
    return before < TASKS_PER_BOARD;
  });
  const names = [inboxDoc(user), ...boards.map(boardDoc)];
  for (const { ref, head } of kept) {
    names.push(volumeDoc(ref, head));
    const conversation = parseConversation(ref);
    if (conversation?.kind === 'task') names.push(taskDoc(conversation.id));
  }
  const revs = await store.documents.heads(names);
  return names.map((name) => ({ name, rev: revs.get(name) ?? 0 }));
}

/**
 * How far those of these documents have come that this person may read: what a device holds besides `headsOf`, and
 * would otherwise not hear of. Others, and those never written to, are left out.
 */
export async function revsOf(user: UserId, names: readonly string[], store: Store): Promise<Head[]> {
  const { boards, conversations } = await store.conversations.seenBy(user);
  const refs = new Set(conversations.map(({ ref }) => ref));
  const mayRead = (name: string): boolean => {
    const at = parseDocName(name);
    if (at === null) return false;
    if (at.kind === 'inbox') return at.id === user;
    if (at.kind === 'board') return boards.includes(at.id);
    const ref: ConversationRef | null = at.kind === 'task' ? `task/${at.id}` : conversationOf(at);
    return ref !== null && refs.has(ref);
  };
  const revs = await store.documents.heads([...new Set(names)].filter(mayRead));
  return [...revs].map(([name, rev]) => ({ name, rev }));
}
