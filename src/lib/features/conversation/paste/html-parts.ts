import { lookOf } from './html-look.ts';
import type { HtmlElement, HtmlNode } from './html-tree.ts';

const LANGUAGE = /^[\w+#.-]{1,32}$/;

/** Whom a message of TaskFlow mentions there. */
export function mentioned({ attributes }: HtmlElement): string | undefined {
  if (!/(?:^|\s)mention(?:\s|$)/.test(attributes.get('class') ?? '')) return undefined;
  return /^@([a-z0-9._-]{2,32})$/.exec(attributes.get('title') ?? '')?.[1];
}

/** A message shows its headings as paragraphs that say so. */
export function isOwnHeading({ name, attributes }: HtmlElement): boolean {
  return name === 'p' && /(?:^|\s)heading(?:\s|$)/.test(attributes.get('class') ?? '');
}

const LINED = new Set(['div', 'li', 'p', 'tr']);

/** All text of it, as it was written. */
export function textOf(element: HtmlElement): string {
  let text = '';
  const walk = (node: HtmlNode): void => {
    if (typeof node === 'string') text += node;
    else if (node.name === 'br') text += '\n';
    else if (!lookOf(node).hidden) {
      if (LINED.has(node.name) && text !== '' && !text.endsWith('\n')) text += '\n';
      node.children.forEach(walk);
      if (LINED.has(node.name) && !text.endsWith('\n')) text += '\n';
    }
  };
  element.children.forEach(walk);
  return text.replaceAll('\u00a0', ' ');
}

export function find(element: HtmlElement, name: string): HtmlElement | undefined {
  for (const node of element.children) {
    if (typeof node === 'string') continue;
    const found = node.name === name ? node : find(node, name);
    if (found) return found;
  }
  return undefined;
}

export function findMarker(element: HtmlElement): HtmlElement | undefined {
  for (const node of element.children) {
    if (typeof node === 'string') continue;
    const found = lookOf(node).officeMarker ? node : findMarker(node);
    if (found) return found;
  }
  return undefined;
}

/** What the caption of a figure of code calls it; undefined when it is no such figure. */
export function captionOf(element: HtmlElement): string | undefined {
  if (element.name !== 'figure' || find(element, 'pre') === undefined) return undefined;
  const caption = find(element, 'figcaption');
  const said = caption === undefined ? '' : textOf(caption).trim();
  return LANGUAGE.test(said) || said === '' ? said : undefined;
}

export function languageOf(element: HtmlElement): string {
  const code = find(element, 'code');
  for (const one of code === undefined ? [element] : [code, element]) {
    const { attributes } = one;
    const named = attributes.get('data-lang') ?? attributes.get('data-language') ?? attributes.get('lang') ?? '';
    const [, ofClass = ''] =
      /(?:^|\s)(?:lang(?:uage)?-|highlight-source-|brush:\s*)([^\s;]+)/.exec(attributes.get('class') ?? '') ?? [];
    const found = ofClass || named;
    if (LANGUAGE.test(found)) return found;
  }
  return '';
}
