import { readMarkdown, type Block } from '../../model/markdown.ts';

const known = new WeakMap<object, { text: string; blocks: Block[] }>();

/**
 * What a text shows, read once for each object that carries it: readers hand out the same message objects as long as
 * nothing changes, so a list that is drawn again reads nothing again.
 */
export function blocksOf(carrier: { readonly text: string }): Block[] {
  const before = known.get(carrier);
  if (before?.text === carrier.text) return before.blocks;
  const blocks = readMarkdown(carrier.text);
  known.set(carrier, { text: carrier.text, blocks });
  return blocks;
}
