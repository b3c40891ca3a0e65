import { outlineOf, sourceAt, type Outline, type Passage } from './markdown-blocks.ts';
import { piecesOf, type Piece } from './markdown-inlines.ts';
import type { Mentioned } from './mention-tokens.ts';

/**
 * What a message's source is made of where mentions are concerned: code and links, which hold none, mentions, and text.
 * It comes from the same reading of Markdown that shows the message, so the two cannot disagree.
 */
export type Span =
  | { kind: 'text'; from: number; to: number }
  | { kind: 'mention'; from: number; to: number; mentioned: Mentioned }
  | { kind: 'code'; from: number; to: number; text: string; block: boolean; language: string }
  | { kind: 'link'; from: number; to: number; text: string; href: string };

type Found = Exclude<Span, { kind: 'text' }>;

/** The source in spans, in order and without gaps: joined they are the source. */
export function spans(source: string): Span[] {
  const all: Span[] = [];
  let from = 0;
  for (const span of foundIn(outlineOf(source))) {
    if (span.from > from) all.push({ kind: 'text', from, to: span.from });
    all.push(span);
    from = span.to;
  }
  if (from < source.length) all.push({ kind: 'text', from, to: source.length });
  return all;
}

function foundIn(outline: Outline[]): Found[] {
  return outline.flatMap((block): Found[] => {
    switch (block.kind) {
      case 'paragraph':
      case 'heading':
        return foundInPassage(block.passage);
      case 'code': {
        const { from, to, text, language } = block;
        return [{ kind: 'code', from, to, text, block: true, language }];
      }
      case 'quote':
        return foundIn(block.blocks);
      case 'list':
        return block.items.flatMap(foundIn);
    }
  });
}

function foundInPassage(passage: Passage): Found[] {
  const found: Found[] = [];
  const range = (from: number, to: number) => ({ from: sourceAt(passage, from), to: sourceAt(passage, to - 1) + 1 });
  let link: Extract<Found, { kind: 'link' }> | null = null;
  for (const piece of piecesOf(passage.text)) {
    if (piece.kind === 'bracket' && piece.target !== null) {
      const { to, href } = piece.target;
      link = { kind: 'link', ...range(piece.from, to), text: '', href };
    } else if (piece.kind === 'end' && link !== null) {
      found.push(link);
      link = null;
    } else if (link !== null) {
      link.text += textOf(passage.text, piece);
    } else if (piece.kind === 'code') {
      found.push({ kind: 'code', ...range(piece.from, piece.to), text: piece.text, block: false, language: '' });
    } else if (piece.kind === 'address') {
      found.push({ kind: 'link', ...range(piece.from, piece.to), text: piece.text, href: piece.href });
    } else if (piece.kind === 'mention') {
      found.push({ kind: 'mention', ...range(piece.from, piece.to), mentioned: piece.mentioned });
    }
  }
  return found;
}

/** What a piece inside of a link says. */
function textOf(text: string, piece: Piece): string {
  switch (piece.kind) {
    case 'mention':
      return text.slice(piece.from, piece.to);
    case 'run':
      return piece.run.char.repeat(piece.run.width);
    case 'bracket':
      return '[';
    case 'end':
      return '';
    default:
      return piece.text;
  }
}
