import { cleanText } from '../../../server/store/database.ts';
import type { Room } from '../../../server/store/rooms.ts';
import type { Store } from '../../../server/store/store.ts';
import { compare, isOver } from './boards.ts';
import type { Connection } from './connection.ts';
import { slotKey, toldKey } from './conversations.ts';
import type { RoomRow, View } from './data.ts';
import { insideKey } from './keys.ts';
import { mustBeThere } from './tables.ts';

const shown = ({ removedAt: _removedAt, ...room }: RoomRow): Room => room;

function isTaken(view: View, board: string, name: string, o: { but?: string; by?: string }): boolean {
  return view.rooms.all().some((room) => {
    const same = room.board === board && room.name.toLowerCase() === name.toLowerCase();
    if (!same || room.archivedAt !== null || room.id === o.but) return false;
    return !room.private || (o.by !== undefined && view.roomMembers.has(insideKey(room.id, o.by)));
  });
}

export function roomsIn(db: Connection): Store['rooms'] {
  return {
    create: (room, tx) =>
      db.write(tx, (view) => {
        if (view.rooms.has(room.id)) return 'taken-id';
        if (isTaken(view, room.board, room.name, { by: room.by })) return 'taken-name';
        mustBeThere(view.boards.has(room.board) && view.users.has(room.by));
        const blankRoom = { description: '', createdAt: db.steps.now(), archivedAt: null, removedAt: null };
        view.rooms.set(room.id, { ...room, name: cleanText(room.name), ...blankRoom });
        if (room.private) view.roomMembers.set(insideKey(room.id, room.by), { room: room.id, user: room.by });
        const ref = `room/${room.id}` as const;
        const blank = { head: 1, nextSeq: 1, headCount: 0, lastAt: null };
        view.conversations.insert(ref, { ref, board: room.board, ...blank });
        return 'ok';
      }),

    get: (id, tx) =>
      db.read(tx, ({ rooms }) => {
        const room = rooms.get(id);
        return room === undefined || room.removedAt !== null ? null : shown(room);
      }),

    forBoard: (board, tx) =>
      db.read(tx, ({ rooms }) =>
        rooms
          .where((room) => room.board === board && room.archivedAt === null && !room.private)
          .sort((a, b) => a.createdAt - b.createdAt || compare(a.id, b.id))
          .map(shown),
      ),

    listed: (board, tx) =>
      db.read(tx, ({ rooms }) =>
        rooms
          .where((room) => room.board === board && room.removedAt === null && !room.private)
          .map(({ removedAt: _removedAt, ...room }) => room)
          .sort((a, b) => a.createdAt - b.createdAt || compare(a.id, b.id)),
      ),

    archived: (board, tx) =>
      db.read(tx, ({ rooms }) =>
        rooms
          .where(({ archivedAt, removedAt, ...room }) => {
            return room.board === board && archivedAt !== null && removedAt === null && !room.private;
          })
          .sort((a, b) => (b.archivedAt ?? 0) - (a.archivedAt ?? 0) || compare(a.id, b.id))
          .map(shown),
      ),

    change: (id, patch, tx) =>
      db.write(tx, (view) => {
        const room = view.rooms.get(id);
        if (room?.removedAt !== null || view.boards.get(room.board)?.removedAt !== null) return 'not-found';
        const was = room.archivedAt !== null;
        const { name = room.name, description = room.description, archived = was } = patch;
        if (was && archived && (name !== room.name || description !== room.description)) return 'archived';
        const chosen = !archived && (was || name !== room.name);
        if (chosen && isTaken(view, room.board, name, { but: id })) return 'taken-name';
        view.rooms.update(id, {
          name: cleanText(name),
          description: cleanText(description),
          archivedAt: archived ? (room.archivedAt ?? db.steps.now()) : null,
        });
        return 'ok';
      }),

    remove: (id, tx) =>
      db.write(tx, ({ rooms }) => {
        const room = rooms.get(id);
        if (room?.removedAt !== null) return false;
        const now = db.steps.now();
        return rooms.update(id, { removedAt: now, archivedAt: room.archivedAt ?? now });
      }),

    boardOf: (id, tx) => db.read(tx, ({ rooms }) => rooms.get(id)?.board ?? null),

    removed: (limit, agoMs, tx) =>
      db.read(tx, ({ rooms }) =>
        rooms
          .where((row) => row.name !== '' && isOver(row.removedAt, db.steps.now(), agoMs))
          .sort((a, b) => (a.removedAt ?? 0) - (b.removedAt ?? 0) || compare(a.id, b.id))
          .slice(0, limit)
          .map(({ id, board }) => ({ id, board })),
      ),

    erase: (id, tx) =>
      db.write(tx, (view) => {
        const room = view.rooms.get(id);
        if (room?.removedAt == null || room.name === '') return false;
        view.rooms.update(id, { name: '', description: '' });
        const ref = `room/${id}` as const;
        const head = view.conversations.get(ref)?.head ?? 0;
        for (let n = 1; n <= head; n++) view.documents.delete(`${ref}/${n}`);
        for (const row of view.notifications.where((one) => one.ref === ref)) view.notifications.delete(toldKey(row));
        for (const row of view.messages.where((one) => one.ref === ref)) view.messages.delete(slotKey(row));
        view.conversations.delete(ref);
        for (const row of view.roomMembers.where((one) => one.room === id)) {
          view.roomMembers.delete(insideKey(id, row.user));
        }
        return true;
      }),
  };
}
