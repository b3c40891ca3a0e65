import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError, notFound } from '../../../src/lib/api/errors.ts';
import { PageQuery, RoomBody } from '../../../src/lib/api/schemas.ts';
import { newId } from '../../../src/lib/model/ids.ts';
import type { Room } from '../../store/rooms.ts';
import { requireBoard, requireConversation } from '../access.ts';
import { pageAfter } from '../page.ts';
import { route } from '../route.ts';

function roomOf({ id, board, name, private: hidden, by, createdAt }: Room) {
  return { id, board, name, private: hidden, by, createdAt: new Date(createdAt).toISOString() };
}

export const roomRoutes = [
  route({
    method: 'GET',
    path: '/boards/:board/rooms',
    summary: 'The rooms of a board, by id: the public ones, and the private ones that one is in.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Room),
    async handle({ who, params, query }, s) {
      await requireBoard(s, who, params.board, 'read');
      const { rooms: all, roomMembers } = s.store;
      const rooms = [...(await all.forBoard(params.board)), ...(await roomMembers.roomsFor(who.id, params.board))];
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
      await requireConversation(s, who, `room/${params.room}`, 'read');
      const room = await s.store.rooms.get(params.room);
      if (!room) throw notFound();
      return roomOf(room);
    },
  }),
];
