import { membersOf } from '../../src/lib/model/group-calls.ts';
import type { UserId } from '../../src/lib/model/ids.ts';
import type { NotificationKind } from '../../src/lib/model/inbox-fields.ts';
import { tells } from '../../src/lib/model/levels.ts';
import { excerptOf } from '../../src/lib/model/excerpt.ts';
import { mentionsIn, type Group } from '../../src/lib/model/mentions.ts';
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
  // Whether its author might call when it was said, nobody knows later: who was told all the same is told no longer.
  const named = { before: namedIn(said.before), after: namedIn(body) };
  const { groups } = named.before;
  const calls = new Set(can(audience.members.get(author)?.role ?? null, 'callGroups') ? named.after.groups : []);
  const isQuiet = [...calls].some((group) => !groups.has(group)) && !audience.call(author);
  if (isQuiet) {
    for (const group of calls) if (!groups.has(group)) calls.delete(group);
    tellings.tell(said, author, 'quiet');
  } else if (groups.size > 0 && calls.size === 0) tellings.withdraw(said, author);

  const before = reasons(said.before, named.before.users, groups, said, audience, isThere);
  const after = reasons(body, named.after.users, calls, said, audience, isThere);
  for (const user of new Set([...before.keys(), ...after.keys()])) {
    const was = before.get(user);
    const is = audience.readers.has(user) ? after.get(user) : undefined;
    if (was === is) continue;
    const wanted = wantedKind(user, is, audience);
    const hears = is !== undefined && isStronger(is, was) && (is !== 'here' || audience.here.has(user));
    if (wanted === null) tellings.withdraw(said, user);
    else if (hears) tellings.tell(said, user, wanted);
    else tellings.rename(said, user, wanted);
  }
  if (said.before !== null) {
    // Who was meant before is not who would be meant now: people come and go, and roles change.
    tellings.keepOnly(said, [...after.keys(), ...audience.wantAll]);
    for (const user of audience.wantAll) {
      if (user !== author && !after.has(user)) tellings.rename(said, user, 'message');
    }
    return;
  }
  for (const user of audience.wantAll) {
    if (user !== author && !tellings.isTold(said, user)) tellings.tell(said, user, 'message');
  }
}

function namedIn(body: Body | null): { users: ReadonlySet<UserId>; groups: ReadonlySet<Group> } {
  return mentionsIn(body?.kind === 'message' ? body.text : '');
}

/**
 * `here` is whoever `@here` alone might mean: who that was when the words were said, nobody knows later. It is the weakest
 * reason, so that another one tells all whom it may not have told.
 */
type Reason = Exclude<NotificationKind, 'message'> | 'here';
const REASONS: readonly Reason[] = ['mention', 'reply', 'group', 'here'];

/** The strongest reason to tell each person. */
function reasons(
  body: Body | null,
  users: ReadonlySet<UserId>,
  groups: ReadonlySet<Group>,
  { author }: Said,
  { readers, writers }: Audience,
  isThere: (slot: Slot) => boolean,
): Map<UserId, Reason> {
  const found = new Map<UserId, Reason>();
  if (body?.kind !== 'message') return found;
  const call = (group: Group, reason: Reason): void => {
    if (!groups.has(group)) return;
    for (const user of membersOf(group, { readers: readers.keys(), writers, here: null })) found.set(user, reason);
  };
  call('here', 'here');
  call('room', 'group');
  call('board', 'group');
  const answered = body.replyTo !== null && isThere(body.replyTo) ? parseSlot(body.replyTo)?.author : undefined;
  if (answered !== undefined) found.set(answered, 'reply');
  for (const user of users) found.set(user, 'mention');
  found.delete(author);
  return found;
}

function isStronger(is: Reason, was: Reason | undefined): boolean {
  return was === undefined || REASONS.indexOf(is) < REASONS.indexOf(was);
}

/** What someone is told as, by the level they chose; null for nothing. */
function wantedKind(user: UserId, is: Reason | undefined, audience: Audience): NotificationKind | null {
  const level = audience.levelOf(user);
  const kind = is === 'here' ? 'group' : is;
  if (kind !== undefined && tells(level, kind)) return kind;
  return tells(level, 'message') && audience.readers.has(user) ? 'message' : null;
}
