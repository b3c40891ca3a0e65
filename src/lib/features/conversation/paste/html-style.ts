import type { Run } from './rich-text.ts';
import type { lookOf } from './html-look.ts';
import type { HtmlElement } from './html-tree.ts';
import { webLink } from '../web-link.ts';

/** How text looks at a place, and whether its white space is kept there. */
export type Style = Omit<Run, 'text' | 'kind'> & { keeps: boolean };

/** A run's look without its text. */
export function bare({ strong, emphasis, strike, href }: Style): Omit<Run, 'text'> {
  return { kind: 'text', strong, emphasis, strike, href };
}

const STRONG = new Set(['b', 'strong']);
const EMPHASIS = new Set(['i', 'em', 'cite', 'var', 'dfn']);
const STRIKE = new Set(['s', 'strike', 'del']);

/** How the text in an element looks, from what is around it and what it says itself. */
export function inherited(element: HtmlElement, look: ReturnType<typeof lookOf>, outer: Style): Style {
  const { name, attributes } = element;
  const href = name === 'a' ? (webLink(attributes.get('href') ?? '', '')?.href ?? outer.href) : outer.href;
  // What is bold because it is a heading is not bold in it.
  const weighs = !/^(?:h[1-6]|p|pre)$/.test(name);
  return {
    strong: (weighs ? look.strong : null) ?? (outer.strong || STRONG.has(name)),
    emphasis: look.emphasis ?? (outer.emphasis || EMPHASIS.has(name)),
    strike: outer.strike || look.strike || STRIKE.has(name),
    href,
    keeps: look.keeps ?? outer.keeps,
  };
}
