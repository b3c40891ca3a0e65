export type Mark = 'strong' | 'emphasis' | 'strike';
/** A mark as it was written: `**`, `*`, `__`, `_` or `~~`. */
export type Sign = { mark: Mark; text: string };

/** A run of stars, underscores or tildes: marks it closes, what is left of it as text, marks it opens. */
export interface Run {
  readonly char: string;
  readonly width: number;
  /** How much of it can still become marks; the odd tilde cannot. */
  left: number;
  readonly opens: boolean;
  readonly closes: boolean;
  /** In the order of the text. */
  readonly closing: Sign[];
  /** From the inside out, against the order of the text. */
  readonly opening: Sign[];
}

const WHITE = /^\s$/;
const PUNCTUATION = /^[\p{P}\p{S}]$/u;

/** The run that begins at `i`, when it may open or close something, and where it ends. */
export function runAt(text: string, i: number): { run: Run | null; to: number } {
  const char = text.charAt(i);
  let to = i + 1;
  while (text[to] === char) to++;
  const width = to - i;
  if (char === '~' && width === 1) return { run: null, to };
  const before = sortOf(characterBefore(text, i));
  const after = sortOf(String.fromCodePoint(text.codePointAt(to) ?? 0x20));
  const left = after !== 'white' && (after === 'word' || before !== 'word');
  const right = before !== 'white' && (before === 'word' || after !== 'word');
  const inWord = char === '_';
  const opens = left && (!inWord || !right || before === 'mark');
  const closes = right && (!inWord || !left || after === 'mark');
  if (!opens && !closes) return { run: null, to };
  const odd = char === '~' ? width % 2 : 0;
  return { run: { char, width, left: width - odd, opens, closes, closing: [], opening: [] }, to };
}

/** What of a run is text, once it is paired. */
export function rest(run: Run): string {
  return run.char.repeat(run.left + (run.char === '~' ? run.width % 2 : 0));
}

/** Sorts of closers that find different openers: by their character, whether they open too, and the rule of three. */
const SORTS = 18;

function sort(closer: Run): number {
  return '*_~'.indexOf(closer.char) * 6 + (closer.opens ? 3 : 0) + (closer.width % 3);
}

/** Pairs the runs of a passage, or of a link in it, as CommonMark does; a strike takes two tildes on each side. */
export function pair(runs: readonly Run[]): void {
  const open: Run[] = [];
  /** How many of `open` are known to hold nothing for closers of a sort: without it the cost is a square. */
  const barren = new Array<number>(SORTS).fill(0);
  for (const closer of runs) {
    while (closer.closes && closer.left > 0) {
      const floor = barren[sort(closer)]!;
      let at = open.length - 1;
      while (at >= floor && !fits(open[at]!, closer)) at--;
      if (at < floor) {
        barren[sort(closer)] = open.length;
        break;
      }
      const opener = open[at]!;
      join(opener, closer);
      const height = opener.left > 0 ? at + 1 : at;
      open.length = height;
      for (let i = 0; i < SORTS; i++) if (barren[i]! > height) barren[i] = height;
    }
    if (closer.opens && closer.left > 0) open.push(closer);
  }
}

function fits(opener: Run, closer: Run): boolean {
  if (opener.char !== closer.char) return false;
  if (opener.char === '~' || !(opener.closes || closer.opens)) return true;
  // The rule of three: `*a**b*` is one emphasis with two stars in it.
  return (opener.width + closer.width) % 3 !== 0 || (opener.width % 3 === 0 && closer.width % 3 === 0);
}

function join(opener: Run, closer: Run): void {
  const width = opener.left >= 2 && closer.left >= 2 ? 2 : 1;
  const mark = opener.char === '~' ? 'strike' : width === 2 ? 'strong' : 'emphasis';
  const sign: Sign = { mark, text: opener.char.repeat(width) };
  opener.left -= width;
  closer.left -= width;
  opener.opening.push(sign);
  closer.closing.push(sign);
}

function characterBefore(text: string, i: number): string {
  if (i === 0) return ' ';
  const last = text.charAt(i - 1);
  return i > 1 && /[\udc00-\udfff]/.test(last) ? text.slice(i - 2, i) : last;
}

function sortOf(char: string): 'white' | 'mark' | 'word' {
  // Nearly all text is ASCII's letters beside ASCII's marks: the patterns for all of Unicode take ten times as long.
  const code = char.charCodeAt(0);
  if (code < 0x80) {
    if (code === 0x20 || (code >= 9 && code <= 13)) return 'white';
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    return letter || (code >= 0x30 && code <= 0x39) || code < 0x20 || code === 0x7f ? 'word' : 'mark';
  }
  return WHITE.test(char) ? 'white' : PUNCTUATION.test(char) ? 'mark' : 'word';
}
