import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BOARD, PASSWORD, PEOPLE } from '../../server/cli/seed-data.ts';
import { TestApp, eventually } from './harness.ts';

const SEED = fileURLToPath(new URL('../../server/cli/seed.ts', import.meta.url));

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

function run(args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [SEED, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

it('the seed sets up, fills a board with people, tasks and talk, and may run again', async () => {
  const first = await run(['--setup', app.setupLink ?? '']);
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining(`“${BOARD.title}” is at `) as string });
  const anna = await app.signIn('anna', PASSWORD);
  const [board] = (await app.ok(anna, 'GET', '/boards')).items;
  expect((await app.ok(anna, 'GET', `/boards/${board?.id}/members`)).items).toHaveLength(PEOPLE.length);
  expect((await app.ok(anna, 'GET', `/boards/${board?.id}/rooms`)).items).toHaveLength(BOARD.rooms.length);
  const { items } = await eventually(
    () => app.ok(anna, 'GET', '/notifications'),
    (page) => page.items.length === 1,
  );
  expect(items).toHaveLength(1);
  expect((await run(['--url', app.address])).code).toBe(0);
  expect((await app.ok(anna, 'GET', '/boards')).items).toHaveLength(2);
});

it('the seed ends with a sentence when nobody may sign in', async () => {
  expect(await run(['--url', app.address, '--password', 'not it'])).toEqual({
    code: 1,
    output: 'Seeding failed: This username and password do not belong together.\n',
  });
});
