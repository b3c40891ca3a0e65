import type { Message, Slot } from '$lib/model/conversation.ts';

/**
 * Those of `messages` that are shown: what its author deleted leaves a trace only where somebody answered it. `around`
 * is all that is known of the conversation, and only asked when something was deleted. The same list when nothing is left
 * out.
 */
export function withTrace(messages: readonly Message[], around: () => readonly Message[]): readonly Message[] {
  if (!messages.some(isDeleted)) return messages;
  const answered = new Set<Slot>();
  for (const { body } of around()) {
    if (body.kind === 'message' && body.replyTo !== null) answered.add(body.replyTo);
  }
  return messages.filter((message) => !isDeleted(message) || answered.has(message.slot));
}

function isDeleted({ body, removedBy }: Message): boolean {
  return body.kind === 'tombstone' && removedBy === null;
}
