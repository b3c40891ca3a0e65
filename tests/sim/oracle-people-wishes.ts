import { readInbox } from '../../src/lib/model/inbox.ts';
import { inboxDoc } from '../../src/lib/model/names.ts';
import { byOneTab, type Facts } from './facts.ts';

/** Every wish about somebody in a private room came true, was overtaken, or was answered with a reason that holds. */
export function judgePeopleWishes(facts: Facts): string[] {
  const wishes = Map.groupBy(facts.did('wish-person'), ({ act }) => `${act.room}/${act.user}`);
  return [...[...wishes.keys()].flatMap((key) => judgeLast(key, facts)), ...judgeRefused(facts)];
}

/** What one tab alone wished of somebody last is so, unless it was refused. */
function judgeLast(key: string, facts: Facts): string[] {
  const acts = facts.did('wish-person').filter(({ act }) => `${act.room}/${act.user}` === key);
  const last = acts.at(-1);
  // The routes of HTTP moved them too.
  const isMoved = facts.world.letIn.has(key) || facts.world.takenOut.has(key);
  if (last === undefined || !byOneTab(facts, acts) || isMoved) return [];
  const { room, user, inside } = last.act;
  const row = facts.data.rooms.get(room);
  // Whoever leaves the board leaves its rooms, and whoever came back is let in anew.
  if (row === undefined || row.removedAt !== null || facts.wasChanged(user, row.board)) return [];
  if (refusedOf(last.person, facts).some((one) => one.id === room && one.user === user)) return [];
  const isIn = facts.data.roomMembers.has(key);
  return isIn === inside ? [] : [`a wish was lost: ${key} ${inside ? 'in' : 'out'} by ${last.person}`];
}

function judgeRefused(facts: Facts): string[] {
  return facts.world.people.flatMap(({ id: person }) =>
    refusedOf(person, facts).flatMap(({ id: room, user, reason }) => {
      const row = facts.data.rooms.get(room);
      const board = row?.board ?? null;
      const isExplained =
        row === undefined ||
        row.removedAt !== null ||
        facts.data.boards.get(row.board)?.removedAt !== null ||
        (reason === 'not-found' && (facts.wasChanged(person, board) || facts.takenOut.has(`${room}/${person}`))) ||
        (reason === 'not-allowed' && facts.wasChanged(person, board)) ||
        (reason === 'no-member' && facts.wasChanged(user, board)) ||
        (reason === 'archived' && (facts.world.closedRooms.has(room) || row.archivedAt !== null));
      return isExplained ? [] : [`a wish refused from an honest person: ${person} ${room}/${user} ${reason}`];
    }),
  );
}

function refusedOf(person: string, facts: Facts) {
  const { refusedAsks } = readInbox(facts.doc(inboxDoc(person)));
  return refusedAsks.filter((ask) => ask.kind === 'person');
}
