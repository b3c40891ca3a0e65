import { linesOf, type Line } from './markdown-lines.ts';

/** Quotes and list items in each other. What is deeper is text: every line costs what is open above it. */
export const MAX_DEPTH = 12;

/** Lines of a paragraph joined by "\n", and where in the source each of them came from. */
export interface Passage {
  text: string;
  lines: { at: number; from: number }[];
}

/** The outline of a source: what its lines are, before anything in them is read. */
export type Outline =
  | { kind: 'paragraph' | 'heading'; passage: Passage }
  | { kind: 'code'; from: number; to: number; text: string; language: string }
  | { kind: 'quote'; blocks: Outline[] }
  | { kind: 'list'; sign: string; first: number | null; items: Outline[][] };

type Container = { kind: 'root' | 'quote'; blocks: Outline[] } | { kind: 'item'; width: number; blocks: Outline[] };

type Leaf =
  | { kind: 'paragraph'; passage: Passage }
  | { kind: 'fence'; block: Extract<Outline, { kind: 'code' }>; mark: string; indent: number; empty: boolean };

/**
 * Reads blocks as CommonMark does: quotes, lists, fences, headings with `#`, paragraphs with lazy lines. Left out, so
 * that a message looks like what was typed: code by indentation, headings by underlining, rules (their line is a
 * paragraph), tables, HTML, and definitions of link targets.
 */
export function outlineOf(source: string): Outline[] {
  const reader = new BlockReader();
  for (const line of linesOf(source)) reader.read(line);
  return reader.blocks;
}

class BlockReader {
  readonly blocks: Outline[] = [];
  #open: Container[] = [{ kind: 'root', blocks: this.blocks }];
  #leaf: Leaf | null = null;

  read(line: Line): void {
    let depth = 1;
    for (let inner = this.#open[depth]; inner && continues(inner, line); inner = this.#open[depth]) depth++;
    const all = depth === this.#open.length;
    const leaf = this.#leaf;
    if (leaf?.kind === 'fence' && all) return this.#inFence(leaf, line);
    let started = false;
    while (!line.blank && line.indent < TAB_CODE) {
      const continued = leaf?.kind === 'paragraph' && all && !started;
      const next = this.#container(line, depth, continued);
      if (next === 'none') break;
      if (next === 'line') return;
      started = true;
      depth++;
    }
    if (line.blank) return this.#close(depth);
    if (leaf?.kind === 'paragraph' && !started) return addLine(leaf.passage, line);
    this.#close(depth);
    this.#leaf = { kind: 'paragraph', passage: { text: '', lines: [] } };
    addLine(this.#leaf.passage, line);
    this.#inner.push({ kind: 'paragraph', passage: this.#leaf.passage });
  }

  get #inner(): Outline[] {
    return this.#open.at(-1)!.blocks;
  }

  #close(depth: number): void {
    this.#open.length = depth;
    this.#leaf = null;
  }

