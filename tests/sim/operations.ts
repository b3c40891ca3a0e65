import type { Operation } from './doing.ts';
import { BOARD } from './operations-board.ts';
import { CONVERSATION } from './operations-conversation.ts';
import { DESCRIPTION } from './operations-description.ts';
import { INBOX } from './operations-inbox.ts';
import { LOOKING } from './operations-looking.ts';
import { MESSAGES } from './operations-messages.ts';
import { PEOPLE_WISHES } from './operations-people-wishes.ts';
import { PRIVATE } from './operations-private.ts';
import { ROOMS } from './operations-rooms.ts';
import { SORTING } from './operations-sorting.ts';
import { TOLD } from './operations-told.ts';

/** Everything that a person can do, area by area. A new area is a file `operations-….ts` and one line at the end of this list. */
export const OPERATIONS: readonly Operation[] = [
  ...LOOKING,
  ...CONVERSATION,
  ...BOARD,
  ...DESCRIPTION,
  ...INBOX,
  ...MESSAGES,
  ...TOLD,
  ...ROOMS,
  ...PRIVATE,
  ...SORTING,
  ...PEOPLE_WISHES,
];
