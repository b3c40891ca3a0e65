/**
 * Builds the pages when their sources, settings or subpath have changed since the last build; otherwise does nothing.
 * `--force` builds always. Exits with Vite's status when a build fails, and leaves no stamp behind then.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'build', '.stamp');

/** All files below a path, sorted, so that the same tree always gives the same fingerprint. */
function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const inputs = ['src', 'static', 'svelte.config.js', 'vite.config.ts', 'package-lock.json'];
  for (const input of inputs) {
    for (const file of filesBelow(join(root, input))) {
      if (file.endsWith('.test.ts') || file.endsWith('.md')) continue;
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  hash.update(process.env.BASE_URL ? new URL(process.env.BASE_URL).pathname : '/');
  return hash.digest('hex');
}

const now = fingerprint();
const current = existsSync(stamp) && readFileSync(stamp, 'utf8') === now;
if (!current || process.argv.includes('--force')) {
  process.stdout.write('Building the pages …\n');
  rmSync(stamp, { force: true });
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const built = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) {
    process.stderr.write('The pages could not be built: the lines above say why.\n');
    process.exit(built.status ?? 1);
  }
  writeFileSync(stamp, now);
}
