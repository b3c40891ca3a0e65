/**
 * Where a message's source is code or a link, and so holds no mentions. It reads as much of Markdown
 * as that takes: fences (also in quotes and lists), code spans, links, autolinks and bare addresses.
 * Indented lines are no code here.
 */
export type Span =
  | { kind: 'text'; from: number; to: number }
  | { kind: 'code'; from: number; to: number; text: string; block: boolean; language: string }
  | { kind: 'link'; from: number; to: number; text: string; href: string };

type Mark = Exclude<Span, { kind: 'text' }>;

/** The source in spans, in order and without gaps: joined they are the source. */
export function spans(source: string): Span[] {
  const found: Span[] = [];
  let textFrom = 0;
  let i = 0;
  while (i < source.length) {
    const mark = markAt(source, i);
    if (typeof mark === 'number') {
      i = mark;
      continue;
    }
    if (mark.from > textFrom) found.push({ kind: 'text', from: textFrom, to: mark.from });
    found.push(mark);
    i = textFrom = mark.to;
  }
  if (textFrom < source.length) found.push({ kind: 'text', from: textFrom, to: source.length });
  return found;
}

/** The mark that begins here, or where to look next. */
function markAt(source: string, i: number): Mark | number {
  if (i === 0 || source[i - 1] === '\n') {
    const block = fenceAt(source, i);
    if (block !== null) return block;
  }
  switch (source[i]) {
    case '\\':
      return i + 2;
    case '`':
      return codeSpanAt(source, i);
    case '[':
      return inlineLinkAt(source, i) ?? i + 1;
    case '<':
      return autolinkAt(source, i) ?? i + 1;
    default:
      return (isAddressStart(source, i) ? bareLinkAt(source, i) : null) ?? i + 1;
  }
}

const FENCE = /((?: {0,3}(?:>|[-*+](?= )|[0-9]{1,9}[.)](?= )))*)[ \t]*(`{3,}(?=[^`\n]*(?:\n|$))|~{3,})([^\n]*)\n?/y;

/** A fence and what it encloses: to its end, to the end of its quote, or to the end of all. */
function fenceAt(source: string, i: number): Mark | null {
  const open = matchAt(FENCE, source, i);
  const [, prefix = '', fence = '', info = ''] = open ?? [];
  if (open === null) return null;
  const close = new RegExp(`^[ \\t>]*${fence}${fence.charAt(0)}*[ \\t]*$`);
  const quoted = prefix.includes('>');
  const lines: string[] = [];
  let at = i + open[0].length;
  while (at < source.length) {
    const end = endOfLine(source, at);
    const line = source.slice(at, end);
    if (quoted && !/^ {0,3}>/.test(line)) break;
    at = Math.min(end + 1, source.length);
    if (close.test(line)) break;
    lines.push(quoted ? line.replace(/^ {0,3}> ?/, '') : line);
  }
  const language = /^[\w+#.-]{1,32}/.exec(info.trim())?.[0] ?? '';
  return { kind: 'code', from: i, to: at, text: lines.join('\n'), block: true, language };
}

const PARAGRAPH_END = /\n(?=[ \t>]*(?:\n|`{3,}[^`\n]*(?:\n|$)|~{3,}))/g;
const TICKS = /`+/g;

/** A code span: closed by just as many ticks as open it, within its paragraph. */
function codeSpanAt(source: string, i: number): Mark | number {
  TICKS.lastIndex = i;
  const ticks = TICKS.exec(source)?.[0].length ?? 1;
  PARAGRAPH_END.lastIndex = i;
  const limit = PARAGRAPH_END.exec(source)?.index ?? source.length;
  for (let run = TICKS.exec(source); run !== null && run.index < limit; run = TICKS.exec(source)) {
    if (run[0].length !== ticks) continue;
    const inner = source.slice(i + ticks, run.index).replaceAll('\n', ' ');
    const padded = /^ .*[^ ].* $/.test(inner) || /^ [^ ] $/.test(inner);
    const text = padded ? inner.slice(1, -1) : inner;
    return { kind: 'code', from: i, to: run.index + ticks, text, block: false, language: '' };
  }
  return i + ticks;
}

const INLINE_LINK =
  /\[((?:[^[\]\\\n]|\\.|\[[^[\]\n]*\])*)\]\([ \t]{0,8}(<[^<>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)(?:[ \t]{1,8}(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]{0,8}\)/y;

function inlineLinkAt(source: string, i: number): Mark | null {
  const match = matchAt(INLINE_LINK, source, i);
  const [all = '', text = '', target = ''] = match ?? [];
  if (match === null) return null;
  return { kind: 'link', from: i, to: i + all.length, text, href: target.replace(/^<(.*)>$/, '$1') };
}

const AUTOLINK = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>/iy;

function autolinkAt(source: string, i: number): Mark | null {
  const href = matchAt(AUTOLINK, source, i)?.[1];
  if (href === undefined) return null;
  return { kind: 'link', from: i, to: i + href.length + 2, text: href, href };
}

const BARE_LINK = /(?:(?:https?|ftp):\/\/|mailto:|www\.)[^\s<>`]+/iy;
function isAddressStart(source: string, i: number): boolean {
  return 'hfmwHFMW'.includes(source.charAt(i)) && !/[A-Za-z0-9]/.test(source.charAt(i - 1));
}

function bareLinkAt(source: string, i: number): Mark | null {
  const found = matchAt(BARE_LINK, source, i)?.[0];
  if (found === undefined) return null;
  const text = withoutSentenceEnd(found);
  if (matchAt(BARE_LINK, text, 0) === null) return null;
  return { kind: 'link', from: i, to: i + text.length, text, href: /^www\./i.test(text) ? `https://${text}` : text };
}

/** Punctuation at the end of an address belongs to the sentence, and so does a bracket that it does not open. */
function withoutSentenceEnd(address: string): string {
  const unopened = { ')': count(address, ')') - count(address, '('), ']': count(address, ']') - count(address, '[') };
  let end = address.length;
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    if (last === ')' || last === ']') {
      if (unopened[last] <= 0) break;
      unopened[last]--;
    } else if (!'.,;:!?\'"*~_'.includes(last)) break;
  }
  return address.slice(0, end);
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

function matchAt(pattern: RegExp, source: string, i: number): RegExpExecArray | null {
  pattern.lastIndex = i;
  return pattern.exec(source);
}

function endOfLine(source: string, i: number): number {
  const end = source.indexOf('\n', i);
  return end === -1 ? source.length : end;
}
