import { BOARD_ROOT, PEOPLE_ROOT, ROOMS_ROOT } from './board.ts';
import { BOARDS_ROOT, ASK_ROOT, DRAFTS_ROOT, NOTIFICATIONS_ROOT } from './inbox.ts';
import { MESSAGES_ROOT } from './message-slots.ts';
import type { DocName } from './names.ts';
import { DESCRIPTION_ROOT } from './task.ts';

/**
 * True where people's words stand: messages, titles, names, drafts, excerpts, descriptions. What is gone from there has
 * to leave the log and the devices soon; places, marks and reactions may wait.
 */
export function holdsWords({ kind }: DocName, root: string, key: string): boolean {
  switch (kind) {
    case 'room':
    case 'thread':
      return root === MESSAGES_ROOT && key.startsWith('m/');
    case 'board':
      if (root === BOARD_ROOT) return key === 'title' || key.endsWith('/title');
      return root === PEOPLE_ROOT || root === ROOMS_ROOT;
    case 'inbox':
      return [DRAFTS_ROOT, ASK_ROOT, BOARDS_ROOT, NOTIFICATIONS_ROOT, ROOMS_ROOT].includes(root);
    case 'task':
      return root === DESCRIPTION_ROOT;
  }
}
