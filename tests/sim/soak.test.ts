import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { Progress } from './soak.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/sim.ts', import.meta.url));
const RUNS = 24;
const dir = mkdtempSync(join(tmpdir(), 'taskflow-soak-'));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const begin = (file: string) => {
  const size = ['--runs', String(RUNS), '--seed', '11', '--devices', '3', '--ops', '30', '--workers', '2'];
  return spawn(process.execPath, [SCRIPT, ...size, '--resume', file, '--every', '1'], { stdio: 'ignore' });
};

const read = (file: string): Progress => JSON.parse(readFileSync(file, 'utf8')) as Progress;

async function written(file: string, holds: (so: Progress) => boolean): Promise<void> {
  const watcher = watch(dir);
  while (!existsSync(file) || !holds(read(file))) await once(watcher, 'change');
  watcher.close();
}

test('a long run that is interrupted goes on from its file, and ends as one that was not', async () => {
  const [whole, broken] = [join(dir, 'whole.json'), join(dir, 'broken.json')];
  expect((await once(begin(whole), 'exit'))[0]).toBe(0);
  // Once asked to end, and once killed.
  const first = begin(broken);
  await written(broken, ({ done }) => done >= 2);
  first.kill('SIGTERM');
  expect(await once(first, 'exit')).toEqual([143, null]);
  const { done } = read(broken);
  expect(done).toBeGreaterThanOrEqual(2);
  expect(done).toBeLessThan(RUNS);
  const second = begin(broken);
  await written(broken, (so) => so.done > done);
  second.kill('SIGKILL');
  await once(second, 'exit');
  expect(read(broken).done).toBeLessThan(RUNS);
  expect((await once(begin(broken), 'exit'))[0]).toBe(0);
  const { cpu, ...resumed } = read(broken);
  const { cpu: _cpu, ...uninterrupted } = read(whole);
  expect(resumed).toEqual(uninterrupted);
  expect(resumed).toMatchObject({ done: RUNS, totals: { runs: RUNS, failures: 0 }, failing: [] });
  expect(cpu).toBeGreaterThan(0);
});

test('the file of another run is not gone on with', async () => {
  const file = join(dir, 'other.json');
  const plan = { runs: RUNS, seed: 12, devices: 3, operations: 30, without: [] };
  writeFileSync(file, JSON.stringify({ plan, done: 1 }));
  expect((await once(begin(file), 'exit'))[0]).not.toBe(0);
  expect(read(file)).toEqual({ plan, done: 1 });
});
