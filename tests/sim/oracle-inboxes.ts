import { readInbox, readDraft } from '../../src/lib/model/inbox.ts';
import { inboxDoc } from '../../src/lib/model/names.ts';
import { byOneTab, type Facts } from './facts.ts';

/** What is unread is what they have not read; and what they keep at home is there. */
export function judgeInboxes(facts: Facts): string[] {
  return facts.world.people.flatMap(({ id }) => [...judgeUnread(id, facts), ...judgeHome(id, facts)]);
}

/** Between what they read for certain and what they may have read. */
function judgeUnread(user: string, facts: Facts): string[] {
  // What was sorted by hand is judged by that.
  const sorted = new Set(facts.did('sort').flatMap(({ person, act }) => (person === user ? [act.id] : [])));
  const notifications = readInbox(facts.doc(inboxDoc(user))).notifications.filter(({ id }) => !sorted.has(id));
  const unread = notifications.filter((one) => one.unread).length;
  const mine = facts.did('read', 'read-one', 'read-all').filter(({ person }) => person === user);
  const count = (acts: typeof mine): number =>
    notifications.filter(({ id, conversation, seq, late }) => {
      const isRead = acts.some(({ act }) => {
        // Who has read a message has not read what an edit made of it.
        if (act.kind === 'read') return late !== 1 && act.ref === conversation && act.seq >= seq;
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
    if (facts.isGone(ref)) continue;
    const now = readDraft(doc, ref as `room/${string}`);
    const last = entries.at(-1)?.act.text;
    if (byOneTab(facts, entries) && now !== last) problems.push(`a draft was lost: ${ref} ${last} is ${now}`);
  }
  return problems;
}
