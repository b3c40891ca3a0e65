/**
 * Everything that can be known without running TaskFlow: formatting, lint with the import boundaries, types, dead code.
 * Runs all of them even when one fails, prints what failed, and exits 1 then. `--fix` formats and mends what lint can mend.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const fix = process.argv.includes('--fix');
const bin = (...path: string[]) => join(root, 'node_modules', ...path);

const STEPS: { name: string; args: string[] }[] = [
  { name: 'routes and types', args: [bin('@sveltejs/kit/svelte-kit.js'), 'sync'] },
  {
    name: 'formatting',
    args: [bin('prettier/bin/prettier.cjs'), fix ? '--write' : '--check', '--log-level', 'warn', '.'],
  },
  { name: 'lint', args: [bin('eslint/bin/eslint.js'), ...(fix ? ['--fix'] : []), '--max-warnings', '0', '.'] },
  {
    name: 'types',
    args: [bin('svelte-check/bin/svelte-check'), '--output', 'human', '--threshold', 'warning', '--fail-on-warnings'],
  },
  { name: 'types of the service worker', args: [bin('typescript/bin/tsc'), '--project', 'tsconfig.worker.json'] },
  { name: 'dead code', args: [bin('knip/bin/knip.js'), '--no-progress'] },
];

let failed = 0;
for (const { name, args } of STEPS) {
  const started = performance.now();
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const ok = done.status === 0;
  if (!ok) failed += 1;
  process.stdout.write(
    `${ok ? 'ok    ' : 'failed'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`,
  );
}
process.exit(failed > 0 ? 1 : 0);
