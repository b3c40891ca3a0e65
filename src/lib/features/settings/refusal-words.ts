/** Codes with which the server refuses, as the end of a sentence. */
const REASONS: Record<string, string> = {
  'too-large': 'it is too large',
  malformed: 'it was damaged on its way',
  'not-yours': 'it would change what somebody else wrote',
  'not-allowed': 'your role does not allow it',
  'read-only': 'you may only read there',
  'bad-value': 'it holds something that cannot be stored',
  quota: 'you have written as much there as one person may',
  'too-many': 'too much that you asked for still waits for an answer',
  archived: 'the room is archived',
  revoked: 'you are no longer a member',
  'not-found': 'its place is gone, or you are no longer a member',
};

export function refusalWords(reason: string): string {
  const code = reason.replace(/^refused:/, '');
  return `The reason: ${REASONS[code] ?? code}.`;
}

const KINDS: Record<string, string> = { board: 'A board', room: 'A room', task: 'A task', inbox: 'Your inbox' };

/** What a document is to a person; its name is for programs. */
export function documentWords(name: string): string {
  const [kind = '', , volume] = name.split('/');
  if (kind === 'task' && volume !== undefined) return 'The comments of a task';
  return KINDS[kind] ?? 'A document';
}
