import { joinedRuns, type Rich, type Run } from './rich-text.ts';

type Line = { runs: Run[]; keeps: boolean };

/**
 * Gathers what stands in one container: lines of text, as the boxes of HTML break them, into paragraphs, and blocks
 * between them. White space collapses as it does in a page.
 */
export class Flow {
  readonly #blocks: Rich[] = [];
  #lines: Line[] = [];
  #open = false;

  /** `keeps`: its white space counts. Its breaks are ends of lines. */
  text(run: Run, keeps: boolean): void {
    if (!keeps) return this.#put({ ...run, text: run.text.replace(/[ \t\n\r\f]+/g, ' ') }, false);
    run.text.split(/\r\n|\r|\n/).forEach((text, index) => {
      if (index > 0) this.lineBreak();
      if (text !== '') this.#put({ ...run, text }, true);
    });
  }

  #put(run: Run, keeps: boolean): void {
    let text = run.kind === 'code' ? run.text : run.text.replace(/[\u00a0\u2007\u202f]/g, ' ');
    const last = this.#open ? this.#lines.at(-1)?.runs.at(-1) : undefined;
    const collapses = !keeps && run.kind === 'text';
    if (collapses && run.text.startsWith(' ') && (last === undefined || last.text.endsWith(' '))) text = text.slice(1);
    if (text === '') return;
    if (!this.#open) this.#lines.push({ runs: [], keeps });
    this.#open = true;
    this.#lines.at(-1)!.runs.push({ ...run, text });
  }

  /** The end of a line. Where there is none, an empty one. */
  lineBreak(): void {
    if (!this.#open) this.#lines.push({ runs: [], keeps: false });
    this.#open = false;
  }

  /** What follows stands under what came before. */
  edge(): void {
    this.#open = false;
  }

  /** What follows is another paragraph. */
  paragraphEnd(): void {
    this.#open = false;
    let runs: Run[] = [];
    const flush = (): void => {
      if (runs.length > 0) this.#blocks.push({ kind: 'paragraph', runs: joinedRuns(runs) });
      runs = [];
    };
    for (const line of this.#lines) {
      const trimmed = trim(line);
      if (trimmed.length === 0) flush();
      else {
        if (runs.length > 0) runs.push(breakBetween(runs.at(-1)!, trimmed[0]!));
        runs.push(...trimmed);
      }
    }
    flush();
    this.#lines = [];
  }

  block(block: Rich): void {
    this.paragraphEnd();
    this.#blocks.push(block);
  }

  /** The block before, when nothing stands after it. */
  get last(): Rich | undefined {
    this.paragraphEnd();
    return this.#blocks.at(-1);
  }

  end(): Rich[] {
    this.paragraphEnd();
    return this.#blocks;
  }
}

function breakBetween(a: Run, b: Run): Run {
  return {
    text: '\n',
    kind: 'text',
    strong: a.strong && b.strong,
    emphasis: a.emphasis && b.emphasis,
    strike: a.strike && b.strike,
    href: a.href === b.href ? a.href : null,
  };
}

function trim({ runs, keeps }: Line): Run[] {
  const all = runs.map((run) => ({ ...run }));
  if (all.every(({ text }) => text.trim() === '')) return [];
  if (keeps) return all;
  while (all.length > 0 && (all[0]!.text = all[0]!.text.trimStart()) === '') all.shift();
  while (all.length > 0 && (all.at(-1)!.text = all.at(-1)!.text.trimEnd()) === '') all.pop();
  return all;
}
