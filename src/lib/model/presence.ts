import { isId, type UserId } from './ids.ts';
import { isPlainObject, own } from './plain.ts';

/** While someone types, their state is sent at most this often. Milliseconds. */
export const TYPING_EVERY_MS = 3_000;
/** Typing ends this long after the last key. Milliseconds. */
export const TYPING_IDLE_MS = 5_000;
/** Others stop showing it this long after they last heard of it, because its end may never arrive. Milliseconds. */
export const TYPING_EXPIRE_MS = 8_000;
/** Names said in full; the rest are counted. */
const NAMED = 3;

/** An awareness state: `user` is stamped by the server, `typing` is the client's word. */
export type PresenceState = { user?: UserId; typing?: 1 };

/** Reads another's awareness state; null for one that says nobody. */
export function parsePresence(state: unknown): { user: UserId; typing: boolean } | null {
  if (!isPlainObject(state)) return null;
  const user = own(state, 'user');
  return isId(user) ? { user, typing: own(state, 'typing') === 1 } : null;
}

/** What to say about those who type: '' for nobody, three names, then 'and N others'. */
export function typingText(names: readonly string[]): string {
  if (names.length === 0) return '';
  const said = names.slice(0, NAMED).map(isolated);
  const others = names.length - said.length;
  if (others > 0) said.push(`${others} ${others === 1 ? 'other' : 'others'}`);
  const last = said.pop() ?? '';
  const list = said.length === 0 ? last : `${said.join(', ')} and ${last}`;
  return `${list} ${names.length === 1 ? 'is' : 'are'} typing…`;
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

/** Keeps a right-to-left name from turning the sentence around it. */
function isolated(name: string): string {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}
