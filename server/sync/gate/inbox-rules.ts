import type { UserId } from '../../../src/lib/model/ids.ts';
import {
  ASKED_ROOT,
  ASK_ROOT,
  BOARDS_ROOT,
  DRAFTS_ROOT,
  NOTIFICATIONS_ROOT,
  PREFS_ROOT,
  READ_ROOT,
  parseInboxWrite,
  writerOf,
} from '../../../src/lib/model/inbox.ts';
import { HEADS_ROOT, ROOMS_ROOT } from '../../../src/lib/model/board.ts';
import { tooManyAsks } from './open-asks.ts';
import { INBOX_QUOTA } from './quotas.ts';
import type { MapRules } from './rules.ts';
import { object, type Writer } from './verdict.ts';

const OWN_ROOTS: readonly string[] = [READ_ROOT, DRAFTS_ROOT, PREFS_ROOT, ASK_ROOT];
const ROOTS = [...OWN_ROOTS, NOTIFICATIONS_ROOT, BOARDS_ROOT, ASKED_ROOT, ROOMS_ROOT, HEADS_ROOT];

/** A person's home document [G12]. */
export function inboxRules(owner: UserId, who: Writer): MapRules {
  return {
    shape: 'map',
    roots: ROOTS,
    mayWrite: who.id === owner,
    quota: INBOX_QUOTA,
    key(root, key) {
      if (!OWN_ROOTS.includes(root)) return object('not-allowed', 'the server alone writes there');
      return parseInboxWrite(root, key, undefined) === null ? object('bad-value', 'no such entry') : null;
    },
    value(root, key, value, client) {
      const writer = root === READ_ROOT ? writerOf(key) : null;
      if (writer !== null && writer !== client) return object('not-yours', 'the marks of another clientID');
      return parseInboxWrite(root, key, value) === null ? object('bad-value', 'no value of that entry') : null;
    },
    retract: () => null,
    isFinal: () => false,
    crowded: tooManyAsks,
  };
}
