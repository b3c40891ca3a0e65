import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { SEQ_LIMIT, SERVER_SEQ, adopt, mintClientId, ownerOf } from './client-ids.ts';
import { pick, seeded } from './testing.ts';

describe('clientIDs', () => {
  test('[I2] say whose they are, up to the last user and bit', () => {
    const random = seeded(1);
    const seqs = [
      0,
      1,
      2,
      1_000,
      SEQ_LIMIT - 1,
      ...Array.from({ length: 500 }, () => Math.floor(random() * SEQ_LIMIT)),
    ];
    for (const seq of seqs) {
      for (const low of [0, 1, 2 ** 31, 2 ** 32 - 1, Math.floor(random() * 2 ** 32)]) {
        const clientId = mintClientId(seq, low);
        expect(Number.isSafeInteger(clientId)).toBe(true);
        expect(ownerOf(clientId)).toBe(seq);
      }
    }
    expect(ownerOf(mintClientId(SERVER_SEQ))).toBe(0);
    expect(ownerOf(new Y.Doc().clientID)).toBe(SERVER_SEQ);
  });

  test.each([-1, 1.5, SEQ_LIMIT, NaN, Infinity])('[I2] %d is no user number', (seq) => {
    expect(() => mintClientId(seq)).toThrow(RangeError);
  });

  test.each([-1, 0.5, 2 ** 32, NaN])('[I2] %d is no 32 bits', (low) => {
    expect(() => mintClientId(1, low)).toThrow(RangeError);
  });

  test('[I2] 53 bits pass both encodings, state vectors and undo', () => {
    const doc = new Y.Doc();
    doc.clientID = mintClientId(SEQ_LIMIT - 1, 2 ** 32 - 1);
    const undo = new Y.UndoManager(doc.getMap('m'));
    doc.getMap('m').set('k', 1);
    const v1 = new Y.Doc();
    Y.applyUpdate(v1, Y.encodeStateAsUpdate(doc));
    const v2 = new Y.Doc();
    Y.applyUpdateV2(v2, Y.encodeStateAsUpdateV2(doc));
    expect([...v1.store.clients.keys(), ...v2.store.clients.keys()]).toEqual([doc.clientID, doc.clientID]);
    expect(Y.decodeStateVector(Y.encodeStateVector(doc)).get(doc.clientID)).toBe(1);
    undo.undo();
    expect(doc.getMap('m').size).toBe(0);
  });
});

/** Lets someone else write under the document's clientID, which makes Yjs replace it. */
function collide(doc: Y.Doc): void {
  const twin = new Y.Doc();
  Y.applyUpdate(twin, Y.encodeStateAsUpdate(doc));
  twin.clientID = doc.clientID;
  twin.getMap('m').set(`twin${doc.store.clients.size}`, 1);
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(twin, Y.encodeStateVector(doc)));
}

describe('adopting a document', () => {
  // Yjs says each time that it changed the clientID, which is what these tests bring about.
  beforeAll(() => void vi.spyOn(console, 'log').mockReturnValue());
  afterAll(() => void vi.restoreAllMocks());

  test('[I3] it writes under its owner from the first change on', () => {
    const doc = new Y.Doc();
    adopt(doc, 7);
    doc.getMap('m').set('k', 1);
    expect([...doc.store.clients.keys()].map(ownerOf)).toEqual([7]);
  });

  test('[I3] after Yjs replaced the clientID it is minted again, as another one of the same owner', () => {
    const doc = new Y.Doc();
    adopt(doc, 7);
    const before = doc.clientID;
    collide(doc);
    expect(ownerOf(doc.clientID)).toBe(7);
    expect(doc.clientID).not.toBe(before);
    expect(doc.store.clients.has(doc.clientID)).toBe(false);
  });

  test('[I3] nothing is ever written under the replacement, also not by listeners', () => {
    const random = seeded(3);
    const doc = new Y.Doc();
    adopt(doc, 7);
    doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin !== 'echo') doc.transact(() => doc.getMap('m').set('seen', random()), 'echo');
    });
    doc.getMap('m').observe((event) => {
      if (event.keysChanged.has('k')) doc.getMap('m').set('observed', random());
    });
    for (let i = 0; i < 200; i++) {
      if (random() < 0.2) collide(doc);
      else doc.getMap('m').set(pick(random, ['k', 'l']), i);
    }
    expect(new Set([...doc.store.clients.keys()].map(ownerOf))).toEqual(new Set([7]));
  });

  test('[I3] it ends when told, and keeps what it has', () => {
    const doc = new Y.Doc();
    const end = adopt(doc, 7);
    const { clientID } = doc;
    end();
    expect(doc.clientID).toBe(clientID);
    collide(doc);
    expect(ownerOf(doc.clientID)).toBe(SERVER_SEQ);
  });
});
