import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError, notFound } from '../../../src/lib/api/errors.ts';
import { BoardBody, ColumnBody, MemberBody, PageQuery } from '../../../src/lib/api/schemas.ts';
import { addColumn, readBoard, type Column } from '../../../src/lib/model/board.ts';
import { newId } from '../../../src/lib/model/ids.ts';
import { boardDoc } from '../../../src/lib/model/names.ts';
import { accepted, changing, requireBoard } from '../access.ts';
import { pageAfter } from '../page.ts';
import { route } from '../route.ts';

const LAST_OWNER = 'A board needs at least one owner: make somebody else an owner first.';

function columnOf({ id, title, rank }: Column) {
  return { id, title, rank };
}

export const boardRoutes = [
  route({
    method: 'GET',
    path: '/boards',
    summary: "One's boards, by id.",
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Board),
    handle: async ({ who, query }, s) => pageAfter(await s.store.boards.forUser(who.id), ({ id }) => id, query),
  }),

  route({
    method: 'POST',
    path: '/boards',
    summary: 'Makes a board and becomes its owner.',
    access: 'signed-in',
    body: BoardBody,
    answer: answers.Board,
    status: 201,
    async handle({ who, body }, s) {
      const id = newId();
      await s.store.boards.create({ id, title: body.title, owner: who.id });
      await s.sync.boardChanged(id);
      return { id, title: body.title, role: 'owner' as const };
    },
  }),

  route({
    method: 'GET',
    path: '/boards/:board',
    summary: 'A board.',
    access: 'signed-in',
    answer: answers.Board,
    async handle({ who, params }, s) {
      const role = await requireBoard(s, who, params.board, 'read');
      const board = await s.store.boards.get(params.board);
      if (!board) throw notFound();
      return { id: board.id, title: board.title, role };
    },
  }),

  route({
    method: 'PATCH',
    path: '/boards/:board',
    summary: 'Renames a board. Owners only.',
    access: 'signed-in',
    body: BoardBody,
    answer: answers.Board,
    async handle({ who, params, body }, s) {
      const role = await requireBoard(s, who, params.board, 'renameBoard');
      if (!(await s.store.boards.rename(params.board, body.title))) throw notFound();
      await s.sync.boardChanged(params.board);
      return { id: params.board, title: body.title, role };
    },
  }),

  route({
    method: 'DELETE',
    path: '/boards/:board',
    summary: 'Removes a board for everybody. Owners only.',
    access: 'signed-in',
    async handle({ who, params }, s) {
      await requireBoard(s, who, params.board, 'deleteBoard');
      await changing(s, params.board, () => s.store.boards.remove(params.board));
      await s.sync.boardChanged(params.board);
    },
  }),

  route({
    method: 'GET',
    path: '/boards/:board/members',
    summary: 'Who is in a board, by id.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Member),
    async handle({ who, params, query }, s) {
      await requireBoard(s, who, params.board, 'read');
      return pageAfter(await s.store.boards.members(params.board), ({ id }) => id, query);
    },
  }),

  route({
    method: 'PUT',
    path: '/boards/:board/members/:user',
    summary: "Adds somebody, or changes somebody's role. Owners only.",
    access: 'signed-in',
    body: MemberBody,
    answer: answers.Member,
    async handle({ who, params, body }, s) {
      await requireBoard(s, who, params.board, 'manageMembers');
      const outcome = await changing(s, params.board, () =>
        s.store.boards.setMember(params.board, params.user, body.role),
      );
      if (outcome === 'not-found') throw notFound();
      if (outcome === 'last-owner') throw new ApiError('last-owner', LAST_OWNER);
      await s.sync.membershipChanged(params.board);
      const user = await s.store.users.byId(params.user);
      if (!user) throw notFound();
      return { id: user.id, username: user.username, name: user.name, role: body.role };
    },
  }),

  route({
    method: 'DELETE',
    path: '/boards/:board/members/:user',
    summary: 'Removes somebody, or leaves. Others: owners only.',
    access: 'signed-in',
    async handle({ who, params }, s) {
      await requireBoard(s, who, params.board, params.user === who.id ? 'read' : 'manageMembers');
      const outcome = await changing(s, params.board, () => s.store.boards.removeMember(params.board, params.user));
      if (outcome === 'not-found') throw notFound();
      if (outcome === 'last-owner') throw new ApiError('last-owner', LAST_OWNER);
      await s.sync.revoke({ user: params.user, board: params.board });
      await s.sync.membershipChanged(params.board);
    },
  }),

  route({
    method: 'GET',
    path: '/boards/:board/columns',
    summary: 'The columns of a board, in order.',
    access: 'signed-in',
    answer: answers.pageOf(answers.Column),
    async handle({ who, params }, s) {
      await requireBoard(s, who, params.board, 'read');
      const { columns } = await s.sync.read(boardDoc(params.board), readBoard);
      return { items: columns.map(columnOf), next: null };
    },
  }),

  route({
    method: 'POST',
    path: '/boards/:board/columns',
    summary: 'Adds a column at the end.',
    access: 'signed-in',
    body: ColumnBody,
    answer: answers.Column,
    status: 201,
    async handle({ who, params, body }, s) {
      await requireBoard(s, who, params.board, 'editCards');
      const made = await s.sync.writeAs(who, boardDoc(params.board), (doc) => {
        const id = addColumn(doc, who.id, body.title);
        return readBoard(doc).columns.find((column) => column.id === id);
      });
      const column = accepted(made);
      if (!column) throw new ApiError('invalid', 'The field title must not be empty.');
      return columnOf(column);
    },
  }),
];
