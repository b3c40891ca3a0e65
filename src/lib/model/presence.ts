import type * as Y from 'yjs';
import { isId, type UserId } from './ids.ts';
import { readPref, setPref } from './inbox.ts';
import { isPlainObject, own } from './plain.ts';

/** While someone types, their state is sent at most this often. Milliseconds. */
export const TYPING_EVERY_MS = 3_000;
/** Typing ends this long after the last key. Milliseconds. */
export const TYPING_IDLE_MS = 5_000;
/** Others stop showing it this long after they last heard of it, because its end may never arrive. Milliseconds. */
export const TYPING_EXPIRE_MS = 8_000;
/** Names said in full; the rest are counted. */
const NAMED = 3;

/** Whose page is out of sight this long is not here any more. Milliseconds. */
export const AWAY_AFTER_MS = 10_000;

/** An awareness state as others hear it: `user`, stamped by the server, is here. */
export type PresenceState = { user: UserId; typing?: 1 };
/**
 * What a client says of itself. The end of a state is a state too: of one that is taken away the server hears nothing.
 */
export type PresenceWord = { typing?: 1 } | { left: 1 };

/** What a client's awareness state says, whatever else is in it. */
export function says(state: unknown): 'here' | 'typing' | 'left' {
  if (!isPlainObject(state)) return 'here';
  if (own(state, 'left') === 1) return 'left';
  return own(state, 'typing') === 1 ? 'typing' : 'here';
}

/** Reads another's awareness state; null for one that says nobody, or that they left. */
export function parsePresence(state: unknown): { user: UserId; typing: boolean } | null {
  if (!isPlainObject(state) || says(state) === 'left') return null;
  const user = own(state, 'user');
  return isId(user) ? { user, typing: own(state, 'typing') === 1 } : null;
}

/** The preference that shows a person to others; kept in their inbox, so it holds on every device. */
const SHOWN_PREF = 'presence.shown';

/** Whether others see when this person is here and types. They do unless the person said no. */
export function isShown(inbox: Y.Doc): boolean {
  return readPref(inbox, SHOWN_PREF) !== false;
}

/** Says whether others may see when one is here and types. */
export function setShown(inbox: Y.Doc, shown: boolean): void {
  setPref(inbox, SHOWN_PREF, shown);
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
