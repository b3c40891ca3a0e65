import { describe, expect, test } from 'vitest';
import { share } from './share.ts';

describe('share', () => {
  test('[L14] keeps every part that did not change, object for object', () => {
    const before = {
      rows: [
        { id: 'a', n: 1 },
        { id: 'b', n: 2, deep: { list: [1, 2] } },
      ],
      title: 'x',
    };
    const next = share(before, {
      rows: [
        { id: 'z', n: 0 },
        { id: 'a', n: 1 },
        { id: 'b', n: 3, deep: { list: [1, 2] } },
      ],
      title: 'x',
    });
    expect(next.rows.map((row) => row.n)).toEqual([0, 1, 3]);
    expect(next.rows[1]).toBe(before.rows[0]);
    expect(next.rows[2]).not.toBe(before.rows[1]);
    expect(next.rows[2]!.deep).toBe(before.rows[1]!.deep);
  });

  test('[L14] is the earlier value itself when nothing changed', () => {
    const before = { map: new Map([['a', { n: 1 }]]), set: new Set([1]), list: [[1], [2]], none: null };
    expect(share(before, structuredClone(before))).toBe(before);
  });

  test('[L14] tells what looks alike but is not', () => {
    expect(share([1, 2], [2, 1])).toEqual([2, 1]);
    expect(share({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 });
    expect(share({ a: undefined }, {})).toEqual({});
    expect(share<object>([], {})).toEqual({});
    expect(share<object | null>({}, null)).toBe(null);
    const map = share(
      new Map([['a', 1]]),
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
    expect([...map]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect([
      ...share(
        new Map([
          ['a', 1],
          ['b', 2],
        ]),
        new Map([['b', 2]]),
      ),
    ]).toEqual([['b', 2]]);
    expect(share([{ id: 'a' }, { id: 'b' }], [{ id: 'b' }, { id: 'a' }])).toEqual([{ id: 'b' }, { id: 'a' }]);
  });
});
