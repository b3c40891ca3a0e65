/**
 * Holds the pages to their size: the gzipped JavaScript that a first visit needs, read from the build's own manifest.
 * A page's first load is SvelteKit's entry, the layouts and the page, with everything these import statically.
 * Exits 1 when a page is over its budget, and prints each page's figure either way.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

type Chunk = { file: string; src?: string; isEntry?: boolean; imports?: string[] };

/** kB gzipped, of 1,000 bytes. A board is the daily door; sign-in is the first impression. */
const BUDGETS: Record<string, number> = {
  '/sign-in': 40,
  '/setup': 40,
  '/invite/[code]': 40,
  '/b/[board]': 110,
  // A room brings the conversation with it: Markdown, mentions, who is here, history in volumes.
  '/b/[board]/r/[room]': 145,
};

const root = fileURLToPath(new URL('..', import.meta.url));
const client = join(root, 'build/client');
const manifest = JSON.parse(
  readFileSync(join(root, '.svelte-kit/output/client/.vite/manifest.json'), 'utf8'),
) as Record<string, Chunk>;
const app = readFileSync(join(root, '.svelte-kit/generated/client-optimized/app.js'), 'utf8');

/** SvelteKit's dictionary: route without its groups → numbers of its page and layouts; layout 0 is always there. */
function nodesOf(route: string): number[] {
  for (const [, id = '', list = ''] of app.matchAll(/"(\/[^"]*)":\s*(\[[^\n]*\])/g)) {
    const plain = id.replace(/\/\([^)]+\)/g, '') || '/';
    if (plain === route) return [0, ...[...list.matchAll(/\d+/g)].map(Number)];
  }
  throw new Error(`No route ${route} in this build.`);
}

function key(suffix: string): string {
  const found = Object.keys(manifest).find((name) => name.endsWith(suffix));
  if (!found) throw new Error(`No ${suffix} in the manifest.`);
  return found;
}

function closure(start: string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    queue.push(...(manifest[name]?.imports ?? []));
  }
  return seen;
}

const entries = Object.keys(manifest).filter(
  (name) => manifest[name]?.isEntry && !/\/nodes\/\d+\.js$/.test(name) && !name.includes('service-worker'),
);
let over = 0;
for (const [route, budget] of Object.entries(BUDGETS)) {
  const start = [...entries, ...nodesOf(route).map((number) => key(`/nodes/${number}.js`))];
  let bytes = 0;
  for (const name of closure(start)) {
    const file = manifest[name]?.file;
    if (file?.endsWith('.js')) bytes += gzipSync(readFileSync(join(client, file))).length;
  }
  const kb = bytes / 1000;
  const ok = kb <= budget;
  if (!ok) over += 1;
  process.stdout.write(`${ok ? 'ok    ' : 'over  '} ${route}: ${kb.toFixed(1)} of ${budget} kB\n`);
}
process.exit(over > 0 ? 1 : 0);
