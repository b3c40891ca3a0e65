import type { Person } from './board-directory.ts';
import type { UserId } from './ids.ts';
import { opensMention } from './mention-completion.ts';
import { spans, type Span } from './markup.ts';
import { isGroup, mentionToken, mentionTokenAt, type Group } from './mention-tokens.ts';

export { mentionToken, type Group } from './mention-tokens.ts';
export { applyMention, mentionQuery, rankMentions, withGroups, type MentionQuery } from './mention-completion.ts';

/** A piece of stored text. Joined, the `raw` of all pieces are the text. */
export type Segment =
  | { kind: 'text'; raw: string; text: string }
  | { kind: 'user'; raw: string; id: UserId }
  | { kind: 'group'; raw: string; group: Group }
  | { kind: 'code'; raw: string; text: string; block: boolean; language: string }
  /** `href` is as it was written: check its scheme before it is followed. */
  | { kind: 'link'; raw: string; text: string; href: string };

/** Stored text in pieces, for rendering. Mentions in code and links are part of these. */
export function segments(stored: string): Segment[] {
  return spans(stored).map((span): Segment => {
    const raw = stored.slice(span.from, span.to);
    switch (span.kind) {
      case 'text':
        return { kind: 'text', raw, text: raw };
      case 'mention':
        return { raw, ...span.mentioned };
      case 'code':
        return { kind: 'code', raw, text: span.text, block: span.block, language: span.language };
      case 'link':
        return { kind: 'link', raw, text: span.text, href: span.href };
    }
  });
}

/** Whom stored text mentions, not counting code and links. Says nothing about who may be told. */
export function mentionsIn(stored: string): { users: Set<UserId>; groups: Set<Group> } {
  const users = new Set<UserId>();
  const groups = new Set<Group>();
  for (const segment of segments(stored)) {
    if (segment.kind === 'user') users.add(segment.id);
    else if (segment.kind === 'group') groups.add(segment.group);
  }
  return { users, groups };
}

/** Makes what was typed storable: `@username` becomes a token where it is a mention, all else stays. */
export function encodeMentions(typed: string, people: readonly Person[]): string {
  return encode(typed, directoryOf(people));
}

type Directory = { byUsername: Map<string, Person>; ids: Set<UserId> };

function directoryOf(people: Iterable<Person>): Directory {
  const byUsername = new Map<string, Person>();
  const ids = new Set<UserId>();
  for (const person of people) {
    byUsername.set(person.username, person);
    ids.add(person.id);
  }
  return { byUsername, ids };
}

function encode(typed: string, directory: Directory): string {
  return spans(typed)
    .map((span) => {
      // `<@username>` with a username that looks like an id is text.
      const open = span.kind === 'text' || (span.kind === 'mention' && !isTokenAt(typed, span.from + 1, directory));
      return open ? encodeText(typed, span, directory) : typed.slice(span.from, span.to);
    })
    .join('');
}

const TRIGGER = /[@\uff20]/g;

function encodeText(source: string, span: Span, directory: Directory): string {
  let stored = '';
  let from = span.from;
  TRIGGER.lastIndex = from;
  for (let hit = TRIGGER.exec(source); hit !== null && hit.index < span.to; hit = TRIGGER.exec(source)) {
    const found = isTokenAt(source, hit.index, directory) ? null : mentionAt(source, hit.index, span.to, directory);
    if (found === null) continue;
    stored += source.slice(from, hit.index) + found.token;
    from = TRIGGER.lastIndex = hit.index + 1 + found.length;
  }
  return stored + source.slice(from, span.to);
}

/** True where the @ is in a token already, and not in `<@username>` with a username that looks like an id. */
function isTokenAt(source: string, at: number, { byUsername, ids }: Directory): boolean {
  const token = at === 0 ? null : mentionTokenAt(source, at - 1)?.mentioned;
  if (!token) return false;
  return token.kind === 'group' || ids.has(token.id) || !byUsername.has(token.id);
}

const NAME_RUN = /[A-Za-z0-9._-]{1,32}/y;
/**
 * What may follow a name: the end of a word, one mark of punctuation and then the end of a word, or
 * several marks ("@anna...", "@anna--"). Letters without case are no part of a Latin name, because
 * Chinese and its like put no space between words. Another @ makes it an address of some other place.
 */
const NAME_END = /(?:[._-]{2,}|[._-]?(?![A-Za-z0-9._\-@\uff20\p{Ll}\p{Lu}\p{Lt}\p{M}\p{Nd}]))/uy;

/** The mention that the @ at `at` begins: the longest username there is. */
function mentionAt(
  source: string,
  at: number,
  limit: number,
  { byUsername }: Directory,
): { token: string; length: number } | null {
  if (!opensMention(source, at)) return null;
  NAME_RUN.lastIndex = at + 1;
  const run = (NAME_RUN.exec(source)?.[0] ?? '').slice(0, Math.max(0, limit - at - 1)).toLowerCase();
  for (let length = run.length; length >= 2; length--) {
    const name = run.slice(0, length);
    const person = byUsername.get(name);
    if (!isGroup(name) && person === undefined) continue;
    NAME_END.lastIndex = at + 1 + length;
    if (!NAME_END.test(source)) continue;
    if (isGroup(name)) return { token: mentionToken({ group: name }), length };
    if (person !== undefined) return { token: mentionToken({ user: person.id }), length };
  }
  return null;
}

/**
 * Stored text for editing: a token becomes `@username` wherever `encodeMentions` makes that token of
 * it again; elsewhere, and for people who are not here, it stays a token.
 */
export function decodeMentions(stored: string, people: ReadonlyMap<UserId, Person>): string {
  const directory = directoryOf(people.values());
  let at = 0;
  const pieces = segments(stored).map((segment) => {
    const from = at;
    at += segment.raw.length;
    return { raw: segment.raw, typed: typedForm(segment, stored, from, people, directory) };
  });
  const goal = encode(stored, directory);
  const all = pieces.map(({ raw, typed }) => typed ?? raw).join('');
  if (encode(all, directory) === goal) return all;
  // Some name becomes part of an address before it: then only names after white space are shown. Trying each token by
  // itself would read a long message hundreds of times.
  const apart = pieces
    .map(({ raw, typed }, i) => (/(?:^|\s)$/.test(pieces[i - 1]?.raw ?? '') ? (typed ?? raw) : raw))
    .join('');
  return encode(apart, directory) === goal ? apart : stored;
}

/** What a person types for the token that is at `from`; null where that would be no mention, or another one. */
function typedForm(
  segment: Segment,
  stored: string,
  from: number,
  people: ReadonlyMap<UserId, Person>,
  directory: Directory,
): string | null {
  const name = segment.kind === 'group' ? segment.group : segment.kind === 'user' && people.get(segment.id)?.username;
  if (typeof name !== 'string' || !opensMention(stored, from)) return null;
  const after = from + segment.raw.length;
  const typed = `@${name}`;
  const beside = typed + stored.slice(after, after + 40);
  return mentionAt(beside, 0, beside.length, directory)?.token === segment.raw ? typed : null;
}
