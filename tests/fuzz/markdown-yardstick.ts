import MarkdownIt from 'markdown-it';
import type { Block, Inline } from '../../src/lib/model/markdown.ts';
import { bareAddressAt } from '../../src/lib/model/web-addresses.ts';

/**
 * markdown-it, set up to read what a message may hold: an independent reading of CommonMark to hold ours against.
 * Bare addresses are TaskFlow's own rule and so shared; mentions are told to it again, by a pattern of its own.
 */
const yardstick = new MarkdownIt('commonmark', { html: false, maxNesting: 1_000 })
  .disable(['code', 'html_block', 'lheading', 'reference', 'entity', 'html_inline', 'image'])
  .enable(['strikethrough']);
// Which addresses are followed is decided where they are shown: one that is not is a link all the same.
yardstick.validateLink = () => true;
yardstick.normalizeLink = (href: string) => href;
yardstick.normalizeLinkText = (text: string) => text;

const TOKEN = /<@(?:!(?:room|here|board)|[0-9a-z]{16,24})>/y;
yardstick.inline.ruler.before('autolink', 'mention', (state, silent) => {
  TOKEN.lastIndex = state.pos;
  const found = TOKEN.exec(state.src)?.[0];
  if (found === undefined) return false;
  if (!silent) state.push('mention', '', 0).content = found;
  state.pos += found.length;
  return true;
});

const PLAIN = /[^\n!-/:-@[-`{-~]/;
yardstick.inline.ruler.at('text', (state, silent) => {
  const from = state.pos;
  while (state.pos < state.posMax && PLAIN.test(state.src.charAt(state.pos))) {
    if (bareAddressAt(state.src, state.pos) !== null) break;
    state.pos++;
  }
  if (!silent) state.pending += state.src.slice(from, state.pos);
  return state.pos > from;
});
yardstick.inline.ruler.after('text', 'bare', (state, silent) => {
  const address = bareAddressAt(state.src, state.pos);
  if (address === null || address.to > state.posMax) return false;
  if (!silent) {
    state.push('link_open', 'a', 1).attrSet('href', address.href);
    state.push('text', '', 0).content = address.text;
    state.push('link_close', 'a', -1);
  }
  state.pos = address.to;
  return true;
});
// A stroke that escapes nothing stays one, also at the end of a line: every break is a break here.
yardstick.inline.ruler.before('escape', 'stroke', (state, silent) => {
  if (state.src[state.pos] !== '\\' || !PLAIN.test(state.src.charAt(state.pos + 1).replace('\n', 'n') || 'x'))
    return false;
  if (!silent) state.pending += '\\';
  state.pos++;
  return true;
});

/** A text as comparable lines, one a block: its containers, its kind, its words with marks around them. */
export interface Reading {
  lines: string[];
  /** The mentions shown, as tokens, in their order. */
  mentions: string[];
  /** Containers in each other. */
  depth: number;
}

/**
 * True where markdown-it is no yardstick: a block's mark behind four columns of white space. CommonMark measures these
 * from what the line continues; markdown-it from the innermost item, and not at all before a `>`.
 */
export function beyondYardstick(source: string): boolean {
  return /(?: {4}|\t)[ \t]*(?:[>#`~+*_-]|[0-9]{1,9}[.)])/.test(source);
}

/** How markdown-it reads it. */
export function yardstickReading(source: string): Reading {
  const reading: Reading = { lines: [], mentions: [], depth: 0 };
  const path: string[] = [];
  let kind = 'p';
  for (const token of yardstick.parse(source, {})) {
    switch (token.type) {
      case 'heading_open':
        kind = 'h';
        break;
      case 'paragraph_open':
        kind = 'p';
        break;
      case 'blockquote_open':
        path.push('q');
        break;
      case 'bullet_list_open':
        path.push('ul');
        break;
      case 'ordered_list_open':
        path.push(`ol${token.attrGet('start') ?? 1}`);
        break;
      case 'list_item_open':
        path.push('li');
        reading.lines.push(line(path, 'begin', ''));
        break;
      case 'blockquote_close':
      case 'bullet_list_close':
      case 'ordered_list_close':
      case 'list_item_close':
        path.pop();
        break;
      case 'hr':
        reading.lines.push(line(path, 'p', token.markup));
        break;
      case 'fence':
        reading.lines.push(line(path, `code ${languageOf(token.info)}`, token.content.trimEnd()));
        break;
      case 'inline':
        reading.lines.push(line(path, kind, passage(words(token.children ?? [], reading.mentions))));
        break;
    }
    reading.depth = Math.max(reading.depth, path.filter((step) => step === 'q' || step === 'li').length);
  }
  return reading;
}

