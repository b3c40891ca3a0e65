import type { BoardId, UserId } from '../../src/lib/model/ids.ts';
import { excerptOf, mentionsIn } from '../../src/lib/model/mentions.ts';
import type { Body } from '../../src/lib/model/message-slots.ts';
import type { Member } from '../store/boards.ts';
import type { NewNotification, NotificationKey } from '../store/notifications.ts';
import type { Removed, Said } from './acts.ts';
import { isOver } from './erasure.ts';

export type MentionChanges = {
  add: NewNotification[];
  withdraw: NotificationKey[];
  /** Who was told already, of words that are others now. */
  reword: (NotificationKey & { excerpt: string })[];
};

/**
 * Adds to `changes` who is to be told of what was said, and who no longer is: the difference between the mentions
 * before and after. Never the author, never someone who is not in the board, nobody for a message that is removed or
 * deleted. That nobody is told twice is for the store's unique rows.
 */
export function mentionChanges(
  said: Said,
  board: BoardId,
  members: ReadonlyMap<UserId, Member>,
  now: number,
  changes: MentionChanges,
): void {
  const { ref, author, mid } = said;
  const before = mentionedIn(said.before);
  const after = isOver(said) ? new Set<UserId>() : mentionedIn(said.body);
  for (const user of before) {
    if (!after.has(user)) changes.withdraw.push({ user, ref, author, mid, kind: 'mention' });
  }
  if (said.body?.kind !== 'message') return;
  const excerpt = excerptOf(said.body.text, members);
  for (const user of after) {
    if (user === author || !members.has(user)) continue;
    if (before.has(user)) {
      changes.reword.push({ user, ref, author, mid, kind: 'mention', excerpt });
      continue;
    }
    changes.withdraw = changes.withdraw.filter(
      (one) => one.user !== user || one.ref !== ref || one.author !== author || one.mid !== mid,
    );
    changes.add.push({ user, ref, author, mid, kind: 'mention', by: author, board, excerpt, at: now });
  }
}

/** A moderator removed the message: nobody is told of it any more. */
export function withdrawMentions({ ref, author, mid, body }: Removed, changes: MentionChanges): void {
  for (const user of mentionedIn(body)) changes.withdraw.push({ user, ref, author, mid, kind: 'mention' });
}

function mentionedIn(body: Body | null): Set<UserId> {
  return body?.kind === 'message' ? mentionsIn(body.text).users : new Set();
}
