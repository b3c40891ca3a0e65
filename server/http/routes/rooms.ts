import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError, notFound } from '../../../src/lib/api/errors.ts';
import { PageQuery, RoomBody } from '../../../src/lib/api/schemas.ts';
import { newId } from '../../../src/lib/model/ids.ts';
import type { Room } from '../../store/rooms.ts';
import { requireBoard } from '../access.ts';
import { pageAfter } from '../page.ts';
import { route } from '../route.ts';

function roomOf({ id, board, name, by, createdAt }: Room) {
  return { id, board, name, by, createdAt: new Date(createdAt).toISOString() };
}

export const roomRoutes = [
  route({
    method: 'GET',
    path: '/boards/:board/rooms',
    summary: 'The rooms of a board, by id.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Room),
    async handle({ who, params, query }, s) {
      await requireBoard(s, who, params.board, 'read');
      const rooms = await s.store.rooms.forBoard(params.board);
      return pageAfter(rooms.map(roomOf), ({ id }) => id, query);
    },
  }),

  route({
    method: 'POST',
    path: '/boards/:board/rooms',
    summary: 'Makes a room, open to everybody in the board.',
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
        private: false,
      });
      if (outcome !== 'ok') throw new ApiError('taken', 'This board has a room of that name already; choose another.');
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
      const room = await s.store.rooms.get(params.room);
      if (!room || room.archivedAt !== null) throw notFound();
      await requireBoard(s, who, room.board, 'read');
      return roomOf(room);
    },
  }),
];
