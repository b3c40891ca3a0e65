/**
 * Everything that can be known without running TaskFlow: formatting, lint with the import boundaries, types, dead code.
 * Runs all of them, two at a time, even when one fails, prints what failed, and exits 1 then. `--fix` formats and mends
 * what lint can mend.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fix = process.argv.includes('--fix');
const bin = (...path: string[]) => join(root, 'node_modules', ...path);

const STEPS: { name: string; args: string[] }[] = [
  { name: 'routes and types', args: [bin('@sveltejs/kit/svelte-kit.js'), 'sync'] },
  { name: 'lint', args: [bin('eslint/bin/eslint.js'), ...(fix ? ['--fix'] : []), '--max-warnings', '0', '.'] },
  {
    name: 'types',
    args: [bin('svelte-check/bin/svelte-check'), '--output', 'human', '--threshold', 'warning', '--fail-on-warnings'],
  },
  {
    name: 'formatting',
    args: [bin('prettier/bin/prettier.cjs'), fix ? '--write' : '--check', '--log-level', 'warn', '.'],
  },
  { name: 'types of the service worker', args: [bin('typescript/bin/tsc'), '--project', 'tsconfig.worker.json'] },
  { name: 'dead code', args: [bin('knip/bin/knip.js'), '--no-progress'] },
];

let failed = 0;

/** Each tells what it found in one piece, when it has ended. */
async function run({ name, args }: (typeof STEPS)[number]): Promise<void> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const told: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => told.push(chunk));
  const ok = await new Promise<boolean>((resolve) => child.on('close', (code) => resolve(code === 0)));
  if (!ok) failed += 1;
  process.stdout.write(Buffer.concat(told));
  process.stdout.write(
    `${ok ? 'ok    ' : 'failed'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`,
  );
}

// The rest reads what the first one writes, and two that mend would write the same files.
const [first, ...rest] = STEPS;
if (first) await run(first);
const lane = async (): Promise<void> => {
  for (let step = rest.shift(); step !== undefined; step = rest.shift()) await run(step);
};
await Promise.all(fix ? [lane()] : [lane(), lane()]);
process.exit(failed > 0 ? 1 : 0);
