import * as prng from 'lib0/prng';
import { describe, expect, it } from 'vitest';
import { judge } from '../../server/sync/gate/judge.ts';
import { Overlay } from '../../server/sync/gate/overlay.ts';
import { mutate } from './gate-mutator.ts';
import { checkHarmless } from './gate-oracle.ts';
import { SCENARIOS, live, type Sample } from './gate-scenarios.ts';

/** Fixed here; `GATE_SEEDS=100-200 GATE_MUTANTS=100000` soaks others. */
const [SEED = 1] = (process.env.GATE_SEEDS ?? '1').split('-').map(Number);
const MUTANTS = Number(process.env.GATE_MUTANTS ?? 6_000);

describe.each(SCENARIOS)('[G18] no bytes do harm: $kind', (scenario) => {
  it(`${MUTANTS} mutants of real updates, seed ${SEED}`, { timeout: 600_000 }, () => {
    const samples: Sample[] = [];
    live(scenario, SEED, 700, samples);
    const random = prng.create(SEED + 1_000);
    const answers = { accept: 0, echo: 0, defer: 0, refuse: 0 };
    for (let i = 0; i < MUTANTS; i++) {
      const sample = prng.oneOf(random, samples);
      const update = mutate(random, sample, samples);
      const input = {
        name: sample.name,
        doc: sample.doc,
        overlay: new Overlay(),
        who: sample.who,
        update,
        step2: true,
      };
      try {
        const verdict = judge(input);
        answers[verdict.kind]++;
        checkHarmless(sample, update, verdict);
      } catch (error) {
        throw new Error(`seed ${SEED}, mutant ${i}: ${Buffer.from(update).toString('base64')}`, { cause: error });
      }
    }
    expect(answers.refuse, 'mutants are refused').toBeGreaterThan(MUTANTS / 4);
    expect(answers.accept, 'some survive').toBeGreaterThan(MUTANTS / 200);
  });
});
