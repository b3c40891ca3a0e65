import * as prng from 'lib0/prng';
import * as Y from 'yjs';
import { judge } from '../../server/sync/gate/judge.ts';
import { Overlay } from '../../server/sync/gate/overlay.ts';
import type { Verdict } from '../../server/sync/gate/verdict.ts';
import { Coverage, pickNew } from './bytes-coverage.ts';
import { mutateBytes, named, varint, type Pool } from './bytes-mutator.ts';
import { base64, cpuOf, GROWTH_BYTES, heapInUse, STALL_MS, type Finding, type Report } from './bytes-report.ts';
import { mutate } from './gate-mutator.ts';
import { checkHarmless } from './gate-oracle.ts';
import { live, SCENARIOS, type Sample } from './gate-scenarios.ts';

/** An update for a sample's document, from a sample's writer. */
type Input = { sample: Sample; update: Uint8Array; step2: boolean };

const BATCH = 400;
/** Inputs that reached something new. Bounded, as everything is. */
const CORPUS = 4_000;
const STEPS = 700;
/** After so many the run has told enough. */
const FINDINGS = 20;

/**
 * Target 1, the gate by itself: decodes and judges mutants of real updates, and applies what it accepts to a replica.
 * Mutants that reach new blocks of code become what later ones are made of.
 */
export async function fuzzGate(seed: number, seconds: number): Promise<Report> {
  const random = prng.create(seed);
  const kinds = SCENARIOS.map((scenario) => {
    const samples: Sample[] = [];
    live(scenario, seed, STEPS, samples);
    const corpus: Input[] = samples.map((sample) => ({ sample, update: sample.update, step2: true }));
    return { samples, corpus, pool: poolOf(samples) };
  });
  const coverage = new Coverage();
  await coverage.start();
  const report: Report = {
    target: 'gate',
    seed,
    executions: 0,
    seconds,
    longestStall: 0,
    growth: 0,
    notes: '',
    findings: [],
  };
  const answers: Record<Verdict['kind'], number> = { accept: 0, echo: 0, defer: 0, refuse: 0 };
  let resting = 0;
  const end = performance.now() + seconds * 1000;

  const tryOne = (input: Input): void => {
    report.executions++;
    try {
      let verdict: Verdict | null = null;
      const cpu = cpuOf(() => {
        verdict = judgeOf(input);
      });
      report.longestStall = Math.max(report.longestStall, cpu);
      if (cpu > STALL_MS) throw new Error(`judged for ${cpu.toFixed(0)} ms`);
      if (verdict === null) return;
      answers[(verdict as Verdict).kind]++;
      checkHarmless(input.sample, input.update, verdict);
    } catch (error) {
      report.findings.push(findingOf(input, error));
    }
  };

  while (performance.now() < end && report.findings.length < FINDINGS) {
    const { samples, corpus, pool } = prng.oneOf(random, kinds);
    const batch = Array.from({ length: BATCH }, () => mutantOf(random, corpus, samples, pool));
    for (const input of batch) tryOne(input);
    const fresh = await coverage.fresh();
    if (fresh.length > 0) {
      // The same without the checks, which run code of their own.
      for (const input of await pickNew(batch, (input) => void judgeSafely(input), coverage)) {
        if (corpus.length < CORPUS) corpus.push(input);
      }
      coverage.note(fresh);
    }
    if (resting === 0) resting = heapInUse();
  }
  report.growth = heapInUse() - resting;
  await coverage.stop();
  if (report.growth > GROWTH_BYTES) {
    report.findings.push({ target: 'gate', what: `memory grew by ${report.growth} bytes`, input: null });
  }
  const corpus = kinds.reduce((sum, kind) => sum + kind.corpus.length, 0);
  report.notes = `${JSON.stringify(answers)}, ${coverage.blocks} blocks, ${corpus} in the corpus`;
  return report;
}

function mutantOf(random: prng.PRNG, corpus: readonly Input[], samples: readonly Sample[], pool: Pool): Input {
  const { sample, update } = prng.oneOf(random, [...corpus]);
  // Half of them by faults that know what updates are, half by faults that know only bytes.
  const mutant = prng.bool(random) ? mutate(random, { ...sample, update }, samples) : mutateBytes(update, random, pool);
  return { sample, update: mutant, step2: prng.bool(random) };
}

/** The words of these updates: roots, keys, people, clientIDs. */
function poolOf(samples: readonly Sample[]): Pool {
  const words = new Map<string, Uint8Array>();
  const add = (word: Uint8Array): void => void words.set(base64(word), word);
  for (const { doc, people } of samples.slice(-4)) {
    for (const [root, type] of doc.share) {
      add(named(root));
      for (const key of [...type._map.keys()].slice(0, 20)) add(named(key));
    }
    for (const person of people) add(new TextEncoder().encode(person));
    for (const client of doc.store.clients.keys()) add(varint(client));
  }
  for (const word of ['__proto__', 'constructor', 'd', 'x', 're', 'att', '']) add(named(word));
  return { others: samples.map(({ update }) => update), words: [...words.values()] };
}

function judgeOf({ sample, update, step2 }: Input): Verdict {
  const { name, doc, who } = sample;
  return judge({ name, doc, overlay: new Overlay(), who, update, step2 });
}

function judgeSafely(input: Input): void {
  try {
    judgeOf(input);
  } catch {
    // `tryOne` has reported it.
  }
}

/** The form in which a finding is written down and tried again. */
export type KeptInput = {
  name: Sample['name'];
  who: Sample['who'];
  people: string[];
  doc: string;
  update: string;
  step2: boolean;
};

function findingOf({ sample, update, step2 }: Input, error: unknown): Finding {
  const { name, who, people, doc } = sample;
  const input: KeptInput = {
    name,
    who,
    people,
    doc: base64(Y.encodeStateAsUpdate(doc)),
    update: base64(update),
    step2,
  };
  return { target: 'gate', what: error instanceof Error ? error.message : String(error), input };
}

/** Tries a kept input again: throws where the gate still lets harm through. */
export function replay({ name, who, people, doc, update, step2 }: KeptInput): Verdict['kind'] {
  const before = new Y.Doc();
  Y.applyUpdate(before, Buffer.from(doc, 'base64'));
  const bytes = new Uint8Array(Buffer.from(update, 'base64'));
  const sample: Sample = { name, who, people, doc: before, update: bytes };
  const verdict = judgeOf({ sample, update: bytes, step2 });
  checkHarmless(sample, bytes, verdict);
  return verdict.kind;
}
