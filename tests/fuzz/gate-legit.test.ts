import { describe, expect, it } from 'vitest';
import { live, SCENARIOS } from './gate-scenarios.ts';

/** Fixed here; `GATE_SEEDS=100-2000` soaks others. */
const SEEDS = seedsFrom(process.env.GATE_SEEDS ?? '1-4');
const STEPS = 1_500;
const totals = { accept: 0, echo: 0, awaited: 0, defer: 0 };

describe.each(SCENARIOS)('[G17] nothing that people do is refused: $kind', (scenario) => {
  it.each(SEEDS)('seed %i', { timeout: 60_000 }, (seed) => {
    const counts = live(scenario, seed, STEPS);
    for (const key of ['accept', 'echo', 'awaited', 'defer'] as const) totals[key] += counts[key];
  });
});

describe('[G17] the generator', () => {
  it('reaches every verdict often', () => {
    expect(totals.accept).toBeGreaterThan(2_000);
    expect(totals.echo).toBeGreaterThan(800);
    expect(totals.awaited).toBeGreaterThan(80);
    expect(totals.defer).toBeGreaterThan(200);
  });
});

function seedsFrom(text: string): number[] {
  const [from = 1, to = from] = text.split('-').map(Number);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
