import { MESSAGE_TEXT } from '../../../model/limits.ts';
import { encodeMentions } from '../../../model/mentions.ts';
import { spans } from '../../../model/markup.ts';
import { cleanText } from '../../../model/plain.ts';
import { webLink } from '../web-link.ts';
import { isEditorsCode } from './html-look.ts';
import { readHtml } from './html-reader.ts';
import { parseHtml } from './html-tree.ts';
import { target } from './markdown-line.ts';
import { writeMarkdown } from './markdown-writer.ts';
import type { Person } from '../../../model/board.ts';
import type { Rich } from './rich-text.ts';

/** Larger HTML is not read: its plain text is taken. */
export const HTML_MOST = 1_000_000;
/** More is not put into a box: every key that is typed afterwards would wait for it. */
export const PASTE_MOST = 5 * MESSAGE_TEXT;

export interface Pasted {
  html: string;
  plain: string;
}

/** The box as it is before. */
export interface Place {
  value: string;
  from: number;
  to: number;
}

/**
 * What is put into the box for what was pasted or dropped there; null when that is its plain text as it is. A link over
 * words makes a link of them; HTML becomes the Markdown of a message, unless it says no more than its plain text.
 */
export function pastedText(pasted: Pasted, place: Place, people: readonly Person[]): string | null {
  if (inCode(place)) return null;
  const link = asLink(pasted.plain.trim());
  const selected = place.value.slice(place.from, place.to);
  if (link !== null && selected.trim() !== '')
    return asLink(selected.trim()) !== null || /[[\]`\n]/.test(selected) ? null : linked(selected, link);
  return pasted.html === '' || pasted.html.length > HTML_MOST
    ? null
    : markdownOf(pasted.html, people, pasted.plain === '');
}

/** HTML as Markdown; null when it says no more than its plain text (`always`: then too), or more than fits into a box. */
export function markdownOf(html: string, people: readonly Person[], always = false): string | null {
  const root = parseHtml(html);
  if (!always && isEditorsCode(root)) return null;
  const usernames = new Set(people.map(({ username }) => username));
  const blocks = readHtml(root, {
    isHere: (username) => usernames.has(username),
    nameAlone: (text) => (encodeMentions(text, people) === text ? text : text.replace(/^@/, '')),
  });
  if ((!always && !blocks.some(isRich)) || sizeOf(blocks) > PASTE_MOST) return null;
  const text = cleanText(writeMarkdown(blocks));
  return text.trim() === '' ? null : text;
}

function isRich(block: Rich): boolean {
  if (block.kind !== 'paragraph') return true;
  return block.runs.some(
    ({ kind, strong, emphasis, strike, href, text }) =>
      kind !== 'text' || strong || emphasis || strike || (href !== null && href !== text) || text.includes(' | '),
  );
}

function sizeOf(blocks: readonly Rich[]): number {
  let size = 0;
  for (const block of blocks) {
    if (block.kind === 'code') size += block.text.length;
    else if (block.kind === 'quote') size += sizeOf(block.blocks);
    else if (block.kind === 'list') for (const item of block.items) size += sizeOf(item);
    else for (const { text } of block.runs) size += text.length;
  }
  return size;
}

function asLink(text: string): string | null {
  if (text === '' || text.length > 2_000 || /\s/.test(text)) return null;
  return /^(?:https?:\/\/|mailto:)/i.test(text) ? (webLink(text, '')?.href ?? null) : null;
}

function linked(selected: string, href: string): string {
  const text = selected.trim();
  const at = selected.indexOf(text);
  return `${selected.slice(0, at)}[${text}](${target(href)})${selected.slice(at + text.length)}`;
}

/** True where what is put in becomes part of code: it is tried with a letter. */
function inCode({ value, from, to }: Place): boolean {
  const tried = `${value.slice(0, from)}x${value.slice(to)}`;
  return spans(tried).some((span) => span.kind === 'code' && span.from < from + 1 && from < span.to);
}
