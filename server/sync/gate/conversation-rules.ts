import {
  CONVERSATION_ROOTS,
  MESSAGES_ROOT,
  MODERATION_ROOT,
  parseBody,
  parseKey,
  parseModeration,
  parseReactions,
  parseSlot,
} from '../../../src/lib/model/conversation.ts';
import { can } from '../../../src/lib/model/roles.ts';
import { VOLUME_QUOTA } from './quotas.ts';
import type { MapRules } from './rules.ts';
import { object, type Objection, type Writer } from './verdict.ts';

/** A volume of a room or a thread [G10]. */
export function conversationRules(who: Writer): MapRules {
  return {
    shape: 'map',
    roots: CONVERSATION_ROOTS,
    mayWrite: can(who.role, 'chat') && who.archived !== true,
    quota: VOLUME_QUOTA,
    key(root, key) {
      if (root === MODERATION_ROOT) return mayModerate(who, key);
      if (root !== MESSAGES_ROOT) return object('not-allowed', 'the server alone writes there');
      const parsed = parseKey(key);
      if (parsed === null) return object('bad-value', 'a key that is none of a message or a reaction');
      const owner = parsed.kind === 'message' ? parsed.author : parsed.by;
      return owner === who.id ? null : object('not-yours', 'the key is of another person');
    },
    value(root, key, value) {
      if (root === MODERATION_ROOT) {
        if (parseModeration(key, value)?.by === who.id) return null;
        return object('bad-value', 'a removal, and its taking back, names who does it: oneself');
      }
      const isReaction = parseKey(key)?.kind === 'reaction';
      const readable = isReaction ? parseReactions(value) !== null : parseBody(value) !== null;
      return readable ? null : object('bad-value', isReaction ? 'no reactions' : 'no message');
    },
    retract: (root) => (root === MODERATION_ROOT ? 'incomplete' : null),
    isFinal: () => false,
    crowded: () => null,
  };
}

function mayModerate(who: Writer, key: string): Objection | null {
  if (!can(who.role, 'moderate')) return object('not-allowed', 'only owners remove the words of others');
  return parseSlot(key) === null ? object('bad-value', 'no message has such a key') : null;
}
