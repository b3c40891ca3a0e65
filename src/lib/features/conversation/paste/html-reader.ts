import { webLink } from '../web-link.ts';
import { Flow } from './html-flow.ts';
import { lookOf } from './html-look.ts';
import { readTable } from './html-tables.ts';
import type { HtmlElement, HtmlNode } from './html-tree.ts';
import { nest } from './html-lists.ts';
import { captionOf, find, findMarker, isOwnHeading, languageOf, mentioned, textOf } from './html-parts.ts';
import { bare, inherited, type Style } from './html-style.ts';
import type { Rich } from './rich-text.ts';

export interface Names {
  /** Whether somebody here is called so. */
  isHere: (username: string) => boolean;
  /** How somebody is named who is not here, so that it mentions nobody who is. */
  nameAlone: (text: string) => string;
}

const BLOCK = new Set(
  'address article aside body caption center dd details dialog div dl dt fieldset figcaption figure footer form header hgroup html legend li main nav p section summary tbody td tfoot th thead tr'.split(
    ' ',
  ),
);
const PARAGRAPH = new Set(['p', 'dl', 'fieldset', 'figure']);
const CODE = new Set(['code', 'tt', 'kbd', 'samp']);

/** What a tree of HTML says, in what a message can say. Nothing of what is hidden, and no scripts, styles or comments. */
export function readHtml(root: HtmlElement, names: Names): Rich[] {
  const style: Style = { strong: false, emphasis: false, strike: false, href: null, keeps: false };
  return new Reader(names).blocks(root.children, style);
}

class Reader {
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  blocks(nodes: readonly HtmlNode[], style: Style): Rich[] {
    const flow = new Flow();
    this.#all(nodes, style, flow);
    return flow.end();
  }

