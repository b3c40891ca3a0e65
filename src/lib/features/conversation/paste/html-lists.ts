import type { Rich } from './rich-text.ts';

/** Puts the list under the last item of the one before, so many levels down; false when there is none. */
export function nest(before: Rich | undefined, levels: number, list: Extract<Rich, { kind: 'list' }>): boolean {
  if (before?.kind !== 'list') return false;
  let into = before.items.at(-1)!;
  for (let level = 1; level < levels; level++) {
    const last = into.at(-1);
    if (last?.kind !== 'list') break;
    into = last.items.at(-1)!;
  }
  const last = into.at(-1);
  if (last?.kind === 'list' && (last.first === null) === (list.first === null)) last.items.push(...list.items);
  else into.push(list);
  return true;
}
