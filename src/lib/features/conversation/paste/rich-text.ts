/** A piece of text in one line or, with "\n", in several, and how it looks. */
export interface Run {
  text: string;
  /** What is in it is taken as it is. A mention is what is typed for it. */
  kind: 'text' | 'code' | 'mention';
  strong: boolean;
  emphasis: boolean;
  strike: boolean;
  href: string | null;
}

/** What can be said in a message, between the HTML it came from and the Markdown that is written. */
export type Rich =
  | { kind: 'paragraph'; runs: Run[] }
  | { kind: 'heading'; level: number; runs: Run[] }
  | { kind: 'code'; text: string; language: string }
  | { kind: 'quote'; blocks: Rich[] }
  | { kind: 'list'; first: number | null; items: Rich[][] };

/** True when both look the same, whatever they say. */
export function sameLook(a: Run, b: Run): boolean {
  return (
    a.kind === b.kind &&
    a.kind !== 'mention' &&
    a.strong === b.strong &&
    a.emphasis === b.emphasis &&
    a.strike === b.strike &&
    a.href === b.href
  );
}

/** The same with runs of one look as one, and without empty ones. */
export function joinedRuns(runs: readonly Run[]): Run[] {
  const all: Run[] = [];
  for (const run of runs) {
    const last = all.at(-1);
    if (last && sameLook(last, run)) all[all.length - 1] = { ...last, text: last.text + run.text };
    else if (run.text !== '') all.push(run);
  }
  return all;
}
