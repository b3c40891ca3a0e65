import { expect } from 'vitest';
import * as Y from 'yjs';
import { ownerOf } from '../../src/lib/model/client-ids.ts';
import { parseKey } from '../../src/lib/model/conversation.ts';
import type { Verdict, Writer } from '../../server/sync/gate/verdict.ts';
import { changesOf, contentOf, copyOf, MAP_ROOTS, sorted } from './gate-contents.ts';
import type { Sample } from './gate-scenarios.ts';

/** Throws where a verdict on this update, sent by the sample's writer for its document, lets harm through. */
export function checkHarmless(sample: Sample, update: Uint8Array, verdict: Verdict): void {
  if (verdict.kind === 'accept') checkAccepted(sample, update, verdict);
  if (verdict.kind === 'echo') checkEcho(sample, update);
}

/** What was accepted changes what its verdict says, nothing of others, and leaves a sound document. */
function checkAccepted(
  { name, doc, who }: Sample,
  update: Uint8Array,
  { writes }: Extract<Verdict, { kind: 'accept' }>,
): void {
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
