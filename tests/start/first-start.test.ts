import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort } from '../harness/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The tracked files as they are now, in a folder where nothing has been installed. */
function freshCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskflow-start-'));
  const { stdout, status } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  expect(status).toBe(0);
  for (const file of stdout.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    cpSync(join(root, file), join(folder, file));
  }
  return folder;
}

/** The machine's own programs, without the Node that this project brings: a newcomer does not have it yet. */
function newcomersPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders
    .filter((folder) => !folder.includes('node_modules') && !folder.includes('node-gyp-bin'))
    .join(delimiter);
}

test('after cloning, npm start alone installs, builds and serves, and prints the set-up link', async () => {
  const folder = freshCopy();
  const port = await freePort();
  const env = { HOME: process.env.HOME ?? folder, PATH: newcomersPath(), PORT: String(port) };
  const npm = spawn('npm', ['start'], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<void>((resolve) => npm.once('exit', () => resolve()));
  try {
    let gone = false;
    void exited.then(() => (gone = true));
    for (;;) {
      if (gone) throw new Error(`npm start ended:\n${output}`);
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      if (answer?.status === 200) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(output).toContain(`TaskFlow is at http://localhost:${port}`);
    expect(output).toContain(`http://localhost:${port}/setup?token=`);
    const page = await fetch(`http://127.0.0.1:${port}/sign-in`);
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining('<title>TaskFlow</title>') as string,
    ]);
    expect(existsSync(join(folder, 'data', 'postgres'))).toBe(true);
  } finally {
    // npm, its shell and the server are one group of our own making.
    if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
});
