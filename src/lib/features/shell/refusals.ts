/** Why the server did not make what was asked for, as a sentence that ends the one about what it was. */
const REASONS: Record<string, string> = {
  'taken-name': 'there is already one with this name',
  'taken-id': 'it exists already',
  taken: 'there is already one with this name',
  archived: 'the room is archived',
  'not-allowed': 'you are not allowed to',
  'not-found': 'its board is gone, or you are no longer a member',
  public: 'everybody on the board is in that room',
  'no-member': 'they are not on the board any more',
  quota: 'there are too many already',
  'too-many': 'there are too many already',
  'bad-value': 'its name is not one that the server takes',
};

export function reasonOf(code: string): string {
  return REASONS[code] ?? `the server refused it (${code})`;
}

/** Why nothing more is asked for on this device, until the server has answered. */
export const FULL = 'Too much that you asked for still waits for the server. Try again once it has answered.';
