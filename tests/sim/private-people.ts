import { parseLogEntry } from '../../src/lib/model/message-slots.ts';
import type { Process } from './server.ts';
import type { World } from './world.ts';

type Fault = (world: World) => string | null;

/** A private room in use, by somebody who is in it. */
function someRoom({ server, chance }: World): { room: string; board: string; people: string[] } | null {
  const { rooms, roomMembers } = server.data.outside;
  const found = chance.pickOr(rooms.where((room) => room.private && room.archivedAt === null));
  if (found === null) return null;
  const people = roomMembers.where(({ room }) => room === found.id).map(({ user }) => user);
  return people.length === 0 ? null : { room: found.id, board: found.board, people };
}

async function takeOut({ store, sync }: Process, o: { room: string; board: string; user: string }): Promise<boolean> {
  const outcome = await store.roomMembers.remove(o.room, o.user);
  if (outcome !== 'ok') return false;
  await sync.revoke({ user: o.user, board: o.board, room: o.room });
  return true;
}

/** Who is let into private rooms, and taken out, as the routes of HTTP do it; each with how often. */
export const PRIVATE_PEOPLE: readonly (readonly [name: string, weight: number, run: Fault])[] = [
  [
    'let somebody into a private room',
    6,
    (world) => {
      witness(world);
      const found = someRoom(world);
      if (found === null) return null;
      const members = world.server.data.outside.memberships.where(({ board }) => board === found.board);
      const user = world.chance.pickOr(members.map((row) => row.user).filter((id) => !found.people.includes(id)));
      if (user === null) return null;
      world.letIn.add(`${found.room}/${user}`);
      void world.server.do(async ({ store, sync }) => {
        if ((await store.roomMembers.add(found.room, user)) === 'ok') await sync.roomChanged(found.room);
      });
      return `${user} into ${found.room}`;
    },
  ],
  [
    'take somebody out of a private room',
    4,
    (world) => {
      witness(world);
      const found = someRoom(world);
      const user = found && world.chance.pickOr(found.people);
      if (!found || user === null) return null;
      const { room, board } = found;
      world.takenOut.add(`${room}/${user}`);
      void world.server.do(async (process) => {
        if (!(await takeOut(process, { room, board, user }))) return;
        await process.sync.roomChanged(room, user);
      });
      return `${user} out of ${room}`;
    },
  ],
];

/** Looks into every tab: nobody holds what was said in a private room after they were out of it. */
export function witness(world: World): void {
  const { roomMembers, roomExits } = world.server.data.outside;
  for (const { room, user, next } of roomExits.all()) {
    if (roomMembers.has(`${room}/${user}`)) continue;
    for (const tab of world.tabs.filter((one) => one.ready && one.me === user)) {
      for (const open of tab.client.documents.all()) {
        if (!open.name.startsWith(`room/${room}/`)) continue;
        open.doc.getMap('log').forEach((value, seq) => {
          const entry = parseLogEntry(seq, value);
          if (entry !== null && entry.seq >= next) world.leaks.add(`${user} heard ${open.name} ${seq} after leaving`);
        });
      }
    }
  }
}
