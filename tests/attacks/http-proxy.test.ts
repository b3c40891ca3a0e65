/** Behind a proxy: what the world may not read, and whom guesses are counted against. */
import { describe, expect } from 'vitest';
import { Arena } from './harness.ts';
import { send } from './http-requests.ts';

const arena = new Arena({ env: { TRUST_PROXY: '1' } });

describe('[H25] /metrics behind a proxy', () => {
  arena.attack('is not there for the world, and there for the house', async () => {
    for (const line of [
      'X-Forwarded-For: 203.0.113.7',
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-For: ',
      'x-forwarded-for: ::1, 127.0.0.1',
    ]) {
      for (const target of ['/metrics', '/metrics?x', 'http://localhost/metrics']) {
        const answer = await send(arena, { target, lines: [line] });
        expect([answer.status, answer.body], `${target} ${line}`).toEqual([404, 'There is nothing here.']);
      }
    }
    expect((await send(arena, { target: '/metrics' })).body).toContain('taskflow_ready 1');
  });
});

describe('[H8] [H12] guesses behind a proxy', () => {
  arena.attack(
    'are counted against the address that the proxy wrote, whatever stands before it',
    async () => {
      const guess = (i: number, address: string) =>
        send(arena, {
          method: 'POST',
          target: '/api/v1/session',
          lines: ['Content-Type: application/json', `X-Forwarded-For: 10.9.8.${i}, ${address}`],
          body: JSON.stringify({ username: 'vera', password: `guess number ${i}` }),
        });
      const statuses: number[] = [];
      for (let i = 0; i < 14; i++) statuses.push((await guess(i, '203.0.113.7')).status);
      expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
      expect(statuses.slice(10)).toEqual(Array(4).fill(429));
      const last = await guess(99, '203.0.113.7');
      expect(last.head).toMatch(/^retry-after: [1-9]\d*$/im);
      expect((await guess(100, '203.0.113.8')).status).toBe(401);
    },
    { timeout: 120_000 },
  );
});
