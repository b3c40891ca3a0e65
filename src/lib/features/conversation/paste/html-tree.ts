import { decodeEntities } from './html-entities.ts';

export interface HtmlElement {
  /** In small letters. */
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: HtmlNode[];
}
export type HtmlNode = string | HtmlElement;

/** Elements in each other. What is deeper belongs to the last of them: every walk of the tree is a recursion. */
const DEEPEST = 200;

/** What the reading of a paste looks at. */
const KEPT = new Set(
  'alt checked class data-indent data-lang data-language height hidden href lang role src start style title type width'.split(
    ' ',
  ),
);
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
/** Their content is no markup. None of it is shown. */
const RAW = new Set('script style textarea title xmp iframe noembed noframes noscript'.split(' '));
const CLOSES_PARAGRAPH = new Set(
  'address article aside blockquote center details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr main menu nav ol p pre section table ul'.split(
    ' ',
  ),
);
/** Elements that end when one of these begins, and what they stand in. */
const CLOSED_BY: Record<string, { ends: readonly string[]; within: readonly string[] }> = {
  li: { ends: ['li'], within: ['ul', 'ol', 'menu'] },
  dt: { ends: ['dt', 'dd'], within: ['dl'] },
  dd: { ends: ['dt', 'dd'], within: ['dl'] },
  td: { ends: ['td', 'th'], within: ['tr', 'table'] },
  th: { ends: ['td', 'th'], within: ['tr', 'table'] },
  tr: { ends: ['tr'], within: ['table'] },
};
const FENCES = new Set(['table', 'td', 'th', 'caption']);

/**
 * Reads HTML into a tree as browsers do, as far as what is copied needs it. The platform's own parser cannot be used: it
 * applies the policy of the page to the styles of what it reads, and reports thousands of violations. Nothing of the tree
 * ever becomes part of the page. The cost grows with the length.
 */
export function parseHtml(html: string): HtmlElement {
  const builder = new Builder();
  read(html, builder);
  return builder.root;
}

class Builder {
  readonly root: HtmlElement = { name: 'html', attributes: new Map(), children: [] };
  readonly #stack: HtmlElement[] = [this.root];
  /** How many of each name are open, so that an end without a beginning costs nothing. */
  readonly #open = new Map<string, number>();
  /** Too deep to be elements. */
  #deeper = 0;

  text(text: string): void {
    if (text !== '') this.#top.children.push(decodeEntities(text));
  }

  start(name: string, attributes: Map<string, string>, closed: boolean): void {
    if (name === 'html' || name === 'body') return;
    if (CLOSES_PARAGRAPH.has(name)) this.#closeParagraph();
    const rule = CLOSED_BY[name];
    if (rule) this.#closeSibling(rule.ends, rule.within);
    const element: HtmlElement = { name, attributes, children: [] };
    const leaf = VOID.has(name) || (closed && name.includes(':'));
    if (!leaf && this.#stack.length >= DEEPEST) {
      this.#deeper++;
      return;
    }
    this.#top.children.push(element);
    if (leaf) return;
    this.#stack.push(element);
    this.#open.set(name, (this.#open.get(name) ?? 0) + 1);
  }

  end(name: string): void {
    if (this.#deeper > 0) {
      this.#deeper--;
      return;
    }
    if (name === 'br') return this.start('br', new Map(), false);
    if (!this.#open.get(name)) return;
    let at = this.#stack.length - 1;
    for (; this.#stack[at]!.name !== name; at--) if (FENCES.has(this.#stack[at]!.name) && !inTable(name)) return;
    this.#closeTo(at);
  }

  get #top(): HtmlElement {
    return this.#stack.at(-1)!;
  }

  #closeTo(height: number): void {
    while (this.#stack.length > height) {
      const { name } = this.#stack.pop()!;
      this.#open.set(name, this.#open.get(name)! - 1);
    }
  }

  #closeParagraph(): void {
    if (!this.#open.get('p')) return;
    for (let at = this.#stack.length - 1; at > 0; at--) {
      const { name } = this.#stack[at]!;
      if (name === 'p') return this.#closeTo(at);
      if (CLOSES_PARAGRAPH.has(name) || FENCES.has(name) || name === 'li') return;
    }
  }

  #closeSibling(ends: readonly string[], within: readonly string[]): void {
    if (!ends.some((name) => this.#open.get(name))) return;
    for (let at = this.#stack.length - 1; at > 0; at--) {
      const { name } = this.#stack[at]!;
      if (ends.includes(name)) return this.#closeTo(at);
      if (within.includes(name)) return;
    }
  }
}

function inTable(name: string): boolean {
  return /^(?:table|tbody|thead|tfoot|tr|td|th|caption)$/.test(name);
}

/** Walks the source once, from its beginning to its end. */
function read(html: string, builder: Builder): void {
  let from = 0;
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    const next = html.charAt(at + 1);
    const end = next === '/';
    const letter = end ? html.charAt(at + 2) : next;
    if (isLetter(letter)) {
      builder.text(html.slice(from, at));
      const tag = readTag(html, end ? at + 2 : at + 1);
      at = from = tag.to;
      if (end) builder.end(tag.name);
      else if (RAW.has(tag.name)) at = from = afterRaw(html, tag.name, tag.to);
      else builder.start(tag.name, tag.attributes, tag.closed);
    } else if (next === '!' || next === '?' || end) {
      builder.text(html.slice(from, at));
      const closing = html.startsWith('<!--', at) ? '-->' : '>';
      const close = html.indexOf(closing, at + 2);
      at = from = close === -1 ? html.length : close + closing.length;
    } else at++;
  }
  builder.text(html.slice(from));
}

function afterRaw(html: string, name: string, at: number): number {
  const closing = new RegExp(`</${name}`, 'gi');
  closing.lastIndex = at;
  const found = closing.exec(html);
  if (found === null) return html.length;
  const close = html.indexOf('>', found.index);
  return close === -1 ? html.length : close + 1;
}

function isLetter(char: string): boolean {
  const code = char.charCodeAt(0) | 0x20;
  return code >= 0x61 && code <= 0x7a;
}

type Tag = { name: string; attributes: Map<string, string>; closed: boolean; to: number };

const NAME = /[^\s/>]+/y;
const BETWEEN = /[\s/]*/y;
const ATTRIBUTE = /([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?/y;

/** The tag whose name begins at `at`. One that never ends takes what is left. */
function readTag(html: string, at: number): Tag {
  const name = exec(NAME, html, at)?.[0] ?? '';
  const attributes = new Map<string, string>();
  let to = at + name.length;
  let closed: boolean;
  for (;;) {
    const between = exec(BETWEEN, html, to)?.[0] ?? '';
    to += between.length;
    closed = between.endsWith('/');
    if (to >= html.length || html[to] === '>') break;
    const found = exec(ATTRIBUTE, html, to);
    if (found === null) {
      to++;
      continue;
    }
    const [all, attribute = '', double, single, bare] = found;
    to += all.length;
    const key = attribute.toLowerCase();
    if (KEPT.has(key) && !attributes.has(key)) attributes.set(key, decodeEntities(double ?? single ?? bare ?? ''));
  }
  return { name: name.toLowerCase(), attributes, closed, to: Math.min(to + 1, html.length) };
}

function exec(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}
