import { bareAddressAt } from '../../../model/web-addresses.ts';
import { runAt } from '../../../model/markdown-emphasis.ts';
import { joinedRuns, type Run } from './rich-text.ts';

/** How carefully a line is written. */
export type Way = 'as it is' | 'in brackets' | 'escaped' | 'without marks';

type Mark = 'strong' | 'emphasis' | 'strike';
const MARKS: readonly Mark[] = ['emphasis', 'strong', 'strike'];
const SIGNS = { strong: '**', emphasis: '*', strike: '~~' } as const;

/** A run, or all runs of a link with the marks that they have in common. */
type Unit = Pick<Run, Mark> & { written: string };

/** Runs as one line, or several, of Markdown. */
export function writeLine(runs: readonly Run[], way: Way): string {
  const all = unitsOf(way === 'without marks' ? joinedRuns(runs.map(unmarked)) : trimmedMarks(runs), way);
  let out = '';
  const open: Mark[] = [];
  all.forEach((unit, index) => {
    // What is open above a mark that ends here ends with it, and begins again.
    const ending = open.findIndex((mark) => !unit[mark]);
    while (ending !== -1 && open.length > ending) out += SIGNS[open.pop()!];
    const opening = MARKS.filter((mark) => unit[mark] && !open.includes(mark));
    opening.sort((a, b) => reach(all, index, b) - reach(all, index, a));
    for (const mark of opening) out += SIGNS[mark];
    open.push(...opening);
    out += unit.written;
  });
  while (open.length > 0) out += SIGNS[open.pop()!];
  return out;
}

function unitsOf(runs: readonly Run[], way: Way): Unit[] {
  const units: Unit[] = [];
  for (let from = 0; from < runs.length;) {
    const { href } = runs[from]!;
    let to = from + 1;
    while (href !== null && runs[to]?.href === href) to++;
    const some = runs.slice(from, to);
    const every = (mark: Mark): boolean => some.every((run) => run[mark]);
    const common = { strong: every('strong'), emphasis: every('emphasis'), strike: every('strike') };
    const written = href === null ? textOf(some[0]!, way) : writeLink(some, common, href, way, runs[to]?.text ?? '');
    units.push({ ...common, written });
    from = to;
  }
  return units;
}

function writeLink(runs: readonly Run[], outside: Pick<Run, Mark>, href: string, way: Way, after: string): string {
  const [only, ...others] = runs;
  if (only?.kind === 'text' && others.length === 0) {
    const short = addressAlone(only.text, href, after);
    if (short !== null) return short;
  }
  const inside = runs.map((run) => ({
    ...run,
    href: null,
    strong: run.strong && !outside.strong,
    emphasis: run.emphasis && !outside.emphasis,
    strike: run.strike && !outside.strike,
  }));
  return `[${writeLine(inside, way === 'as it is' ? 'in brackets' : way)}](${target(href)})`;
}

function addressAlone(said: string, href: string, after: string): string | null {
  if (href === `mailto:${said}`) return `<${said}>`;
  if (said !== href) return null;
  if (bareAddressAt(said + after, 0)?.text === said) return said;
  return /^[^\s<>]+$/.test(said) ? `<${said}>` : null;
}

/** How many units from here on have the mark. */
function reach(units: readonly Unit[], from: number, mark: Mark): number {
  let to = from;
  while (units[to]?.[mark]) to++;
  return to - from;
}

function unmarked(run: Run): Run {
  return { ...run, strong: false, emphasis: false, strike: false };
}

const SPACE = /^\s$/;
const PUNCTUATION = /^[\s\p{P}\p{S}]$/u;

/** White space at the edge of a mark stands outside of it: within, the mark would be no mark. */
export function trimmedMarks(runs: readonly Run[]): Run[] {
  return withoutEdges(runs, SPACE);
}

/** Punctuation at the edge of a mark stands outside of it too: beside a word it would keep the mark from being one. */
export function shortMarks(runs: readonly Run[]): Run[] {
  return withoutEdges(runs, PUNCTUATION);
}

function withoutEdges(runs: readonly Run[], edge: RegExp): Run[] {
  const all = runs.flatMap((run, index) => {
    if (run.kind !== 'text' || (run.href !== null && edge !== SPACE)) return [run];
    const [before, text, after] = split(run.text, edge);
    if (text === '') return [common(run, runs[index - 1], runs[index + 1])];
    return [
      { ...common(run, runs[index - 1], run), text: before },
      { ...run, text },
      { ...common(run, run, runs[index + 1]), text: after },
    ];
  });
  return joinedRuns(all);
}

/** A text in three: what it begins and ends with of this sort, and the rest. */
function split(text: string, edge: RegExp): [string, string, string] {
  let from = 0;
  while (from < text.length && edge.test(text.charAt(from))) from++;
  let to = text.length;
  while (to > from && edge.test(text.charAt(to - 1))) to--;
  return [text.slice(0, from), text.slice(from, to), text.slice(to)];
}

/** White space of a run, with the marks that it shares with what is on both sides of it. */
function common(run: Run, a: Run | undefined, b: Run | undefined): Run {
  const all = [run, a, b];
  return {
    ...run,
    strong: all.every((one) => one?.strong === true),
    emphasis: all.every((one) => one?.emphasis === true),
    strike: all.every((one) => one?.strike === true),
    href: all.every((one) => one?.href === run.href) ? run.href : null,
  };
}

/** The address of a link, between its brackets. */
export function target(href: string): string {
  let open = 0;
  for (const char of href) {
    if (char === '(') open++;
    else if (char === ')' && --open < 0) break;
  }
  const safe = href.replace(/[\s<>\\]/g, (char) => encodeURIComponent(char));
  return open === 0 ? safe : safe.replace(/[()]/g, '\\$&');
}

function textOf(run: Run, way: Way): string {
  if (run.kind === 'code') return codeOf(run.text);
  return run.kind === 'mention' ? run.text : escaped(run.text, way);
}

function codeOf(text: string): string {
  let width = 1;
  const widths = new Set((text.match(/`+/g) ?? []).map(({ length }) => length));
  while (widths.has(width)) width++;
  const ticks = '`'.repeat(width);
  const padded = /^`|`$/.test(text) || (/^ .* $/.test(text) && text.trim() !== '');
  return padded ? `${ticks} ${text} ${ticks}` : ticks + text + ticks;
}

function escaped(text: string, way: Way): string {
  if (way === 'as it is') return text;
  if (way === 'in brackets') return text.replace(/[[\]]/g, '\\$&');
  return text
    .replace(/([*_~])\1*|\\(?=[!-/:-@[-`{-~])|`|\[|\]|<(?=[@a-z])/gi, (found, char: string | undefined, at: number) =>
      char !== undefined && at > 0 && at + found.length < text.length && runAt(text, at).run === null
        ? found
        : found.replace(/./g, '\\$&'),
    )
    .replace(/\b(https?|ftp)(:)(?=\/\/)|\b(mailto)(:)|\b(www)(\.)/gi, '$1$3$5\\$2$4$6');
}
