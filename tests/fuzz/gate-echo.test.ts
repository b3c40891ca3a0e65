import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { mintClientId, SERVER_SEQ } from '../../src/lib/model/client-ids.ts';
import { id } from '../../src/lib/model/testing.ts';
import { judge } from '../../server/sync/gate/judge.ts';
import { Overlay } from '../../server/sync/gate/overlay.ts';

test('[G14] notifications that came after others were withdrawn are an echo from who was told of them', () => {
  const doc = new Y.Doc();
  doc.clientID = mintClientId(SERVER_SEQ);
  const list = doc.getArray('n');
  list.insert(0, [{ id: 1 }, { id: 2 }]);
  list.delete(1, 1);
  list.insert(1, [{ id: 3 }]);
  const owner = id('anna');
  const verdict = judge({
    name: { kind: 'inbox', id: owner },
    doc,
    overlay: new Overlay(),
    who: { id: owner, seq: 1, role: null },
    update: Y.encodeStateAsUpdate(doc),
    step2: true,
  });
  expect(verdict).toEqual({ kind: 'echo', awaits: false });
});
