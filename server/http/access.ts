import { ApiError, notFound } from '../../src/lib/api/errors.ts';
import type { BoardId } from '../../src/lib/model/ids.ts';
import { parseConversation, type ConversationRef } from '../../src/lib/model/names.ts';
import { can, type Act, type Role } from '../../src/lib/model/roles.ts';
import type { WriteAsResult } from '../sync/types.ts';
import type { AuthedUser } from '../sync/types.ts';
import type { Services } from './route.ts';

/**
 * The person's role in a board where they may do `act`. For anyone who is not in it, and for a board that is not
 * there, the same `not-found`.
 */
export async function requireBoard(s: Services, who: AuthedUser, board: BoardId, act: Act): Promise<Role> {
  const role = await s.store.boards.role(board, who.id);
  if (role === null) throw notFound();
  if (!can(role, act))
    throw new ApiError('forbidden', `Your role on this board, ${role}, does not allow this; ask an owner.`);
  return role;
}

/** The board of a conversation (a room, archived or not, or a task) in which the person may do `act`. */
export async function requireConversation(
  s: Services,
  who: AuthedUser,
  conversation: ConversationRef,
  act: Act,
): Promise<{ board: BoardId; role: Role }> {
  const board = await boardOf(s, conversation);
  if (board === null) throw notFound();
  await requireInside(s, who, conversation);
  return { board, role: await requireBoard(s, who, board, act) };
}

/** Nothing for who may know of a conversation; `not-found` for anyone who is not in its private room, whatever their role. */
async function requireInside(s: Services, who: AuthedUser, conversation: ConversationRef): Promise<void> {
  const parsed = parseConversation(conversation);
  if (parsed?.kind !== 'room') return;
  if ((await s.store.roomMembers.has(parsed.id, who.id)) === false) throw notFound();
}

async function boardOf(s: Services, conversation: ConversationRef): Promise<BoardId | null> {
  const parsed = parseConversation(conversation);
  if (parsed?.kind === 'task') return s.store.tasks.boardOf(parsed.id);
  const room = parsed && (await s.store.rooms.get(parsed.id));
  return room ? room.board : null;
}

/** Changes who may do what on a board. Where the database goes away with the answer, it may be so: everybody is judged anew. */
export async function changing<T>(s: Services, board: BoardId, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    s.sync.judgeAnew(board);
    throw error;
  }
}

const ARCHIVED = 'This room is archived: restore it to write there.';

/** The value of a write, or the gate's refusal as an answer. */
export function accepted<T>(result: WriteAsResult<T>): T {
  if (result.ok) return result.value;
  switch (result.code) {
    case 'not-found':
      throw notFound();
    case 'not-allowed':
    case 'not-yours':
    case 'read-only':
      throw new ApiError('forbidden', `This change is not allowed: ${result.why}.`);
    case 'archived':
      throw new ApiError('archived', ARCHIVED);
    case 'too-large':
      throw new ApiError('too-large', `This change is too large: ${result.why}.`);
    default:
      throw new ApiError('refused', `This change was refused: ${result.why}.`);
  }
}