type Tokens = NonNullable<ReturnType<typeof yardstick.parse>[number]['children']>;

function words(tokens: Tokens, mentions: string[]): string {
  let all = '';
  let links = 0;
  for (const token of tokens) {
    switch (token.type) {
      case 'softbreak':
      case 'hardbreak':
        all += '\n';
        break;
      case 'code_inline':
        all += `‹code:${token.content.trim()}›`;
        break;
      case 'mention':
        if (links === 0) mentions.push(token.content);
        all += links === 0 ? `‹${token.content}›` : token.content;
        break;
      case 'link_open':
        if (links++ === 0) all += `‹link ${token.attrGet('href')}:`;
        break;
      case 'link_close':
        if (--links === 0) all += '›';
        break;
      case 'strong_open':
      case 'em_open':
      case 's_open':
        all += `‹${token.tag}:`;
        break;
      case 'strong_close':
      case 'em_close':
      case 's_close':
        all += '›';
        break;
      default:
        all += token.content;
    }
  }
  return all;
}

/** How TaskFlow reads it, told the same way. */
export function readingOf(blocks: readonly Block[]): Reading {
  const reading: Reading = { lines: [], mentions: [], depth: 0 };
  tell(blocks, [], reading);
  return reading;
}

function tell(blocks: readonly Block[], path: string[], reading: Reading): void {
  reading.depth = Math.max(reading.depth, path.filter((step) => step === 'q' || step === 'li').length);
  for (const block of blocks) {
    switch (block.kind) {
      case 'paragraph':
        reading.lines.push(line(path, 'p', passage(told(block.inlines, reading.mentions))));
        break;
      case 'heading':
        reading.lines.push(line(path, 'h', passage(told(block.inlines, reading.mentions))));
        break;
      case 'code':
        reading.lines.push(line(path, `code ${block.language}`, block.text.trimEnd()));
        break;
      case 'quote':
        tell(block.blocks, [...path, 'q'], reading);
        break;
      case 'list':
        for (const item of block.items) {
          const within = [...path, block.first === null ? 'ul' : `ol${block.first}`, 'li'];
          reading.lines.push(line(within, 'begin', ''));
          tell(item, within, reading);
        }
    }
  }
}

const TAGS = { strong: 'strong', emphasis: 'em', strike: 's' };

function told(inlines: readonly Inline[], mentions: string[]): string {
  return inlines
    .map((inline) => {
      switch (inline.kind) {
        case 'text':
          return inline.text;
        case 'code':
          return `‹code:${inline.text.trim()}›`;
        case 'user':
        case 'group': {
          const token = inline.kind === 'user' ? `<@${inline.id}>` : `<@!${inline.group}>`;
          mentions.push(token);
          return `‹${token}›`;
        }
        case 'link':
          return `‹link ${inline.href}:${told(inline.inlines, mentions)}›`;
        default:
          return `‹${TAGS[inline.kind]}:${told(inline.inlines, mentions)}›`;
      }
    })
    .join('');
}

function line(path: readonly string[], kind: string, text: string): string {
  return `${path.join('/')} ${kind} ${text}`;
}

/** White space is shown as it was typed, where CommonMark drops some of it; a rule is a paragraph here. */
function passage(text: string): string {
  const all = text.replace(/[ \t\n]+/g, ' ').trim();
  return /^(?:[-*_] ?){3,}$/.test(all) ? all.replaceAll(' ', '') : all;
}

function languageOf(info: string): string {
  return /^[\w+#.-]{1,32}/.exec(info.trim())?.[0] ?? '';
}
