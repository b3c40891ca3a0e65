import type { Person } from './board-directory.ts';
import type { UserId } from './ids.ts';
import { EXCERPT } from './limits.ts';
import { readMarkdown, type Block, type Inline } from './markdown.ts';
import { cut } from './plain.ts';

/**
 * The beginning of a message on one line, for a notification or a quote: names instead of tokens, and the words without
 * the marks that format them.
 */
export function excerptOf(stored: string, people: ReadonlyMap<UserId, Person>, limit: number = EXCERPT): string {
  const line = readMarkdown(stored)
    .map((block) => blockText(block, people))
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= limit ? line : `${cut(line, limit - 1).trimEnd()}…`;
}

type People = ReadonlyMap<UserId, Person>;

function blockText(block: Block, people: People): string {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return inlineText(block.inlines, people);
    case 'code':
      return block.text;
    case 'quote':
      return block.blocks.map((one) => blockText(one, people)).join(' ');
    case 'list':
      return block.items
        .flat()
        .map((one) => blockText(one, people))
        .join(' ');
  }
}

function inlineText(inlines: readonly Inline[], people: People): string {
  return inlines
    .map((inline) => {
      switch (inline.kind) {
        case 'text':
        case 'code':
          return inline.text;
        case 'user':
          return `@${people.get(inline.id)?.username ?? 'unknown'}`;
        case 'group':
          return `@${inline.group}`;
        default:
          return inlineText(inline.inlines, people);
      }
    })
    .join('');
}