  /** What begins here: a container that the rest of the line goes into, a block that takes the line, or nothing. */
  #container(line: Line, depth: number, continued: boolean): 'container' | 'line' | 'none' {
    const rest = line.text.slice(line.next);
    if (line.first === '>' && depth <= MAX_DEPTH) {
      this.#close(depth);
      const blocks: Outline[] = [];
      this.#inner.push({ kind: 'quote', blocks });
      this.#open.push({ kind: 'quote', blocks });
      takeQuoteMark(line);
      return 'container';
    }
    const level = /^#{1,6}(?=[ \t]|$)/.exec(rest)?.[0].length;
    if (level !== undefined) {
      this.#close(depth);
      this.#inner.push({ kind: 'heading', passage: headingOf(line, level) });
      return 'line';
    }
    const fence = /^(?:`{3,}(?=[^`]*$)|~{3,})/.exec(rest)?.[0];
    if (fence !== undefined) {
      this.#close(depth);
      this.#openFence(line, fence);
      return 'line';
    }
    if (isRule(rest)) {
      this.#close(depth);
      const passage: Passage = { text: '', lines: [] };
      addLine(passage, line);
      this.#inner.push({ kind: 'paragraph', passage });
      return 'line';
    }
    return depth <= MAX_DEPTH && this.#item(line, rest, depth, continued) ? 'container' : 'none';
  }

  #item(line: Line, rest: string, depth: number, continued: boolean): boolean {
    const [mark, number, sign = mark] = /^(?:[-+*]|([0-9]{1,9})([.)]))(?=[ \t]|$)/.exec(rest) ?? [];
    if (mark === undefined || sign === undefined) return false;
    const empty = /^[ \t]*$/.test(rest.slice(mark.length));
    // In the middle of a sentence "14." or a lone "-" is no list.
    if (continued && (empty || (number !== undefined && Number(number) !== 1))) return false;
    this.#close(depth);
    const before = line.indent;
    line.take(mark.length);
    const padding = empty ? 1 : line.indent <= TAB_CODE ? line.indent : 1;
    line.skip(padding);
    const blocks: Outline[] = [];
    const list = this.#inner.at(-1);
    if (list?.kind === 'list' && list.sign === sign) list.items.push(blocks);
    else {
      const first = number === undefined ? null : Number(number);
      this.#inner.push({ kind: 'list', sign, first, items: [blocks] });
    }
    this.#open.push({ kind: 'item', width: before + mark.length + padding, blocks });
    return true;
  }

  #openFence(line: Line, mark: string): void {
    const info = line.text.slice(line.next + mark.length).trim();
    const language = /^[\w+#.-]{1,32}/.exec(info)?.[0] ?? '';
    const block = { kind: 'code' as const, from: line.from + line.next, to: line.to, text: '', language };
    this.#inner.push(block);
    this.#leaf = { kind: 'fence', block, mark, indent: line.indent, empty: true };
  }

  #inFence(fence: Extract<Leaf, { kind: 'fence' }>, line: Line): void {
    fence.block.to = line.to;
    if (line.indent < TAB_CODE && closesFence(line.text.slice(line.next), fence.mark)) {
      this.#leaf = null;
      return;
    }
    line.skip(Math.min(fence.indent, line.indent));
    fence.block.text += fence.empty ? line.rest() : `\n${line.rest()}`;
    fence.empty = false;
  }
}

/** White space of this width would make code of a line in CommonMark; here it only keeps a mark from being one. */
const TAB_CODE = 4;

function continues(container: Container, line: Line): boolean {
  if (container.kind === 'item') {
    // An item that began with nothing ends at an empty line.
    if (line.blank ? container.blocks.length === 0 : line.indent < container.width) return false;
    line.skip(container.width);
    return true;
  }
  if (line.first !== '>' || line.indent >= TAB_CODE) return false;
  takeQuoteMark(line);
  return true;
}

function takeQuoteMark(line: Line): void {
  line.take(1);
  line.skip(1);
}

function isRule(rest: string): boolean {
  return /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/.test(rest);
}

function closesFence(rest: string, mark: string): boolean {
  let end = 0;
  while (rest[end] === mark[0]) end++;
  return end >= mark.length && /^[ \t]*$/.test(rest.slice(end));
}

function addLine(passage: Passage, line: Line): void {
  if (passage.lines.length > 0) passage.text += '\n';
  passage.lines.push({ at: passage.text.length, from: line.from + line.at });
  passage.text += line.text.slice(line.at);
}

/** A heading without its marks, those that may close it too. */
function headingOf(line: Line, level: number): Passage {
  const { text } = line;
  let from = line.next + level;
  while (from < text.length && isSpace(text, from)) from++;
  let to = text.length;
  while (to > from && isSpace(text, to - 1)) to--;
  let end = to;
  while (end > from && text[end - 1] === '#') end--;
  if (end === from || isSpace(text, end - 1)) to = end;
  while (to > from && isSpace(text, to - 1)) to--;
  return { text: text.slice(from, to), lines: [{ at: 0, from: line.from + from }] };
}

function isSpace(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t';
}

/** Where in the source a place of the passage is. */
export function sourceAt({ lines }: Passage, at: number): number {
  let low = 0;
  for (let high = lines.length - 1; low < high;) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]!.at <= at) low = middle;
    else high = middle - 1;
  }
  const line = lines[low]!;
  return line.from + (at - line.at);
}
