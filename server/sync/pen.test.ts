import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { ownerOf } from '../../src/lib/model/client-ids.ts';
import { Pen } from './pen.ts';

describe('[S18] the server writes new keys without a copy of the document', () => {
  test('what it writes is what Yjs itself would have written', () => {
    const pen = new Pen();
    const doc = new Y.Doc();
    Y.applyUpdate(doc, pen.write([{ root: 'log', key: '1', value: ['a/b', 5] }]));
    Y.applyUpdate(
      doc,
      pen.write([
        { root: 'log', key: '2', value: ['c/d', 6] },
        { root: 'meta', key: 'next', value: 2 },
        { root: 'm', key: 'm/a/b', value: { x: 'hallo 🌍', e: 1 } },
      ]),
    );
    expect(doc.store.pendingStructs).toBeNull();
    expect(doc.getMap('log').toJSON()).toEqual({ 1: ['a/b', 5], 2: ['c/d', 6] });
    expect(doc.getMap('meta').toJSON()).toEqual({ next: 2 });
    expect(doc.getMap('m').toJSON()).toEqual({ 'm/a/b': { x: 'hallo 🌍', e: 1 } });
    expect([...doc.store.clients.keys()].map(ownerOf)).toEqual([0]);
    const copy = new Y.Doc();
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    copy.getMap('m').set('m/a/b', { x: 'edited' });
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(copy));
    expect(doc.getMap('m').get('m/a/b')).toEqual({ x: 'edited' });
  });

  test('an entry applied twice is there once', () => {
    const doc = new Y.Doc();
    const update = new Pen().write([{ root: 'log', key: '1', value: 1 }]);
    Y.applyUpdate(doc, update);
    Y.applyUpdate(doc, update);
    expect(doc.getMap('log').size).toBe(1);
  });
});
