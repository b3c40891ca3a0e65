import type { Person } from './board-directory.ts';
import { fold } from './fold.ts';
import type { UserId } from './ids.ts';
import { MENTION_ROWS } from './limits.ts';
import { spans } from './markup.ts';
import { compareText } from './plain.ts';

/** A mention being typed: it begins with the @ at `from`, and the word it is in ends at `to`. */
export type MentionQuery = { from: number; to: number; query: string };

/** White space, an opening quote or bracket of any script; straight quotes open and close. */
const BEFORE = /[\s"'<\uff02\uff07\uff1c\u00bb\u203a\p{Ps}\p{Pi}]/u;
/** Marks of emphasis and of direction are looked through: `**@anna**` is a mention, `2**@anna` is none. */
const TRANSPARENT = /[*~\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]/;

/** True when a mention may begin with the @ at `at`. */
export function opensMention(source: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && TRANSPARENT.test(source.charAt(before))) before--;
  return before < 0 || BEFORE.test(source.charAt(before));
}

const WORD_BEFORE = /[@\uff20]([\p{L}\p{M}\p{N}._-]{0,64})$/u;
const WORD_AFTER = /[\p{L}\p{M}\p{N}._-]*/uy;

/** The mention that the caret is in; null when it is in none. */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const word = WORD_BEFORE.exec(text.slice(0, caret));
  if (word === null) return null;
  const from = word.index;
  if (!opensMention(text, from)) return null;
  if (spans(text).some((span) => span.kind !== 'text' && span.from <= from && from < span.to)) return null;
  WORD_AFTER.lastIndex = caret;
  const rest = WORD_AFTER.exec(text)?.[0] ?? '';
  return { from, to: caret + rest.length, query: word[1] ?? '' };
}

/** The text with the mention completed and a space after it, and where the caret then stands. */
export function applyMention(text: string, at: MentionQuery, username: string): { text: string; caret: number } {
  const before = `${text.slice(0, at.from)}@${username}`;
  const after = text.slice(at.to);
  const space = /^[\s.,;:!?)\]}'"]/.test(after) ? '' : ' ';
  const caret = before.length + (space === '' && !/^\s/.test(after) ? 0 : 1);
  return { text: before + space + after, caret };
}

/**
 * Members for a query, at most eight: an exact username, then those where username or a word of the
 * name begins with it, then those that contain it; each by how recently they were active here
 * (`recent`, latest first). Case and diacritics make no difference.
 */
export function rankMentions(query: string, people: readonly Person[], recent: readonly UserId[]): Person[] {
  const wanted = fold(query);
  const order = new Map(recent.map((id, i) => [id, i]));
  const recency = (person: Person): number => order.get(person.id) ?? recent.length;
  return people
    .map((person) => ({ person, grade: gradeOf(person, wanted) }))
    .filter(({ grade }) => grade !== null)
    .sort(
      (a, b) =>
        (a.grade ?? 0) - (b.grade ?? 0) ||
        recency(a.person) - recency(b.person) ||
        compareText(a.person.username, b.person.username),
    )
    .slice(0, MENTION_ROWS)
    .map(({ person }) => person);
}

/**
 * People and groups for a query, at most eight: a group that is named exactly, then people as they are ranked, then the
 * groups that begin with it. Groups keep their places, however many people there are.
 */
export function withGroups<P, G extends { group: string }>(
  query: string,
  ranked: readonly P[],
  groups: readonly G[],
): (P | G)[] {
  const wanted = fold(query);
  const exact = groups.filter(({ group }) => group === wanted);
  const others = groups.filter(({ group }) => group !== wanted && group.startsWith(wanted));
  return [...exact, ...ranked.slice(0, MENTION_ROWS - exact.length - others.length), ...others];
}

function gradeOf(person: Person, wanted: string): 0 | 1 | 2 | null {
  const name = fold(person.name);
  if (person.username === wanted) return 0;
  if (person.username.startsWith(wanted) || name.split(/[\s._-]+/).some((word) => word.startsWith(wanted))) return 1;
  return person.username.includes(wanted) || name.includes(wanted) ? 2 : null;
}
