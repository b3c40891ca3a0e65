import { outlineOf } from '../../../model/markdown-blocks.ts';
import { readMarkdown, type Block, type Inline } from '../../../model/markdown.ts';
import { shortMarks, trimmedMarks, writeLine, type Way } from './markdown-line.ts';
import type { Rich, Run } from './rich-text.ts';

/** Containers in each other that the dialect knows. */
const DEEPEST = 12;

/** Blocks as the Markdown of a message. It is read again, and what would not say the same is written more carefully. */
export function writeMarkdown(blocks: readonly Rich[]): string {
  return writeBlocks(blocks, 0, '\n\n').join('\n');
}

/** The lines of blocks, with an empty one between them. */
function writeBlocks(blocks: readonly Rich[], depth: number, between: string): string[] {
  const lines: string[] = [];
  let sign = 0;
  blocks.forEach((block, index) => {
    const before = blocks[index - 1];
    // Lists beside each other would be one if they had one sign.
    sign = before?.kind === 'list' && block.kind === 'list' && sameSort(before, block) ? 1 - sign : 0;
    if (index > 0 && !(between === '\n' && before?.kind === 'paragraph' && interrupts(block))) lines.push('');
    lines.push(...writeBlock(block, depth, sign));
  });
  return lines;
}

function sameSort(a: Extract<Rich, { kind: 'list' }>, b: Extract<Rich, { kind: 'list' }>): boolean {
  return (a.first === null) === (b.first === null);
}

/** A list may follow the words of an item without an empty line. */
function interrupts(block: Rich): boolean {
  return block.kind === 'list' && (block.first === null || block.first === 1) && block.items[0]!.length > 0;
}

function writeBlock(block: Rich, depth: number, sign: number): string[] {
  switch (block.kind) {
    case 'paragraph':
      // White space at its beginning would make it part of an item before it.
      return writeParagraph(block.runs).trimStart().split('\n');
    case 'heading':
      return [`${'#'.repeat(block.level)} ${writeHeading(block.runs)}`];
    case 'code':
      return writeCode(block.text, block.language);
    case 'quote':
      if (depth >= DEEPEST) return writeBlocks(block.blocks, depth, '\n\n');
      return writeBlocks(block.blocks, depth + 1, '\n\n').map((line) => (line === '' ? '>' : `> ${line}`));
    case 'list':
      if (depth >= DEEPEST) return block.items.flatMap((item) => writeBlocks(item, depth, '\n\n'));
      return block.items.flatMap((item, index) => {
        const marker = block.first === null ? '-*'.charAt(sign) : `${block.first + index}${'.)'.charAt(sign)}`;
        const inner = ' '.repeat(marker.length + 1);
        return writeBlocks(item, depth + 1, '\n').map((line, at) =>
          at === 0 ? `${marker} ${line}` : line === '' ? '' : inner + line,
        );
      });
  }
}

function writeCode(text: string, language: string): string[] {
  let width = 3;
  for (const { length } of text.match(/`+/g) ?? []) width = Math.max(width, length + 1);
  const fence = '`'.repeat(width);
  return [fence + language, ...text.split('\n'), fence];
}

const WAYS: readonly Way[] = ['as it is', 'escaped'];

function writeParagraph(runs: readonly Run[]): string {
  const write = (some: readonly Run[], way: Way): string => guardLines(writeLine(some, way));
  return firstFaithful(runs, write, (written) => keyOf(readMarkdown(written), 'paragraph'));
}

function writeHeading(runs: readonly Run[]): string {
  const write = (some: readonly Run[], way: Way): string =>
    writeLine(some, way)
      .trim()
      .replace(/(^|\s)(#+)$/, '$1\\$2');
  return firstFaithful(runs, write, (written) => keyOf(readMarkdown(`# ${written}`), 'heading'));
}

/** What is written with the fewest signs and reads as what was meant; where marks cannot be, the words without them. */
function firstFaithful(
  runs: readonly Run[],
  write: (runs: readonly Run[], way: Way) => string,
  read: (written: string) => string,
): string {
  for (const some of [runs, shortMarks(runs)]) {
    const wanted = key(some);
    for (const way of WAYS) {
      const written = write(some, way);
      if (read(written) === wanted) return written;
    }
  }
  return write(runs, 'without marks');
}

/** What begins a block begins a line: there it is escaped, where it would be read as one. */
function guardLines(text: string): string {
  const [only, ...others] = outlineOf(text);
  const whole = only?.kind === 'paragraph' && others.length === 0 && only.passage.text === text;
  if (whole || /^---$/.test(text)) return text;
  return text
    .split('\n')
    .map((line) =>
      line.replace(
        /^(\s*)(?:(\d{1,9})([.)])(?=\s|$)|([-+*](?=\s|$)|#{1,6}(?=\s|$)|>|`{3}|~{3}|[-*_](?=[-*_\s]*$)))/,
        (_all, space: string, digits?: string, dot?: string, mark?: string) =>
          digits === undefined ? `${space}\\${mark ?? ''}` : `${space}${digits}\\${dot ?? ''}`,
      ),
    )
    .join('\n');
}

/** What these runs look like, as one text to compare: white space looks the same with marks and without. */
function key(runs: readonly Run[]): string {
  const plain = runs.map((run) => ({ ...run, kind: run.kind === 'code' ? ('code' as const) : ('text' as const) }));
  return JSON.stringify(trimmedMarks(plain).map(inOrder));
}

function inOrder({ text, kind, strong, emphasis, strike, href }: Run): Run {
  return { text, kind, strong, emphasis, strike, href };
}

/** The same of what is read; '' when it is anything but one block of this kind. */
function keyOf(blocks: readonly Block[], kind: 'paragraph' | 'heading'): string {
  const [only, ...others] = blocks;
  if (only?.kind !== kind || others.length > 0) return '';
  const runs: Run[] = [];
  const plain: Omit<Run, 'text'> = { kind: 'text', strong: false, emphasis: false, strike: false, href: null };
  const walk = (inlines: readonly Inline[], look: Omit<Run, 'text'>): void => {
    for (const inline of inlines) {
      if (inline.kind === 'text') runs.push({ ...look, text: inline.text });
      else if (inline.kind === 'code') runs.push({ ...look, kind: 'code', text: inline.text });
      else if (inline.kind === 'link') walk(inline.inlines, { ...look, href: inline.href });
      else if ('inlines' in inline) walk(inline.inlines, { ...look, [inline.kind]: true });
      else runs.push({ ...look, kind: 'mention', text: inline.kind });
    }
  };
  walk(only.inlines, plain);
  return runs.some((run) => run.kind === 'mention') ? '' : key(runs);
}
