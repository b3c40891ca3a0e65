import type { HtmlElement } from './html-tree.ts';
import type { Rich, Run } from './rich-text.ts';

/** A table of data is rows of cells, each a line of text; one that lays out a page is what stands in it. */
export type Table = { kind: 'data'; rows: Run[][][] } | { kind: 'layout'; cells: Rich[][] };

export function readTable(table: HtmlElement, read: (cell: HtmlElement) => Rich[]): Table {
  const rows = rowsOf(table).map((row) => row.map(read));
  const data = rows.every((row) => row.every((cell) => cell.every(({ kind }) => kind === 'paragraph')));
  const single = rows.every((row) => row.length < 2);
  const long = single && rows.some((row) => row.some((cell) => cell.length > 1));
  if (!data || long || table.attributes.get('role') === 'presentation')
    return { kind: 'layout', cells: rows.flat().filter((cell) => cell.length > 0) };
  const lines = rows.map((row) => {
    const cells = row.map(lineOf);
    while (cells.length > 0 && cells.at(-1)!.length === 0) cells.pop();
    return cells;
  });
  return { kind: 'data', rows: lines.filter((cells) => cells.length > 0) };
}

function rowsOf(element: HtmlElement): HtmlElement[][] {
  return element.children.flatMap((node) => {
    if (typeof node === 'string' || node.name === 'table') return [];
    if (node.name !== 'tr') return rowsOf(node);
    return [node.children.filter((cell) => typeof cell !== 'string' && /^t[dh]$/.test(cell.name)) as HtmlElement[]];
  });
}

function lineOf(cell: readonly Rich[]): Run[] {
  const runs: Run[] = [];
  for (const block of cell) {
    if (block.kind !== 'paragraph') continue;
    if (runs.length > 0) runs.push({ ...block.runs[0]!, kind: 'text', href: null, text: ' ' });
    runs.push(...block.runs.map((run) => ({ ...run, text: run.text.replaceAll('\n', ' ') })));
  }
  return runs;
}
