import type { Store } from '../../../server/store/store.ts';
import { compare } from './boards.ts';
import type { Connection } from './connection.ts';
import { toldKey } from './conversations.ts';
import type { View } from './data.ts';
import { insideKey } from './keys.ts';

function peopleIn({ roomMembers }: View, room: string): string[] {
  return roomMembers
    .where((row) => row.room === room)
    .map(({ user }) => user)
    .sort(compare);
}

/** The private rooms of a board that someone is in. */
export function roomsWith(view: View, board: string, user: string): string[] {
  return view.roomMembers
    .where((row) => row.user === user && view.rooms.get(row.room)?.board === board)
    .map(({ room }) => room);
}

/** Takes someone out of rooms, with what their inbox shows of them. One that is empty then is archived. */
export function takeOut(view: View, rooms: readonly string[], user: string, now: number): number {
  let count = 0;
  for (const id of rooms) {
    if (view.roomMembers.delete(insideKey(id, user))) {
      count += 1;
      const next = view.conversations.get(`room/${id}`)?.nextSeq ?? 1;
      view.roomExits.set(insideKey(id, user), { room: id, user, next });
    }
    for (const row of view.notifications.where((one) => one.ref === `room/${id}` && one.user === user)) {
      if (!row.withdrawn)
        view.notifications.set(toldKey(row), { ...row, withdrawn: true, reworded: false, excerpt: '' });
    }
    const room = view.rooms.get(id);
    if (room?.private === true && room.archivedAt === null && peopleIn(view, id).length === 0) {
      view.rooms.update(id, { archivedAt: now });
    }
  }
  return count;
}

export function roomMembersIn(db: Connection): Store['roomMembers'] {
  return {
    of: (room, tx) => db.read(tx, (view) => (view.rooms.get(room)?.private === false ? null : peopleIn(view, room))),

    has: (room, user, tx) =>
      db.read(tx, (view) =>
        view.rooms.get(room)?.private === false ? null : view.roomMembers.has(insideKey(room, user)),
      ),

    roomsFor: (user, board, archived, tx) =>
      db.read(tx, (view) =>
        view.roomMembers
          .where((row) => row.user === user)
          .flatMap(({ room: id }) => {
            const room = view.rooms.get(id);
            if (room?.removedAt !== null || view.boards.get(room.board)?.removedAt !== null) return [];
            if (board != null && room.board !== board) return [];
            if (room.archivedAt !== null && archived !== true) return [];
            const { removedAt: _removedAt, ...shown } = room;
            return [{ ...shown, people: peopleIn(view, id) }];
          })
          .sort((a, b) => a.createdAt - b.createdAt || compare(a.id, b.id)),
      ),

    add: (room, user, tx) =>
      db.write(tx, (view) => {
        const row = view.rooms.get(room);
        if (row?.private !== true || row.archivedAt !== null) return 'not-found';
        if (view.boards.get(row.board)?.removedAt !== null) return 'not-found';
        if (!view.memberships.has(`${row.board}/${user}`)) return 'not-found';
        view.roomMembers.set(insideKey(room, user), { room, user });
        return 'ok';
      }),

    remove: (room, user, tx) =>
      db.write(tx, (view) => (takeOut(view, [room], user, db.steps.now()) === 1 ? 'ok' : 'not-found')),
  };
}
