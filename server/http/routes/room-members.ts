import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError, notFound } from '../../../src/lib/api/errors.ts';
import { PageQuery } from '../../../src/lib/api/schemas.ts';
import type { RoomId } from '../../../src/lib/model/ids.ts';
import { can, mayChangeRoom, type Role } from '../../../src/lib/model/roles.ts';
import type { Room } from '../../store/rooms.ts';
import type { AuthedUser } from '../../sync/types.ts';
import { changing, requireConversation } from '../access.ts';
import { pageAfter } from '../page.ts';
import { route, type Services } from '../route.ts';

/** A room that the person may know of, and their role in its board. */
async function requireRoom(s: Services, who: AuthedUser, id: RoomId): Promise<{ room: Room; role: Role }> {
  const { role } = await requireConversation(s, who, `room/${id}`, 'read');
  const room = await s.store.rooms.get(id);
  if (!room) throw notFound();
  return { room, role };
}

function requirePrivate(room: Room): void {
  if (!room.private) throw new ApiError('refused', 'Everybody in the board is in this room; it is not private.');
}

export const roomMemberRoutes = [
  route({
    method: 'GET',
    path: '/rooms/:room/members',
    summary: 'Who is in a room, by id: everybody in the board, or those who were let into a private one.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Member),
    async handle({ who, params, query }, s) {
      const { room } = await requireRoom(s, who, params.room);
      const inside = await s.store.roomMembers.of(room.id);
      const members = await s.store.boards.members(room.board);
      const people = inside === null ? members : members.filter(({ id }) => inside.includes(id));
      return pageAfter(people, ({ id }) => id, query);
    },
  }),

  route({
    method: 'PUT',
    path: '/rooms/:room/members/:user',
    summary: 'Lets a member of the board into a private room that one is in oneself. Idempotent.',
    access: 'signed-in',
    answer: answers.Member,
    async handle({ who, params }, s) {
      const { room, role } = await requireRoom(s, who, params.room);
      if (!can(role, 'createRoom')) {
        throw new ApiError('forbidden', `Your role on this board, ${role}, does not allow this; ask an owner.`);
      }
      requirePrivate(room);
      const member = (await s.store.boards.members(room.board)).find(({ id }) => id === params.user);
      if (!member || (await s.store.roomMembers.add(room.id, member.id)) !== 'ok') throw notFound();
      await s.sync.roomChanged(room.id);
      return member;
    },
  }),

  route({
    method: 'DELETE',
    path: '/rooms/:room/members/:user',
    summary:
      'Takes somebody out of a private room, or leaves it. Others: its maker, and owners of the board who are in it. When nobody is left the room is archived.',
    access: 'signed-in',
    async handle({ who, params }, s) {
      const { room, role } = await requireRoom(s, who, params.room);
      if (params.user !== who.id && !mayChangeRoom(role, who.id, room)) {
        throw new ApiError('forbidden', 'Only who made this room, or an owner of the board, takes others out of it.');
      }
      requirePrivate(room);
      const outcome = await changing(s, room.board, () => s.store.roomMembers.remove(room.id, params.user));
      if (outcome !== 'ok') throw notFound();
      await s.sync.revoke({ user: params.user, board: room.board, room: room.id });
      await s.sync.roomChanged(room.id, params.user);
    },
  }),
];
