import { membersOf } from '../../src/lib/model/group-calls.ts';
import type { UserId } from '../../src/lib/model/ids.ts';
import { NOTIFICATION_KINDS, type NotificationKind } from '../../src/lib/model/inbox-fields.ts';
import { tells } from '../../src/lib/model/levels.ts';
import { excerptOf, mentionsIn, type Group } from '../../src/lib/model/mentions.ts';
import { parseSlot, type Body, type Slot } from '../../src/lib/model/message-slots.ts';
import { can } from '../../src/lib/model/roles.ts';
import type { Said } from './acts.ts';
import type { Audience } from './audience.ts';
import type { Tellings } from './tellings.ts';

/**
 * Writes into `tellings` who is to be told of a message, for which reason, and who no longer is: the difference between
 * the words before and after. Never the author, never someone who may not read it. `isThere` knows the messages of the
 * conversation: only those are answered. Not for a message that is over: `forget` it.
 */
export function mentionChanges(
  said: Said,
  audience: Audience,
  isThere: (slot: Slot) => boolean,
  now: number,
  tellings: Tellings,
): void {
  const { ref, author, mid, body } = said;
  if (body?.kind !== 'message') return;
  tellings.say({
    ref,
    author,
    mid,
    board: audience.board,
    by: author,
    excerpt: excerptOf(body.text, audience.members),
    at: now,
  });
  const groups = called(said.before, author, audience);
  const calls = called(body, author, audience);
  const isQuiet = [...calls].some((group) => !groups.has(group)) && !audience.call(author);
  if (isQuiet) {
    for (const group of calls) if (!groups.has(group)) calls.delete(group);
    tellings.tell(said, author, 'quiet');
  } else if (groups.size > 0 && calls.size === 0) tellings.withdraw(said, author);

  const before = reasons(said.before, groups, said, audience, isThere);
  const after = reasons(body, calls, said, audience, isThere);
  for (const user of after.keys()) if (!audience.readers.has(user)) after.delete(user);
  const reached = inGroups(calls, audience, audience.here);
  for (const user of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(user), after.get(user)];
    if (was === is) continue;
    const wanted = wantedKind(user, is, audience);
    // Who is not here now hears of it when someone else calls them.
    const hears = is !== undefined && isStronger(is, was) && (is !== 'group' || reached.has(user));
    if (wanted === null) tellings.withdraw(said, user);
    else if (hears) tellings.tell(said, user, wanted);
    else tellings.rename(said, user, wanted);
  }
  if (said.before !== null) return;
  for (const user of audience.wantAll) {
    if (user !== author && !tellings.isTold(said, user)) tellings.tell(said, user, 'message');
  }
}

/** The groups that a message calls; none where its author may not. */
function called(body: Body | null, author: UserId, { members }: Audience): Set<Group> {
  const may = can(members.get(author)?.role ?? null, 'callGroups');
  return body?.kind === 'message' && may ? mentionsIn(body.text).groups : new Set();
}

/** The strongest reason to tell each person. Whoever `@here` might mean counts, so that it is the same at any time. */
function reasons(
  body: Body | null,
  groups: ReadonlySet<Group>,
  { author }: Said,
  audience: Audience,
  isThere: (slot: Slot) => boolean,
): Map<UserId, NotificationKind> {
  const found = new Map<UserId, NotificationKind>();
  if (body?.kind !== 'message') return found;
  for (const user of inGroups(groups, audience, null)) found.set(user, 'group');
  const answered = body.replyTo !== null && isThere(body.replyTo) ? parseSlot(body.replyTo)?.author : undefined;
  if (answered !== undefined) found.set(answered, 'reply');
  for (const user of mentionsIn(body.text).users) found.set(user, 'mention');
  found.delete(author);
  return found;
}

function inGroups(groups: Iterable<Group>, audience: Audience, here: Audience['here'] | null): Set<UserId> {
  const { readers, writers } = audience;
  return new Set([...groups].flatMap((group) => membersOf(group, { readers: readers.keys(), writers, here })));
}

function isStronger(is: NotificationKind, was: NotificationKind | undefined): boolean {
  return was === undefined || NOTIFICATION_KINDS.indexOf(is) < NOTIFICATION_KINDS.indexOf(was);
}

/** What someone is told as, by the level they chose; null for nothing. */
function wantedKind(user: UserId, is: NotificationKind | undefined, audience: Audience): NotificationKind | null {
  const level = audience.levelOf(user);
  if (is !== undefined && tells(level, is)) return is;
  return tells(level, 'message') && audience.readers.has(user) ? 'message' : null;
}
