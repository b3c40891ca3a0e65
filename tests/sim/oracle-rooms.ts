import { readInbox } from '../../src/lib/model/inbox.ts';
import { inboxDoc } from '../../src/lib/model/names.ts';
import { byOneTab, type Facts } from './facts.ts';
import type { RoomRow } from './store/data.ts';

/** Every wish came true, was overtaken by another one, or was answered with a reason; and what is erased is gone. */
export function judgeRooms(facts: Facts): string[] {
  return facts.data.rooms
    .all()
    .flatMap((room) => (room.removedAt === null ? judgeWishes(room, facts) : judgeGone(room, facts)));
}

function judgeWishes(room: RoomRow, facts: Facts): string[] {
  const problems: string[] = [];
  const described = facts.did('wish').filter(({ act }) => act.room === room.id && act.field === 'description');
  const said = described.map(({ act }) => act.value);
  if (room.description !== '' && !said.includes(room.description)) {
    problems.push(`nobody said what ${room.id} is for: ${room.description}`);
  }
  const people = new Set(described.map(({ person }) => person));
  const [only] = people;
  const last = described.at(-1)?.act.value;
  if (people.size === 1 && only !== undefined && byOneTab(facts, described) && room.description !== last) {
    const refused = refusedOf(only, room.id, facts);
    if (!refused.has('description'))
      problems.push(`a wish was lost: ${room.id} ${String(last)}, not ${room.description}`);
  }
  for (const { id } of facts.world.people) {
    for (const [field, reason] of refusedOf(id, room.id, facts)) {
      const explained =
        (reason === 'archived' && facts.world.closedRooms.has(room.id)) ||
        (reason === 'taken-name' && field !== 'description') ||
        (['not-allowed', 'not-found'].includes(reason) && facts.wasChanged(id, room.board));
      if (!explained) problems.push(`a wish refused from an honest person: ${id} ${room.id}/${field} ${reason}`);
    }
  }
  return problems;
}

function refusedOf(user: string, room: string, facts: Facts): Map<string, string> {
  const { refusedAsks } = readInbox(facts.doc(inboxDoc(user)));
  return new Map(
    refusedAsks.flatMap((ask) => (ask.kind === 'wish' && ask.id === room ? [[ask.field, ask.reason] as const] : [])),
  );
}

/** Of an erased room nothing is left. */
function judgeGone(room: RoomRow, { data }: Facts): string[] {
  if (room.name !== '') return [];
  const ref = `room/${room.id}`;
  const left = [
    ...data.documents.where(({ name }) => name.startsWith(`${ref}/`)).map(({ name }) => name),
    ...data.conversations.where((row) => row.ref === ref).map(() => 'its conversation'),
    ...data.messages.where((row) => row.ref === ref).map(({ mid }) => mid),
    ...data.notifications.where((row) => row.ref === ref).map(({ id }) => `notification ${id}`),
  ];
  return left.map((one) => `left of the erased room ${room.id}: ${one}`);
}
