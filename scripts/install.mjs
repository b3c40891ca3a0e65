/**
 * Makes node_modules what package-lock.json says, and ends with one clear sentence where that is impossible.
 * Runs on whatever Node the machine has (18 or later), before anything is installed: plain JavaScript, no dependency.
 * Idempotent: does nothing when the lockfile has not changed since the last install.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The oldest Node that runs TaskFlow: native TypeScript and node:crypto's argon2 (24.7). */
const NODE_FLOOR = [24, 7];

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.taskflow-lock');
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

const current = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
if (!current) {
  process.stdout.write('Installing what TaskFlow needs …\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const done = spawnSync(
    npm,
    ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    },
  );
  if (done.status !== 0) fail('Installing failed: the lines above say why. Check the network and try again.');
  writeFileSync(stamp, lock);
}

const node = spawnSync('node', ['--version'], {
  encoding: 'utf8',
  env: {
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
  },
});
const found = (node.stdout ?? '').trim().replace(/^v/, '').split('.').map(Number);
if (!(found[0] > NODE_FLOOR[0] || (found[0] === NODE_FLOOR[0] && found[1] >= NODE_FLOOR[1]))) {
  fail(
    `TaskFlow needs Node ${NODE_FLOOR.join('.')} or later, and found ${found.join('.')}: on this kind of machine it cannot be installed from npm, so please install it from nodejs.org and try again.`,
  );
}
