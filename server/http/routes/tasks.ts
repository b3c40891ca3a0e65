import type * as Y from 'yjs';
import * as answers from '../../../src/lib/api/answers.ts';
import { ApiError, notFound } from '../../../src/lib/api/errors.ts';
import { PageQuery, TaskBody, TaskPatch } from '../../../src/lib/api/schemas.ts';
import {
  addCard,
  archiveCard,
  assign,
  moveCard,
  readBoard,
  readPeople,
  renameCard,
  restoreCard,
  unassign,
  type ArchivedCard,
  type BoardState,
  type Card,
} from '../../../src/lib/model/board.ts';
import type { BoardId, TaskId } from '../../../src/lib/model/ids.ts';
import { boardDoc } from '../../../src/lib/model/names.ts';
import type { Act } from '../../../src/lib/model/roles.ts';
import type { AuthedUser } from '../../sync/types.ts';
import { accepted, requireBoard } from '../access.ts';
import { pageAfter } from '../page.ts';
import { route, type Services } from '../route.ts';

type Patch = ReturnType<typeof patchOf>;

function taskOf(board: BoardId, card: Card | ArchivedCard) {
  const { id, title, rank, by, assignees } = card;
  const column = 'column' in card ? card.column : null;
  return { id, board, column, title, rank, by, assignees, archived: column === null };
}

function tasksIn(board: BoardId, state: BoardState) {
  return [...state.columns.flatMap(({ cards }) => cards), ...state.archivedCards].map((card) => taskOf(board, card));
}

function findTask(board: BoardId, doc: Y.Doc, id: TaskId) {
  return tasksIn(board, readBoard(doc)).find((task) => task.id === id);
}

/** The board of a task in which the person may do `act`. */
async function boardOfTask(s: Services, who: AuthedUser, id: TaskId, act: Act): Promise<BoardId> {
  const board = await s.store.tasks.boardOf(id);
  if (board === null) throw notFound();
  await requireBoard(s, who, board, act);
  return board;
}

export const taskRoutes = [
  route({
    method: 'GET',
    path: '/boards/:board/tasks',
    summary: 'The tasks of a board with its archive, by id; `column` and `rank` tell their places.',
    access: 'signed-in',
    query: PageQuery,
    answer: answers.pageOf(answers.Task),
    async handle({ who, params, query }, s) {
      await requireBoard(s, who, params.board, 'read');
      const state = await s.sync.read(boardDoc(params.board), readBoard);
      return pageAfter(tasksIn(params.board, state), ({ id }) => id, query);
    },
  }),

  route({
    method: 'POST',
    path: '/boards/:board/tasks',
    summary: 'Adds a task at the end of a column.',
    access: 'signed-in',
    body: TaskBody,
    answer: answers.Task,
    status: 201,
    async handle({ who, params, body }, s) {
      await requireBoard(s, who, params.board, 'editCards');
      const made = await s.sync.writeAs(who, boardDoc(params.board), (doc) => {
        const id = addCard(doc, who.id, body.column, body.title);
        return id === null ? undefined : findTask(params.board, doc, id);
      });
      const task = accepted(made);
      if (!task) throw new ApiError('invalid', 'The field column names no column of this board.');
      return task;
    },
  }),

  route({
    method: 'GET',
    path: '/tasks/:task',
    summary: 'A task.',
    access: 'signed-in',
    answer: answers.Task,
    async handle({ who, params }, s) {
      const board = await boardOfTask(s, who, params.task, 'read');
      const task = await s.sync.read(boardDoc(board), (doc) => findTask(board, doc, params.task));
      if (!task) throw notFound();
      return task;
    },
  }),

  route({
    method: 'PATCH',
    path: '/tasks/:task',
    summary: 'Renames, moves, assigns, archives or brings back a task: all that is sent, or nothing.',
    access: 'signed-in',
    body: TaskPatch,
    answer: answers.Task,
    async handle({ who, params, body }, s) {
      const board = await boardOfTask(s, who, params.task, 'editCards');
      const patch = patchOf(body);
      const result = await s.sync.writeAs(who, boardDoc(board), (doc) => {
        const wrong = whatIsWrong(board, doc, params.task, patch);
        if (wrong) return wrong;
        applyPatch(board, doc, params.task, patch);
        return findTask(board, doc, params.task);
      });
      const task = accepted(result);
      if (!task) throw notFound();
      if (typeof task === 'string') throw new ApiError('invalid', task);
      return task;
    },
  }),

  route({
    method: 'DELETE',
    path: '/tasks/:task',
    summary: 'Puts a task into the archive.',
    access: 'signed-in',
    async handle({ who, params }, s) {
      const board = await boardOfTask(s, who, params.task, 'editCards');
      const result = await s.sync.writeAs(who, boardDoc(board), (doc) => {
        const task = findTask(board, doc, params.task);
        if (task && !task.archived) archiveCard(doc, params.task);
        return task !== undefined;
      });
      if (!accepted(result)) throw notFound();
    },
  }),
];

function patchOf(body: {
  title?: string | undefined;
  column?: string | undefined;
  before?: string | null | undefined;
  assignees?: string[] | undefined;
  archived?: boolean | undefined;
}) {
  return { ...body, assignees: body.assignees && new Set(body.assignees) };
}

/** Checked before anything is written, so that a patch is applied as a whole. Null when all is well. */
function whatIsWrong(board: BoardId, doc: Y.Doc, id: TaskId, patch: Patch): string | null {
  const task = findTask(board, doc, id);
  if (!task) return null;
  const { columns } = readBoard(doc);
  const people = readPeople(doc);
  if (patch.column !== undefined && !columns.some((column) => column.id === patch.column)) {
    return 'The field column names no column of this board.';
  }
  const target = columns.find((column) => column.id === (patch.column ?? task.column));
  if (patch.before && (patch.before === id || !target?.cards.some((card) => card.id === patch.before))) {
    return 'The field before names no other task of that column.';
  }
  for (const person of patch.assignees ?? []) {
    if (!people.has(person) && !task.assignees.includes(person))
      return 'The field assignees names somebody who is not in this board.';
  }
  if (patch.archived === false && task.archived && columns.length === 0)
    return 'The board has no column to bring the task back to.';
  return null;
}

function applyPatch(board: BoardId, doc: Y.Doc, id: TaskId, patch: Patch): void {
  doc.transact(() => {
    const task = findTask(board, doc, id);
    if (!task) return;
    if (patch.title !== undefined) renameCard(doc, id, patch.title);
    if (patch.archived === true && !task.archived) archiveCard(doc, id);
    if (patch.archived === false) restoreCard(doc, id);
    const column = patch.column ?? findTask(board, doc, id)?.column;
    const moves = patch.before !== undefined || (patch.column !== undefined && patch.column !== task.column);
    if (moves && column) moveCard(doc, id, column, patch.before ?? null);
    if (patch.assignees) {
      for (const person of task.assignees) if (!patch.assignees.has(person)) unassign(doc, id, person);
      for (const person of patch.assignees) assign(doc, id, person);
    }
  });
}
