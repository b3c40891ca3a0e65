import { readVolume } from '../../src/lib/model/conversation.ts';
import { readInbox, readDraft } from '../../src/lib/model/inbox.ts';
import { inboxDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { byOneTab, type Facts } from './facts.ts';

type Told = { user: string; slot: string; ref: string };

/** Who is mentioned is told once, who is not is not; and what is unread is what they have not read. */
export function judgeInboxes(facts: Facts): string[] {
  const mentions = mentionsNow(facts);
  return facts.world.people.flatMap(({ id }) => [
    ...judgeNotifications(id, mentions, facts),
    ...judgeUnread(id, facts),
    ...judgeHome(id, facts),
  ]);
}

/** Every mention in the words that stand there now. */
function mentionsNow(facts: Facts): Told[] {
  const saboteur = facts.world.saboteur.id;
  const told: Told[] = [];
  for (const ref of facts.conversations()) {
    const head = facts.data.conversations.get(ref)?.head ?? 0;
    for (let volume = 1; volume <= head; volume++) {
      for (const { slot, author, mid, body } of readVolume(facts.doc(volumeDoc(ref, volume))).messages) {
        if (body.kind === 'tombstone' || author === saboteur) continue;
        const words = facts.did('send', 'edit').find(({ act }) => act.mid === mid && act.text === body.text);
        for (const user of words?.act.mentions ?? []) if (user !== author) told.push({ user, slot, ref });
      }
    }
  }
  return told;
}

function judgeNotifications(user: string, mentions: Told[], facts: Facts): string[] {
  const problems: string[] = [];
  const { notifications } = readInbox(facts.doc(inboxDoc(user)));
  const counts = new Map<string, number>();
  for (const { conversation, slot } of notifications) {
    const key = `${conversation} ${slot}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const wanted = new Set(mentions.filter((one) => one.user === user).map(({ ref, slot }) => `${ref} ${slot}`));
  for (const key of wanted) {
    const [ref = ''] = key.split(' ');
    const board = facts.boardOf(`${ref}/1`);
    const always = board !== null && facts.isMember(user, board) && !facts.wasChanged(user, board);
    if (always && !counts.has(key)) problems.push(`not told: ${user} of ${key}`);
    if (board !== null && !facts.isMember(user, board) && !facts.wasChanged(user, board) && counts.has(key)) {
      problems.push(`told, and no member: ${user} of ${key}`);
    }
  }
  for (const [key, count] of counts) {
    if (count > 1) problems.push(`told ${count} times: ${user} of ${key}`);
    const [, slot = ''] = key.split(' ');
    const bySaboteur = slot.startsWith(facts.world.saboteur.id);
    if (!wanted.has(key) && !bySaboteur) problems.push(`told of what does not mention them: ${user} of ${key}`);
  }
  return problems;
}

/** Between what they read for certain and what they may have read. */
function judgeUnread(user: string, facts: Facts): string[] {
  const { notifications, unread } = readInbox(facts.doc(inboxDoc(user)));
  const mine = facts.did('read', 'read-one', 'read-all').filter(({ person }) => person === user);
  const count = (acts: typeof mine): number =>
    notifications.filter(({ id, conversation, seq }) => {
      const isRead = acts.some(({ act }) => {
        if (act.kind === 'read') return act.ref === conversation && act.seq >= seq;
        return act.kind === 'read-one' ? act.id === id : act.upTo >= id;
      });
      return !isRead;
    }).length;
  const most = count(mine.filter((entry) => facts.isCertain(entry)));
  const least = count(mine);
  return unread < least || unread > most ? [`unread: ${user} has ${unread}, not ${least} to ${most}`] : [];
}

/** Boards, asks and drafts. */
function judgeHome(user: string, facts: Facts): string[] {
  const problems: string[] = [];
  const doc = facts.doc(inboxDoc(user));
  const { boards, asks } = readInbox(doc);
  const { data, world } = facts;
  const mine = data.memberships.where((row) => row.user === user && data.boards.get(row.board)?.removedAt === null);
  const expected = mine.map(({ board, role }) => `${board} ${role} ${data.boards.get(board)?.title}`).sort();
  const shown = boards.map(({ id, role, title }) => `${id} ${role} ${title}`).sort();
  const opened = world.devices.some(({ person }) => person.id === user);
  if (opened && shown.join() !== expected.join())
    problems.push(`boards of ${user}: ${shown.join()}, not ${expected.join()}`);
  for (const ask of asks) problems.push(`unanswered: ${JSON.stringify(ask)}`);
  for (const entry of facts.did('ask-board')) {
    if (entry.person !== user || !facts.isCertain(entry)) continue;
    if (data.boards.get(entry.act.id)?.by !== user) problems.push(`a board was not made: ${JSON.stringify(entry.act)}`);
  }
  const drafts = Map.groupBy(
    facts.did('draft').filter(({ person }) => person === user),
    ({ act }) => act.ref,
  );
  for (const [ref, entries] of drafts) {
    const now = readDraft(doc, ref as `room/${string}`);
    const last = entries.at(-1)?.act.text;
    if (byOneTab(facts, entries) && now !== last) problems.push(`a draft was lost: ${ref} ${last} is ${now}`);
  }
  return problems;
}