  #all(nodes: readonly HtmlNode[], style: Style, flow: Flow): void {
    for (const node of nodes) {
      if (typeof node === 'string') flow.text({ ...bare(style), text: node }, style.keeps);
      else this.#element(node, style, flow);
    }
  }

  #element(element: HtmlElement, outer: Style, flow: Flow): void {
    const look = lookOf(element);
    if (look.hidden || look.officeMarker) return;
    const { name } = element;
    const style = inherited(element, look, outer);
    const heading = /^h([1-6])$/.exec(name)?.[1] ?? (isOwnHeading(element) ? '3' : undefined);
    if (heading !== undefined) return this.#heading(element, Number(heading), style, flow);
    if (look.officeLevel !== null) return this.#officeItem(element, look.officeLevel, style, flow);
    if (CODE.has(name) && style.keeps && textOf(element).trim().includes('\n')) return this.#code(element, flow);
    if (CODE.has(name)) {
      const text = textOf(element).replace(/[\n\r]/g, ' ');
      if (text.trim() !== '') flow.text({ ...bare(style), kind: 'code', text }, true);
      return;
    }
    switch (name) {
      case 'br':
        return flow.lineBreak();
      case 'hr':
        return flow.block({ kind: 'paragraph', runs: [{ ...bare(outer), text: '---' }] });
      case 'pre':
        return this.#code(element, flow);
      case 'img':
        return this.#image(element, style, flow);
      case 'input':
        if (element.attributes.get('type') === 'checkbox')
          flow.text({ ...bare(style), text: element.attributes.has('checked') ? '[x] ' : '[ ] ' }, false);
        return;
      case 'blockquote': {
        const blocks = this.blocks(element.children, { ...style, keeps: false });
        if (blocks.length > 0) flow.block({ kind: 'quote', blocks });
        return;
      }
      case 'ul':
      case 'ol':
      case 'menu':
        return this.#list(element, style, flow);
      case 'table':
        return this.#table(element, style, flow);
      case 'sup':
      case 'sub':
        return this.#raised(element, style, flow);
    }
    const username = mentioned(element);
    if (username !== undefined) return this.#mention(element, username, style, flow);
    const marked =
      name === 'div' && /highlight-source-/.test(element.attributes.get('class') ?? '') && find(element, 'pre');
    if (marked) return this.#code(marked, flow, languageOf(element));
    const language = name === 'figure' ? captionOf(element) : undefined;
    if (language !== undefined) return this.#code(element, flow);
    this.#box(element, look.block ?? BLOCK.has(name), look.tight, style, flow);
  }

  #box(element: HtmlElement, block: boolean, tight: boolean, style: Style, flow: Flow): void {
    if (!block) return this.#all(element.children, style, flow);
    const apart = PARAGRAPH.has(element.name) && !tight;
    if (apart) flow.paragraphEnd();
    else flow.edge();
    this.#all(element.children, style, flow);
    if (apart) flow.paragraphEnd();
    else flow.edge();
  }

  #heading(element: HtmlElement, level: number, style: Style, flow: Flow): void {
    const runs = this.blocks(element.children, { ...style, keeps: false }).flatMap((block) =>
      'runs' in block ? [...block.runs, { ...bare(style), text: ' ' }] : [],
    );
    runs.pop();
    if (runs.length > 0) {
      const line = runs.map((run) => ({ ...run, text: run.text.replaceAll('\n', ' ') }));
      flow.block({ kind: 'heading', level, runs: line });
    }
  }

  #code(element: HtmlElement, flow: Flow, language = captionOf(element) ?? languageOf(element)): void {
    const pre = element.name === 'figure' ? (find(element, 'pre') ?? element) : element;
    const text = textOf(pre)
      .replace(/\r\n?/g, '\n')
      // Pages begin and end their code with a line that is none.
      .replace(pre === element ? /^\n|\n+$/g : /$^/, '');
    if (text.trim() !== '') flow.block({ kind: 'code', text, language });
  }

  #list(element: HtmlElement, style: Style, flow: Flow): void {
    const start = Number(element.attributes.get('start') ?? 1);
    const first = element.name !== 'ol' ? null : Number.isInteger(start) && start >= 0 && start < 1e9 ? start : 1;
    const items: Rich[][] = [];
    const inner = { ...style, keeps: false };
    for (const node of element.children) {
      if (typeof node === 'string' ? node.trim() === '' : lookOf(node).hidden) continue;
      const nested = typeof node !== 'string' && (node.name === 'ul' || node.name === 'ol');
      const blocks = this.blocks([node], inner);
      // A list between the items belongs to the one before.
      if (nested && items.length > 0) items.at(-1)!.push(...blocks);
      else if (blocks.length > 0) items.push(blocks);
    }
    if (items.length === 0) return;
    const list: Rich = { kind: 'list', first, items };
    const depth = Number(element.attributes.get('data-indent') ?? 0);
    if (depth > 0 && nest(flow.last, depth, list)) return;
    flow.block(list);
  }

  /** Office programs write list items as paragraphs that begin with a drawn marker. */
  #officeItem(element: HtmlElement, level: number, style: Style, flow: Flow): void {
    const marker = textOf(findMarker(element) ?? element).trim();
    const ordered = /^[(]?(?:\d{1,9}|[a-z]{1,4})[.)]/i.test(marker);
    const first = ordered ? (/^\d+/.exec(marker)?.[0] ?? '1') : null;
    const item = this.blocks(element.children, style);
    if (item.length === 0) return;
    const list: Rich = { kind: 'list', first: first === null ? null : Number(first), items: [item] };
    const last = flow.last;
    if (level > 1 && nest(last, level - 1, list)) return;
    if (last?.kind === 'list' && (last.first === null) === (first === null)) last.items.push(item);
    else flow.block(list);
  }

  #table(element: HtmlElement, style: Style, flow: Flow): void {
    const table = readTable(element, (cell) => this.blocks(cell.children, { ...style, keeps: false }));
    if (table.kind === 'layout') {
      flow.paragraphEnd();
      for (const cell of table.cells) for (const block of cell) flow.block(block);
      return;
    }
    flow.paragraphEnd();
    for (const row of table.rows) {
      row.forEach((runs, index) => {
        if (index > 0) flow.text({ ...bare(style), text: ' | ' }, true);
        for (const run of runs) flow.text(run, true);
      });
      flow.edge();
    }
    flow.paragraphEnd();
  }

  #image(element: HtmlElement, style: Style, flow: Flow): void {
    const alt = (element.attributes.get('alt') ?? '').trim();
    if (alt !== '') return flow.text({ ...bare(style), text: alt }, false);
    const { width, height } = Object.fromEntries(element.attributes);
    const source = webLink(element.attributes.get('src') ?? '', '');
    if (source === null || width === '1' || height === '1') return;
    flow.text({ ...bare(style), text: 'image', href: style.href ?? source.href }, false);
  }

  #mention(element: HtmlElement, username: string, style: Style, flow: Flow): void {
    const here = this.#names.isHere(username);
    if (here) flow.text({ ...bare(style), kind: 'mention', text: `@${username}` }, true);
    else flow.text({ ...bare(style), text: this.#names.nameAlone(textOf(element)) }, true);
  }

  #raised(element: HtmlElement, style: Style, flow: Flow): void {
    const text = textOf(element);
    // The number of a note is no address that anyone wants.
    if (/^\[[^\]]*\]$/.test(text.trim())) return flow.text({ ...bare(style), href: null, text: text.trim() }, false);
    const small = Array.from(text, (char) => SMALL[element.name as 'sup' | 'sub'][char]);
    if (small.length > 0 && small.every((char) => char !== undefined))
      return flow.text({ ...bare(style), text: small.join('') }, false);
    this.#all(element.children, style, flow);
  }
}

const SMALL = {
  sup: pairs('0123456789+-=()n', '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ'),
  sub: pairs('0123456789+-=()', '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎'),
};

function pairs(from: string, to: string): Record<string, string | undefined> {
  return Object.fromEntries(Array.from(from, (char, at) => [char, to.charAt(at)]));
}
