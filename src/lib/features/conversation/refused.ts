import type { Aside } from '$lib/sync/aside.svelte.ts';
import { conversationOf, parseDocName, type ConversationRef } from '../../model/names.ts';

/** The copies set aside that belong to one conversation, whatever volume they were written into. */
export function asidesOf(items: readonly Aside[], conversation: ConversationRef): readonly Aside[] {
  return items.filter((item) => {
    const name = parseDocName(item.name);
    return name !== null && name.kind !== 'task' && conversationOf(name) === conversation;
  });
}
