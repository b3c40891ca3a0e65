import { readInbox } from '../../src/lib/model/inbox.ts';
import { parseSlot, type Slot } from '../../src/lib/model/message-slots.ts';
import { inboxDoc } from '../../src/lib/model/names.ts';
import { byOneTab, type Facts } from './facts.ts';

/** Where somebody keeps a notification is where they put it: with one tab, where they put it last. */
export function judgeSorting(facts: Facts): string[] {
  return facts.world.people.flatMap(({ id: user }) => {
    const items = new Map(readInbox(facts.doc(inboxDoc(user))).notifications.map((one) => [one.id, one]));
    const mine = facts.did('sort').filter(({ person }) => person === user);
    return [...Map.groupBy(mine, ({ act }) => act.id)].flatMap(([id, entries]) => {
      const item = items.get(id);
      const now = item?.place.kind;
      const puts = entries.filter(({ act }) => act.as !== 'unread');
      // Withdrawn since, or never put anywhere.
      if (item === undefined || now === undefined || puts.length === 0) return [];
      // Withdrawn meanwhile and told anew, it is in the inbox again.
      if (now === 'inbox' && wasChanged(item.slot, facts)) return [];
      const may = new Set<string>(puts.map(({ act }) => act.as));
      if (!puts.some((entry) => facts.isCertain(entry))) may.add('inbox');
      const last = puts.at(-1)?.act.as ?? 'inbox';
      if (!may.has(now)) return [`sorted by nobody: ${user} has ${id} in ${now}`];
      return byOneTab(facts, entries) && now !== last
        ? [`sorting was lost: ${user} has ${id} in ${now}, not ${last}`]
        : [];
    });
  });
}

/** Whether somebody may have been told of a message, told no longer, and told again. */
function wasChanged(slot: Slot, facts: Facts): boolean {
  const mid = parseSlot(slot)?.mid;
  return facts.did('edit', 'moderate', 'restore').some(({ act }) => act.mid === mid);
}
