import type { Aside } from '$lib/sync/aside.svelte.ts';
import { conversationOf, parseDocName, type ConversationRef } from '$lib/model/names.ts';

/** Why the server did not take something, as a person reads it after 'refused'. */
const REASONS: Record<string, string> = {
  'too-large': 'it was too large',
  'not-allowed': 'your role on this board does not allow it',
  'read-only': 'your role on this board does not allow it',
  quota: 'too much was written in a short time',
  revoked: 'you are no longer a member of this board',
};

export function reasonInWords(reason: string): string {
  return REASONS[reason] ?? `the server could not take it (${reason})`;
}

/** The copies set aside that belong to one conversation, whatever volume they were written into. */
export function asidesOf(items: readonly Aside[], conversation: ConversationRef): readonly Aside[] {
  return items.filter((item) => {
    const name = parseDocName(item.name);
    return name !== null && name.kind !== 'task' && conversationOf(name) === conversation;
  });
}
