import type { Person } from './board-directory.ts';
import { spans } from './markup.ts';
import { opensMention } from './mention-completion.ts';
import { isGroup } from './mention-tokens.ts';
import { encodeMentions } from './mentions.ts';

const NAMED = /[@\uff20]([A-Za-z0-9._-]{2,32})(?![A-Za-z0-9._\-@\uff20\p{Ll}\p{Lu}\p{Lt}\p{M}\p{Nd}])/gu;

/**
 * Usernames that were typed like mentions and are nobody's here, in the order in which they stand, each once. It knows the
 * people it is given and no others: whether such an account exists elsewhere is not for the writer to learn. While somebody
 * is `typing`, a name at the very end is not finished.
 */
export function unknownNames(typed: string, people: readonly Person[], typing: boolean): string[] {
  const stored = encodeMentions(typed, people);
  const known = new Set(people.map(({ username }) => username));
  const unknown = new Set<string>();
  for (const span of spans(stored)) {
    if (span.kind !== 'text') continue;
    NAMED.lastIndex = span.from;
    for (let hit = NAMED.exec(stored); hit !== null && hit.index < span.to; hit = NAMED.exec(stored)) {
      if (NAMED.lastIndex > span.to || !opensMention(stored, hit.index)) continue;
      if (typing && NAMED.lastIndex === stored.length) continue;
      const name = (hit[1] ?? '').toLowerCase().replace(/[._-]+$/, '');
      if (name.length >= 2 && !known.has(name) && !isGroup(name)) unknown.add(name);
    }
  }
  return [...unknown];
}
