import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError, notFound } from '../../../src/lib/api/errors.ts';
import { RoomBody, RoomPatch, RoomsQuery } from '../../../src/lib/api/schemas.ts';
import { newId } from '../../../src/lib/model/ids.ts';
import { mayChangeRoom } from '../../../src/lib/model/roles.ts';
import type { Room } from '../../store/rooms.ts';
import { changing, requireBoard, requireConversation } from '../access.ts';
import { pageAfter } from '../page.ts';
import { route } from '../route.ts';

function roomOf({ id, board, name, private: hidden, description, by, createdAt, archivedAt }: Room) {
  return {
    id,
    board,
    name,
    private: hidden,
    description,
    by,
    createdAt: new Date(createdAt).toISOString(),
    archivedAt: archivedAt === null ? null : new Date(archivedAt).toISOString(),
  };
}

const TAKEN = 'This board has a room of that name already; choose another.';

export const roomRoutes = [
  route({
    method: 'GET',
    path: '/boards/:board/rooms',
    summary: 'The rooms of a board, by id: the public ones, and the private ones that one is in.',
    access: 'signed-in',
    query: RoomsQuery,
    answer: answers.pageOf(answers.Room),
    async handle({ who, params, query }, s) {
      await requireBoard(s, who, params.board, 'read');
      const { rooms: all, roomMembers } = s.store;
      const archived = query.archived === 'true';
      const hidden = await roomMembers.roomsFor(who.id, params.board, archived);
      const open = await (archived ? all.archived(params.board) : all.forBoard(params.board));
      const rooms = [...open, ...hidden.filter(({ archivedAt }) => (archivedAt !== null) === archived)];
      return pageAfter(rooms.map(roomOf), ({ id }) => id, query);
    },
  }),

  route({
    method: 'POST',
    path: '/boards/:board/rooms',
    summary: 'Makes a room, open to everybody in the board, or with `private` to those who are let in.',
    access: 'signed-in',
    body: RoomBody,
    answer: answers.Room,
    status: 201,
    async handle({ who, params, body }, s) {
      await requireBoard(s, who, params.board, 'createRoom');
      const id = newId();
      const outcome = await s.store.rooms.create({
        id,
        board: params.board,
        name: body.name,
        by: who.id,
        private: body.private ?? false,
      });
      if (outcome !== 'ok') throw new ApiError('taken', TAKEN);
      await s.sync.roomChanged(id);
      const room = await s.store.rooms.get(id);
      if (!room) throw notFound();
      return roomOf(room);
    },
  }),

  route({
    method: 'GET',
    path: '/rooms/:room',
    summary: 'A room.',
    access: 'signed-in',
    answer: answers.Room,
    async handle({ who, params }, s) {
      await requireConversation(s, who, `room/${params.room}`, 'read');
      const room = await s.store.rooms.get(params.room);
      if (!room) throw notFound();
      return roomOf(room);
    },
  }),

  route({
    method: 'PATCH',
    path: '/rooms/:room',
    summary: 'Renames, describes, archives or restores a room. Owners, and the member who made it.',
    access: 'signed-in',
    body: RoomPatch,
    answer: answers.Room,
    async handle({ who, params, body }, s) {
      const { role } = await requireConversation(s, who, `room/${params.room}`, 'read');
      const room = await s.store.rooms.get(params.room);
      if (!room) throw notFound();
      if (!mayChangeRoom(role, who.id, room)) {
        throw new ApiError('forbidden', 'Only owners of the board and the member who made a room change it.');
      }
      const outcome = await changing(s, room.board, () => s.store.rooms.change(params.room, body));
      if (outcome === 'not-found') throw notFound();
      if (outcome === 'taken-name') throw new ApiError('taken', TAKEN);
      if (outcome === 'archived') throw new ApiError('archived', 'This room is archived: restore it to change it.');
      await s.sync.roomChanged(params.room);
      const changed = await s.store.rooms.get(params.room);
      if (!changed) throw notFound();
      return roomOf(changed);
    },
  }),

  route({
    method: 'DELETE',
    path: '/rooms/:room',
    summary: 'Deletes a room for good, with everything that was said there. Owners only.',
    access: 'signed-in',
    async handle({ who, params }, s) {
      const { board } = await requireConversation(s, who, `room/${params.room}`, 'deleteRoom');
      await changing(s, board, () => s.store.rooms.remove(params.room));
      await s.sync.roomChanged(params.room);
    },
  }),
];
