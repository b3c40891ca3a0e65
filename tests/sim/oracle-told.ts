import { readVolume, type Message } from '../../src/lib/model/conversation.ts';
import { CALLS_PER_MINUTE } from '../../src/lib/model/group-calls.ts';
import type { NotificationKind } from '../../src/lib/model/inbox-fields.ts';
import { readInbox } from '../../src/lib/model/inbox.ts';
import { DEFAULT_LEVEL, LEVELS, levelKey, tells, type Level } from '../../src/lib/model/levels.ts';
import { parseSlot } from '../../src/lib/model/message-slots.ts';
import { inboxDoc, volumeDoc, type ConversationRef } from '../../src/lib/model/names.ts';
import { can } from '../../src/lib/model/roles.ts';
import { byOneTab, type Facts } from './facts.ts';

/** A message as it stands in the end, with whom its words name. */
type Standing = { ref: ConversationRef; message: Message; mentions: string[]; groups: string[]; board: string | null };

/**
 * Each is told of a message once at most, for the strongest reason that its words give, and whoever must be told is. What
 * their level keeps from them they are not told, what it lets through they are.
 */
export function judgeTold(facts: Facts): string[] {
  const standing = standingNow(facts);
  return facts.world.people.flatMap(({ id }) => judgeOne(id, standing, facts));
}

function standingNow(facts: Facts): Standing[] {
  const saboteur = facts.world.saboteur.id;
  const standing: Standing[] = [];
  for (const ref of facts.conversations()) {
    const head = facts.data.conversations.get(ref)?.head ?? 0;
    const board = facts.boardOf(`${ref}/1`);
    for (let volume = 1; volume <= head; volume++) {
      for (const message of readVolume(facts.doc(volumeDoc(ref, volume))).messages) {
        const { author, mid, body } = message;
        if (body.kind === 'tombstone' || author === saboteur) continue;
        const words = facts.did('send', 'edit').find(({ act }) => act.mid === mid && act.text === body.text)?.act;
        standing.push({ ref, message, mentions: words?.mentions ?? [], groups: words?.groups ?? [], board });
      }
    }
  }
  return standing;
}

function judgeOne(user: string, standing: readonly Standing[], facts: Facts): string[] {
  const problems: string[] = [];
  const { notifications } = readInbox(facts.doc(inboxDoc(user)));
  const told = Map.groupBy(notifications, ({ conversation, slot }) => `${conversation} ${slot}`);
  const standingAs = new Map(standing.map((one) => [`${one.ref} ${one.message.slot}`, one]));
  for (const [key, one] of standingAs) {
    const { board, ref } = one;
    const why = strongest(user, one, facts);
    const isMember = board !== null && facts.mayRead(user, ref, board);
    const changed = facts.wasMoved(user, ref, board);
    const level = changed ? null : levelThen(user, one, facts);
    const must = level !== null && why?.certain === true && tells(level, why.kind);
    const wants = level === 'all' && one.message.author !== user;
    if (isMember && (must || wants) && !told.has(key)) {
      problems.push(`not told: ${user} of ${key} by ${why?.kind ?? 'message'}, with ${level}`);
    }
    for (const { kind } of told.get(key) ?? []) {
      if (level !== null && !tells(level, kind))
        problems.push(`told all the same: ${user} of ${key} by ${kind}, with ${level}`);
    }
    if (why !== null && board !== null && !isMember && !changed && told.has(key)) {
      problems.push(`told, and no member: ${user} of ${key}`);
    }
  }
  for (const [key, rows] of told) {
    if (rows.length > 1) problems.push(`told ${rows.length} times: ${user} of ${key}`);
    const [ref = '', slot = ''] = key.split(' ');
    if (slot.startsWith(facts.world.saboteur.id)) continue;
    if (slot.startsWith(`${user}/`)) problems.push(`told of one's own: ${user} of ${key}`);
    const one = standingAs.get(key);
    const kinds = one === undefined ? [] : admissible(user, one, facts);
    for (const { kind } of rows) {
      if (!kinds.includes(kind))
        problems.push(`told by ${kind}, not ${kinds.join() || 'at all'}: ${user} of ${ref} ${slot}`);
    }
  }
  return problems;
}

/** Why the words as they stand tell someone; `certain` where nothing could have kept it from them. */
function strongest(user: string, one: Standing, facts: Facts): { kind: NotificationKind; certain: boolean } | null {
  const { message, mentions, groups, board, ref } = one;
  const { author, body } = message;
  if (user === author || body.kind === 'tombstone') return null;
  if (mentions.includes(user)) return { kind: 'mention', certain: true };
  if (body.replyTo !== null && parseSlot(body.replyTo)?.author === user) return { kind: 'reply', certain: true };
  if (groups.length === 0 || board === null || !mayCall(author, board, facts)) return null;
  const calls = facts.did('send', 'edit').filter(({ person, act }) => person === author && act.groups !== undefined);
  const everybody = groups.some((group) => group === 'board' || (group === 'room' && ref.startsWith('room/')));
  const certain = everybody && calls.length <= CALLS_PER_MINUTE && !facts.wasChanged(author, board);
  return { kind: 'group', certain };
}

/**
 * The reasons that a notification may show. Who changed their level, or what a role was, leaves more than one; and whoever
 * was out when the words were changed keeps what earlier ones told them.
 */
function admissible(user: string, one: Standing, facts: Facts): NotificationKind[] {
  const why = strongest(user, one, facts);
  const kinds: NotificationKind[] = why === null ? [] : [why.kind];
  if (why !== null && facts.wasMoved(user, one.ref, one.board)) {
    const words = facts.did('send', 'edit').filter(({ act }) => act.ref === one.ref && act.mid === one.message.mid);
    if (words.some(({ act }) => act.mentions.includes(user))) kinds.push('mention');
    if (words.some(({ act }) => act.groups !== undefined)) kinds.push('group');
  }
  const chose = facts.did('pref').filter((entry) => entry.person === user && entry.act.key === levelKeyOf(one.ref));
  if (chose.some(({ act }) => act.value === 'all')) kinds.push('message');
  return kinds;
}

/** How much they wanted to be told while all of its words came; null when that is not known for certain. */
function levelThen(user: string, { ref, message }: Standing, facts: Facts): Level | null {
  const choices = facts.did('pref').filter(({ person, act }) => person === user && act.key === levelKeyOf(ref));
  const last = choices.at(-1);
  if (last === undefined) return DEFAULT_LEVEL;
  const since = byOneTab(facts, choices) ? last.sentAt : null;
  const words = facts.did('send', 'edit').filter(({ act }) => act.ref === ref && act.mid === message.mid);
  if (since === null || words.some(({ at }) => at < since)) return null;
  return LEVELS.find((level) => level === last.act.value) ?? null;
}

/** Someone whose role was another one then may have been let through. */
function mayCall(author: string, board: string, facts: Facts): boolean {
  const role = facts.data.memberships.get(`${board}/${author}`)?.role ?? null;
  return can(role, 'callGroups') || facts.wasChanged(author, board);
}

function levelKeyOf(ref: ConversationRef): string | null {
  const [kind, id = ''] = ref.split('/');
  return kind === 'room' ? levelKey(id) : null;
}
