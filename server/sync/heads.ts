import type { UserId } from '../../src/lib/model/ids.ts';
import { boardDoc, inboxDoc, parseConversation, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import type { Store } from '../store/store.ts';
import type { Head } from './types.ts';

/** Tasks of each board that a device keeps, by their last message. Rooms are kept all. */
const TASKS_PER_BOARD = 200;

/** What a device of this person should hold, the most useful first: inbox, boards, then conversations as they were last used. */
export async function headsOf(user: UserId, store: Store): Promise<Head[]> {
  const boards = await store.boards.forUser(user);
  const conversations = (await Promise.all(boards.map(({ id }) => store.conversations.forBoard(id)))).flatMap(
    (list) => {
      const tasks = list.filter(({ ref }) => ref.startsWith('task/'));
      const kept = new Set(tasks.slice(0, TASKS_PER_BOARD));
      return list.filter((one) => one.ref.startsWith('room/') || kept.has(one));
    },
  );
  conversations.sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0));
  const names = [inboxDoc(user), ...boards.map(({ id }) => boardDoc(id))];
  for (const { ref, head } of conversations) {
    names.push(volumeDoc(ref, head));
    const conversation = parseConversation(ref);
    if (conversation?.kind === 'task') names.push(taskDoc(conversation.id));
  }
  const revs = await store.documents.heads(names);
  return names.map((name) => ({ name, rev: revs.get(name) ?? 0 }));
}
