import { outlineOf, type Outline, type Passage } from './markdown-blocks.ts';
import { rest, type Mark, type Sign } from './markdown-emphasis.ts';
import { pairRuns, piecesOf, type Piece } from './markdown-inlines.ts';
import { segments } from './mentions.ts';
import type { Mentioned } from './mention-tokens.ts';

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | Mentioned
  | { kind: Mark; inlines: Inline[] }
  /** `href` is as it was written: check its scheme before it is followed. `raw` is all of it as it was typed. */
  | { kind: 'link'; raw: string; href: string; inlines: Inline[] };

export type Block =
  | { kind: 'paragraph' | 'heading'; inlines: Inline[] }
  | { kind: 'code'; text: string; language: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; first: number | null; items: Block[][] };

/** Marks in each other; what is deeper shows its stars. */
const MAX_MARKS = 12;
/**
 * Blocks, items and pieces: showing as many takes a page on two busy cores some 100 ms, and people who write to each
 * other need fewer.
 */
const MOST = 800;
/** Code is shown with a frame and a button. */
const CODE_COSTS = 12;

/**
 * A stored message as it is shown. Its mentions are those that `mentionsIn` counts. What would cost a page too much to
 * show is one paragraph of text and mentions, as it was typed.
 */
export function readMarkdown(stored: string): Block[] {
  const builder = new Builder();
  const blocks = builder.blocks(outlineOf(stored));
  return blocks ?? [{ kind: 'paragraph', inlines: plain(stored) }];
}

function plain(stored: string): Inline[] {
  return joined(
    segments(stored).map((segment): Inline => {
      if (segment.kind === 'user') return { kind: 'user', id: segment.id };
      if (segment.kind === 'group') return { kind: 'group', group: segment.group };
      return { kind: 'text', text: segment.raw };
    }),
  );
}

class Builder {
  #left = MOST;

  /** Null when there are too many. */
  blocks(outline: Outline[]): Block[] | null {
    const blocks = this.#blocks(outline);
    return this.#left < 0 ? null : blocks;
  }

  #blocks(outline: Outline[]): Block[] {
    this.#left -= outline.length;
    return this.#left < 0 ? [] : outline.map((block) => this.#block(block));
  }

  #block(block: Outline): Block {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return { kind: block.kind, inlines: this.#inlines(block.passage) };
      case 'code':
        this.#left -= CODE_COSTS;
        return { kind: 'code', text: block.text, language: block.language };
      case 'quote':
        return { kind: 'quote', blocks: this.#blocks(block.blocks) };
      case 'list':
        this.#left -= block.items.length;
        return { kind: 'list', first: block.first, items: block.items.map((item) => this.#blocks(item)) };
    }
  }

  #inlines({ text }: Passage): Inline[] {
    const pieces = piecesOf(text);
    this.#left -= pieces.length;
    if (this.#left < 0) return [];
    pairRuns(pieces);
    return treeOf(text, pieces);
  }
}

type Frame = { inlines: Inline[]; wrap: (inlines: Inline[]) => Inline };

/** Pieces in each other. Signs stand in pairs, and never across each other or across a link's end. */
function treeOf(source: string, pieces: Piece[]): Inline[] {
  const root: Inline[] = [];
  const stack: Frame[] = [];
  /** Signs too deep to be marks, as many as are open. */
  let deep = 0;
  let inLink = false;
  const put = (inline: Inline): void => void (stack.at(-1)?.inlines ?? root).push(inline);
  const text = (some: string): void => put({ kind: 'text', text: some });
  const begin = (wrap: Frame['wrap']): void => void stack.push({ inlines: [], wrap });
  const finish = (): void => {
    const frame = stack.pop();
    if (frame) put(frame.wrap(joined(frame.inlines)));
  };
  const open = ({ mark, text: sign }: Sign): void => {
    if (deep === 0 && stack.length < MAX_MARKS) return begin((inlines) => ({ kind: mark, inlines }));
    deep++;
    text(sign);
  };
  const close = ({ text: sign }: Sign): void => {
    if (deep === 0) return finish();
    deep--;
    text(sign);
  };
  for (const piece of pieces) {
    switch (piece.kind) {
      case 'text':
        text(piece.text);
        break;
      case 'code':
        put({ kind: 'code', text: piece.text });
        break;
      case 'mention':
        if (inLink) text(source.slice(piece.from, piece.to));
        else put(piece.mentioned);
        break;
      case 'address': {
        const inlines: Inline[] = [{ kind: 'text', text: piece.text }];
        if (inLink) text(piece.text);
        else put({ kind: 'link', raw: source.slice(piece.from, piece.to), href: piece.href, inlines });
        break;
      }
      case 'run':
        piece.run.closing.forEach(close);
        text(rest(piece.run));
        piece.run.opening.toReversed().forEach(open);
        break;
      case 'bracket': {
        if (piece.target === null) {
          text('[');
          break;
        }
        const { href, to } = piece.target;
        const raw = source.slice(piece.from, to);
        begin((inlines) => ({ kind: 'link', raw, href, inlines }));
        inLink = true;
        break;
      }
      case 'end':
        finish();
        inLink = false;
    }
  }
  return joined(root);
}

/** The same with texts beside each other as one, and without empty ones. */
function joined(inlines: readonly Inline[]): Inline[] {
  const all: Inline[] = [];
  for (const inline of inlines) {
    const last = all.at(-1);
    if (inline.kind !== 'text') all.push(inline);
    else if (last?.kind === 'text') all[all.length - 1] = { kind: 'text', text: last.text + inline.text };
    else if (inline.text !== '') all.push(inline);
  }
  return all;
}
