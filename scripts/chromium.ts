import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Names under which distributions install a Chromium that Playwright can drive. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * The switches every test browser starts with: no sandbox because CI runs as root in a container, and no
 * background traffic because a test talks to this machine only.
 */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function installed(): string | null {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) return existsSync(wanted) ? wanted : null;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
  }
  return null;
}

function run(command: string, args: string[], env: Record<string, string> = {}): boolean {
  const done = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
  return done.status === 0;
}

/**
 * The path of a Chromium, installing one where there is none: by apt-get as root on Debian and its relatives,
 * otherwise by Playwright. `undefined` means Playwright's own, which it finds by itself.
 * Throws with a sentence that says what to do when neither works.
 */
export function ensureChromium(): string | undefined {
  const found = installed();
  if (found) return found;
  if (process.env.CHROMIUM_PATH) {
    throw new Error(`CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which does not exist.`);
  }
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    process.stdout.write('Installing Chromium for the tests …\n');
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], quiet);
    run('apt-get', ['install', '-y', '-qq', 'chromium'], quiet);
    const now = installed();
    if (now) return now;
  }
  process.stdout.write('Installing Chromium for the tests, by Playwright …\n');
  const cli = join(import.meta.dirname, '..', 'node_modules', '@playwright', 'test', 'cli.js');
  if (run(process.execPath, [cli, 'install', 'chromium'])) return undefined;
  throw new Error('The tests need a Chromium: install one, or set CHROMIUM_PATH to where it is.');
}
