import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Watched } from '../harness/loop-watch.ts';
import { boardDoc } from '../../src/lib/model/names.ts';
import { Arena } from './harness.ts';

const arena = new Arena();

describe('the harness', () => {
  arena.attack('lets honest people do what they may', async ({ people }) => {
    const mia = await arena.enter(people.mia);
    const board = await mia.fetch(boardDoc(people.home.board));
    expect(JSON.stringify(board.getMap('b').toJSON())).toContain(people.home.canary);
    expect((await arena.http(people.mia, 'GET', `/api/v1/boards/${people.home.board}`)).status).toBe(200);
  });

  it('finds what leaks', async () => {
    const { people } = arena;
    arena.heard(people.otto, `something ${people.home.canary} else`);
    await expect(arena.unharmed('a leak')).rejects.toThrow('others’ words in what otto received');
    arena.leave();
  });

  it('finds what is changed', async () => {
    const { people } = arena;
    const answer = await arena.http(people.olga, 'POST', `/api/v1/rooms/${people.home.room}/messages`, {
      body: JSON.stringify({ text: 'something new' }),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(201);
    await expect(arena.unharmed('a change')).rejects.toThrow('what others wrote');
    await arena.accept();
    await arena.unharmed('a change that is right');
  });

  it('finds a stall of the event loop', async () => {
    const path = join(tmpdir(), `taskflow-watch-${randomBytes(6).toString('hex')}`);
    const busy = `
      const until = (ms) => { const from = process.threadCpuUsage(); while (process.threadCpuUsage(from).user < ms * 1000); };
      setTimeout(() => { until(300); process.stdout.write('done'); }, 20);
      setTimeout(() => {}, 60_000);`;
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('../harness/loop-watch.ts'), '--eval', busy],
      { env: { ...process.env, LOOP_WATCH: path }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const ask = (): Promise<Watched> =>
      new Promise((resolve, reject) => {
        const socket = connect(path);
        socket.on('error', reject);
        socket.once('data', (data) => resolve(JSON.parse(data.toString()) as Watched));
      });
    expect((await ask()).longestStall).toBeGreaterThanOrEqual(300);
    expect((await ask()).longestStall).toBeLessThan(250);
    child.kill('SIGKILL');
  });
});
