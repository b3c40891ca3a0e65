import { fold } from './fold.ts';
import { EMOJI_ROWS } from './limits.ts';
import { spans } from './markup.ts';

/** An emoji as it is searched and shown. */
export type Emoji = {
  emoji: string;
  /** What it is called, in words. */
  name: string;
  /** What it is called between colons, the usual one first. */
  codes: readonly string[];
  /** Other words that it is found by. */
  tags: readonly string[];
  group: number;
  /** It comes in tones of skin. */
  toned: boolean;
};

/** A code being typed: it begins with the colon at `from`, and ends at `to`. */
export type EmojiQuery = { from: number; to: number; query: string };

/** From light to dark. */
export const TONES = ['\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}'] as const;

/** Reads the rows of the list: emoji, name, codes, tags, group, and whether it comes in tones. */
export function readEmoji(rows: readonly (readonly unknown[])[]): Emoji[] {
  return rows.map(([emoji, name, codes, tags, group, toned]) => ({
    emoji: String(emoji),
    name: String(name),
    codes: String(codes).split(' '),
    tags: tags === '' ? [] : String(tags).split(' '),
    group: Number(group),
    toned: toned === 1,
  }));
}

/** The emoji in a tone of skin; as it is for ''. Only for those that come in tones. */
export function inTone(emoji: string, tone: string): string {
  if (tone === '') return emoji;
  const [first = '', ...rest] = emoji;
  return first + tone + rest.join('').replace(/^\ufe0f/, '');
}

/** White space, brackets, quotes and marks of emphasis; what comes after a letter or a number is no code: `10:30`. */
const OPENS = /(?:^|[\s([{<"'*_~\p{Ps}\p{Pi}]|\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})$/u;
const TYPED = /:([a-z0-9_+-]{2,40})$/i;
const WHOLE = /:([a-z0-9_+-]{1,60}):/gi;

/** The code that is being typed before the caret; null when there is none, or in code and links. */
export function emojiQuery(text: string, caret: number): EmojiQuery | null {
  const typed = TYPED.exec(text.slice(0, caret));
  if (typed === null || !opens(text.slice(0, typed.index)) || /^[a-z0-9_+:-]/i.test(text.slice(caret))) return null;
  return isProse(text, typed.index) ? { from: typed.index, to: caret, query: (typed[1] ?? '').toLowerCase() } : null;
}

/** The text with the emoji in place of the code, and a space after it, and where the caret then stands. */
export function applyEmoji(text: string, at: EmojiQuery, emoji: string): { text: string; caret: number } {
  const after = text.slice(at.to);
  const before = text.slice(0, at.from) + emoji;
  const space = /^\s/.test(after) ? '' : ' ';
  return { text: before + space + after, caret: before.length + 1 };
}

/**
 * The text with an emoji in place of each code that was typed in full, never in code or links. `find` knows the codes;
 * what it does not know stays as it is.
 */
export function replaceCodes(text: string, find: (code: string) => string | null): string {
  if (!text.includes(':')) return text;
  const prose = spans(text).filter(({ kind }) => kind === 'text');
  let result = '';
  let done = 0;
  let at = 0;
  WHOLE.lastIndex = 0;
  for (let match = WHOLE.exec(text); match !== null; match = WHOLE.exec(text)) {
    const { index } = match;
    while (at < prose.length && (prose[at]?.to ?? 0) <= index) at++;
    const isProse = (prose[at]?.from ?? Infinity) <= index;
    const before = done === index ? result : text.slice(done, index);
    const emoji = isProse && opens(before) ? find((match[1] ?? '').toLowerCase()) : null;
    if (emoji === null) {
      // The colon that ends this may begin the next.
      WHOLE.lastIndex = index + match[0].length - 1;
      continue;
    }
    result += text.slice(done, index) + emoji;
    done = index + match[0].length;
  }
  return result + text.slice(done);
}

/** An emoji with its sign or tone is four units long. */
function opens(before: string): boolean {
  return OPENS.test(before.slice(-4));
}

function isProse(text: string, at: number): boolean {
  return spans(text).every((span) => span.kind === 'text' || at < span.from || at >= span.to);
}

/** For what is being typed: exact codes, then those that begin so, then parts; ties by recent use, then as listed. */
export function rankEmoji(query: string, all: readonly Emoji[], recent: readonly string[]): Emoji[] {
  return ranked(query, all, recent).slice(0, EMOJI_ROWS);
}

/** All that a search in the picker finds, best first. Every word has to be found. */
export function searchEmoji(search: string, all: readonly Emoji[], recent: readonly string[]): readonly Emoji[] {
  const words = fold(search)
    .split(/[\s_:]+/)
    .filter((word) => word !== '');
  return words.reduce<readonly Emoji[]>((found, word) => ranked(word, found, recent), all);
}

function ranked(query: string, all: readonly Emoji[], recent: readonly string[]): Emoji[] {
  const used = new Map(recent.map((emoji, i) => [emoji, i]));
  return all
    .map((one, i) => ({ one, i, grade: gradeOf(one, query), used: used.get(one.emoji) ?? recent.length }))
    .filter(({ grade }) => grade !== null)
    .sort((a, b) => (a.grade ?? 0) - (b.grade ?? 0) || a.used - b.used || a.i - b.i)
    .map(({ one }) => one);
}

function gradeOf({ name, codes, tags, emoji }: Emoji, query: string): number | null {
  if (codes.includes(query) || emoji === query) return 0;
  if (codes.some((code) => code.startsWith(query))) return 1;
  if (name.split(' ').some((word) => word.startsWith(query))) return 2;
  if (tags.some((tag) => tag.startsWith(query))) return 3;
  return codes.some((code) => code.includes(query)) || name.includes(query) ? 4 : null;
}

/** Kept of what was used last. */
const RECENT = 24;

/** What was used last, with this one first. */
export function usedNow(emoji: string, recent: readonly string[]): string[] {
  return [emoji, ...recent.filter((one) => one !== emoji)].slice(0, RECENT);
}
