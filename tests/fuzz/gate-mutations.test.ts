import * as prng from 'lib0/prng';
import * as Y from 'yjs';
import { describe, expect, it } from 'vitest';
import { ownerOf } from '../../src/lib/model/client-ids.ts';
import { parseKey } from '../../src/lib/model/conversation.ts';
import { judge } from '../../server/sync/gate/judge.ts';
import { Overlay } from '../../server/sync/gate/overlay.ts';
import type { Write, Writer } from '../../server/sync/gate/verdict.ts';
import { mutate } from './gate-mutator.ts';
import { changesOf, contentOf, copyOf, MAP_ROOTS, sorted } from './gate-contents.ts';
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
        if (verdict.kind === 'accept') checkAccepted(sample, update, verdict.writes);
        if (verdict.kind === 'echo') checkEcho(sample, update);
      } catch (error) {
        throw new Error(`seed ${SEED}, mutant ${i}: ${Buffer.from(update).toString('base64')}`, { cause: error });
      }
    }
    expect(answers.refuse, 'mutants are refused').toBeGreaterThan(MUTANTS / 4);
    expect(answers.accept, 'some survive').toBeGreaterThan(MUTANTS / 200);
  });
});

/** What was accepted changes what its verdict says, nothing of others, and leaves a sound document. */
function checkAccepted({ name, doc, who }: Sample, update: Uint8Array, writes: readonly Write[]): void {
  const after = copyOf(doc);
  const before = untouchable(after, who);
  const clients = new Set(after.store.clients.keys());
  expect(changesOf(name, after, update)).toEqual(sorted(writes));
  expect(untouchable(after, who), 'what is of others').toEqual(before);
  checkSound(after);
  for (const client of after.store.clients.keys()) {
    if (!clients.has(client)) expect(ownerOf(client), 'new clientIDs').toBe(who.seq);
  }
}

function checkEcho({ doc }: Sample, update: Uint8Array): void {
  const after = copyOf(doc);
  const before = [contentOf(after), Y.encodeStateVector(after)];
  Y.applyUpdate(after, update);
  expect([contentOf(after), Y.encodeStateVector(after)], 'an echo changes nothing').toEqual(before);
  checkSound(after);
}

function checkSound(doc: Y.Doc): void {
  expect(doc.store.pendingStructs).toBeNull();
  expect(doc.store.pendingDs).toBeNull();
  for (const root of doc.share.keys()) expect([...MAP_ROOTS, 'n', 'desc']).toContain(root);
  const again = copyOf(doc);
  expect(contentOf(again)).toBe(contentOf(doc));
  expect(again.store.pendingStructs).toBeNull();
  for (const node of doc.getXmlFragment('desc').createTreeWalker(() => true)) {
    if (node instanceof Y.XmlText) node.toDelta();
  }
}

/** Everything in a document that this person must not change, told apart without the gate's own rules. */
function untouchable(doc: Y.Doc, who: Writer): unknown {
  const of = (root: string): Record<string, unknown> => doc.getMap(root).toJSON();
  const some = (root: string, isFree: (key: string) => boolean): [string, unknown][] =>
    Object.entries(of(root))
      .filter(([key]) => !isFree(key))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const isMine = (key: string): boolean => {
    const parsed = parseKey(key);
    return parsed !== null && (parsed.kind === 'message' ? parsed.author : parsed.by) === who.id;
  };
  return {
    messages: some('m', isMine),
    removals: some('mod', () => who.role === 'owner'),
    board: some('b', (key) =>
      key === 'title' ? who.role === 'owner' : !key.endsWith('/by') || of('b')[key] === who.id,
    ),
    server: ['log', 'meta', 'people', 'rooms', 'heads', 'boards', 'asked'].map((root) => some(root, () => false)),
    notifications: doc.getArray('n').toJSON(),
  };
}
