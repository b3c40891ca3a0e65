import type { HtmlElement } from './html-tree.ts';

/** What an element's own style says, by property. */
function stylesOf(element: HtmlElement): Map<string, string> {
  const found = new Map<string, string>();
  for (const rule of (element.attributes.get('style') ?? '').toLowerCase().split(';')) {
    const colon = rule.indexOf(':');
    if (colon > 0) found.set(rule.slice(0, colon).trim(), rule.slice(colon + 1).trim());
  }
  return found;
}

const UNSEEN = new Set(
  'audio base button canvas col colgroup datalist embed head link map math meta object optgroup option rp rt select source svg template track video'.split(
    ' ',
  ),
);
const FOR_READERS_ONLY = /(?:^|\s)(?:visually-hidden|sr-only|screen-reader-text|leads-to)(?:\s|$)/;

export interface Look {
  hidden: boolean;
  strong: boolean | null;
  emphasis: boolean | null;
  strike: boolean;
  /** Whether white space and breaks count; null when it says nothing of it. */
  keeps: boolean | null;
  block: boolean | null;
  /** No space above and below, as lines of a mail have none. */
  tight: boolean;
  /** The level that an office program gives a list item, which it writes as a paragraph. */
  officeLevel: number | null;
  officeMarker: boolean;
}

const BOLD = /^(?:bold|bolder|[6-9]\d\d|1000)$/;
const PLAIN: Look = {
  hidden: false,
  strong: null,
  emphasis: null,
  strike: false,
  keeps: null,
  block: null,
  tight: false,
  officeLevel: null,
  officeMarker: false,
};

/** How an element looks by its own style and attributes, what it inherits left aside. */
export function lookOf(element: HtmlElement): Look {
  const { name, attributes } = element;
  if (UNSEEN.has(name) || attributes.has('hidden') || FOR_READERS_ONLY.test(attributes.get('class') ?? ''))
    return { ...PLAIN, hidden: true };
  if (!attributes.has('style')) return PLAIN;
  const styles = stylesOf(element);
  const style = (property: string): string => styles.get(property) ?? '';
  const weight = style('font-weight');
  const space = style('white-space-collapse') || style('white-space');
  const display = style('display');
  const office = style('mso-list');
  return {
    hidden:
      display === 'none' ||
      /^(?:hidden|collapse)$/.test(style('visibility')) ||
      style('mso-hide') === 'all' ||
      /^0(?:px)?$/.test(style('max-height')),
    strong: weight === '' || weight === 'inherit' ? null : BOLD.test(weight),
    emphasis: style('font-style') === '' ? null : /^(?:italic|oblique)/.test(style('font-style')),
    strike: /line-through/.test(style('text-decoration') + style('text-decoration-line')),
    keeps: space === '' || space === 'inherit' ? null : /^(?:pre|preserve|break-spaces)/.test(space),
    block: display === '' ? null : /^(?:block|flex|grid|list-item|table)/.test(display),
    tight: none(style('margin-top') || style('margin')) && none(style('margin-bottom') || style('margin')),
    officeLevel: office === '' || office === 'ignore' ? null : Number(/level(\d)/.exec(office)?.[1] ?? 1),
    officeMarker: office === 'ignore',
  };
}

function none(margin: string): boolean {
  return /^0(?:px|pt|in|cm|em)?(?:\s|$)/.test(margin);
}

/** White space that an editor's colours come with, around all there is: its paste is code that nobody marked as such. */
export function isEditorsCode(root: HtmlElement): boolean {
  const [only, ...others] = root.children.filter((node) =>
    typeof node === 'string' ? node.trim() !== '' : node.name !== 'head' && node.name !== 'meta' && node.name !== 'br',
  );
  if (only === undefined || typeof only === 'string' || others.length > 0) return false;
  const styles = stylesOf(only);
  if (only.name === 'pre')
    return styles.has('font-family') && !only.attributes.has('class') && !has(only, new Set(['code']));
  return (
    /mono|consolas|courier|menlo|monaco|cascadia|fira code|source code/.test(styles.get('font-family') ?? '') &&
    lookOf(only).keeps === true &&
    !has(only, new Set(['pre', 'code', 'ul', 'ol', 'table', 'a']))
  );
}

function has(element: HtmlElement, names: ReadonlySet<string>): boolean {
  return element.children.some((node) => typeof node !== 'string' && (names.has(node.name) || has(node, names)));
}
