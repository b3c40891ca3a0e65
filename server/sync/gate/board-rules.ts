import {
  BOARD_ROOT,
  HEADS_ROOT,
  PEOPLE_ROOT,
  ROOMS_ROOT,
  parseBoardKey,
  parseBoardWrite,
} from '../../../src/lib/model/board.ts';
import { can } from '../../../src/lib/model/roles.ts';
import { BOARD_QUOTA } from './quotas.ts';
import type { MapRules } from './rules.ts';
import { object, type Writer } from './verdict.ts';

const ROOTS = [BOARD_ROOT, PEOPLE_ROOT, ROOMS_ROOT, HEADS_ROOT];

/** A board [G11]. */
export function boardRules(who: Writer): MapRules {
  return {
    shape: 'map',
    roots: ROOTS,
    mayWrite: can(who.role, 'editCards'),
    quota: BOARD_QUOTA,
    key(root, key) {
      if (root !== BOARD_ROOT) return object('not-allowed', 'the server alone writes there');
      const parsed = parseBoardKey(key);
      if (parsed === null) return object('bad-value', 'no field of a board');
      if (parsed.kind === 'title' && !can(who.role, 'renameBoard')) {
        return object('not-allowed', 'only owners rename the board');
      }
      return null;
    },
    value(_root, key, value) {
      const write = parseBoardWrite(key, value);
      if (write === null) return object('bad-value', 'no value of that field');
      if (isBy(key) && write.value !== who.id) return object('not-yours', 'made by someone else');
      return null;
    },
    retract(_root, key) {
      if (isBy(key)) return object('not-allowed', 'who made it stays');
      return parseBoardWrite(key, undefined) === null ? 'incomplete' : null;
    },
    isFinal: (_root, key) => isBy(key),
    crowded: () => null,
  };
}

function isBy(key: string): boolean {
  const parsed = parseBoardKey(key);
  return parsed !== null && parsed.kind !== 'title' && parsed.field === 'by';
}
