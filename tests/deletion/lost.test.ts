import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { judge } from '../../server/sync/gate/judge.ts';
import { Overlay } from '../../server/sync/gate/overlay.ts';
import { copyOf } from '../fuzz/gate-contents.ts';
import { live, SCENARIOS, type Sample } from '../fuzz/gate-scenarios.ts';

const SEEDS = [1, 2, 3, 4, 5];

/** Where content is gone from a document once it has this update, as Yjs itself tells before it lets go of it. */
function goneWith(before: Y.Doc, update: Uint8Array): Set<string> {
  const doc = copyOf(before);
  const gone = new Set<string>();
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
      if (!(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted) return;
      let top: Y.Item = struct;
      for (let type = struct.parent; type instanceof Y.AbstractType && type._item !== null; type = top.parent) {
        top = type._item;
      }
      const root = [...doc.share].find(([, type]) => type === top.parent)?.[0] ?? '';
      gone.add(root === 'desc' ? 'desc ' : `${root} ${top.parentSub ?? ''}`);
    });
  });
  Y.applyUpdate(doc, update);
  doc.destroy();
  return gone;
}

describe.each(SCENARIOS)('[G19] what is gone with an update is named: $kind', (scenario) => {
  it.each(SEEDS)('seed %i', (seed) => {
    const samples: Sample[] = [];
    live(scenario, seed, 600, samples);
    let found = 0;
    for (const { name, doc, who, update } of samples) {
      const verdict = judge({ name, doc, overlay: new Overlay(), who, update, step2: true });
      // What another update deleted before may have been accepted once more [G15].
      if (verdict.kind === 'echo') continue;
      if (verdict.kind !== 'accept') throw new Error(`${verdict.kind} of an accepted update`);
      const named = new Set(verdict.lost.map(({ root, key }) => `${root} ${key}`));
      const gone = goneWith(doc, update);
      found += gone.size;
      expect([...gone].filter((one) => !named.has(one))).toEqual([]);
    }
    expect(found).toBeGreaterThan(0);
  });
});
