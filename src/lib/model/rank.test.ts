import { describe, expect, test } from 'vitest';
import { compareRanked, isRank, place, rankBetween, rebalance } from './rank.ts';
import { pick, seeded } from './testing.ts';

/** A list that only `place` orders; counts how many others had to move. */
class List {
  ranks: string[] = [];
  moved = 0;
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  insert(index: number): string {
    const { rank, moved } = place(this.ranks, index, this.random);
    for (const [i, fresh] of moved) this.ranks[i] = fresh;
    this.ranks.splice(index, 0, rank);
    this.moved += moved.size;
    return rank;
  }

  /** True when every rank is one, and each is above the one before it. */
  get sound(): boolean {
    return this.ranks.every((rank, i) => isRank(rank) && (i === 0 || (this.ranks[i - 1] ?? '') < rank));
  }
}

describe('ranks', () => {
  test.each(['1', 'V', 'zzzz', '0001', 'a'.repeat(32)])('[R1] %s is one', (value) => {
    expect(isRank(value)).toBe(true);
  });

  test.each(['', '0', 'V0', 'a'.repeat(33), 'a-b', 'ä', 'a ', 'V\n', null, 1, ['V']])('[R1] %j is none', (value) => {
    expect(isRank(value)).toBe(false);
  });

  test('[R1] they compare by character codes, then by id', () => {
    const sorted = ['Z', 'a', '9', 'A', 'AA', 'A1'].map((rank) => ({ rank, id: 'x' })).sort(compareRanked);
    expect(sorted.map(({ rank }) => rank)).toEqual(['9', 'A', 'A1', 'AA', 'Z', 'a']);
    expect(compareRanked({ rank: 'A', id: 'a' }, { rank: 'A', id: 'b' })).toBeLessThan(0);
    expect(compareRanked({ rank: 'A', id: 'a' }, { rank: 'A', id: 'a' })).toBe(0);
  });

  test('[R2] a new one lies strictly between its neighbours, at any place of a random list', () => {
    const random = seeded(2);
    const list = new List(random);
    for (let i = 0; i < 3_000; i++) list.insert(Math.floor(random() * (list.ranks.length + 1)));
    expect(list.sound).toBe(true);
    expect(list.moved).toBe(0);
  });

  test('[R2] between any two different ranks, or none', () => {
    const random = seeded(3);
    const digits = '0123456789ABCXYZabcxyz';
    const any = () =>
      `${Array.from({ length: Math.floor(random() * 12) }, () => pick(random, [...digits])).join('')}${pick(random, ['1', 'V', 'z'])}`;
    for (let i = 0; i < 5_000; i++) {
      const [a, b] = [any(), any()].sort((x, y) => (x < y ? -1 : 1));
      if (a === undefined || b === undefined || a === b) continue;
      for (const [low, high] of [
        [a, b],
        [null, b],
        [a, null],
      ] as const) {
        const rank = rankBetween(low, high, random);
        if (rank === null) continue;
        expect(isRank(rank)).toBe(true);
        if (low !== null) expect(low < rank).toBe(true);
        if (high !== null) expect(rank < high).toBe(true);
      }
    }
  });

  test('[R3] 2,000 people who insert at the same place draw 2,000 ranks', () => {
    const random = seeded(4);
    for (const [a, b] of [
      [null, null],
      ['V', null],
      [null, 'V'],
      ['V', 'W'],
      ['V', 'V0000001'],
    ] as const) {
      const drawn = new Set(Array.from({ length: 2_000 }, () => rankBetween(a, b, random)));
      // With 2¹⁹ to draw from, four of two million pairs are expected to be alike in the tightest gap.
      expect(drawn.size).toBeGreaterThan(1_985);
    }
  });

  test('[R4] 20,000 appended or prepended ones have no more digits than the first', () => {
    const random = seeded(5);
    let last = rankBetween(null, null, random);
    let first = last;
    for (let i = 0; i < 20_000; i++) {
      const next = rankBetween(last, null, random);
      const before = rankBetween(null, first, random);
      expect((last ?? '') < (next ?? '') && (before ?? '') < (first ?? '')).toBe(true);
      [last, first] = [next, before];
    }
    expect(last?.length).toBeLessThanOrEqual(8);
    expect(first?.length).toBeLessThanOrEqual(8);
  });

  test('[R5] at one place 100 fit before a neighbour moves, and a move makes room for 40 more', () => {
    const random = seeded(6);
    const list = new List(random);
    for (let i = 0; i < 200; i++) list.insert(i);
    for (let i = 0; i < 100; i++) list.insert(100);
    expect(list.moved).toBe(0);
    for (let i = 0; i < 2_000; i++) list.insert(100);
    expect(list.sound).toBe(true);
    // Eight move, again and again; never all 2,300.
    expect(list.moved).toBeLessThan(2_000 / 5);
  });

  test('[R5] the ends of the whole range are survived, by everything moving once', () => {
    const random = seeded(7);
    const list = new List(random);
    list.ranks = ['0'.repeat(31) + '1', 'z'.repeat(32)];
    list.insert(0);
    list.insert(3);
    expect(list.sound).toBe(true);
    expect(list.ranks).toHaveLength(4);
  });

  test('[R5] a whole list gets fresh ranks in order, of any size', () => {
    for (const count of [0, 1, 2, 1_000, 20_000]) {
      const fresh = rebalance(count, seeded(count));
      expect(fresh).toHaveLength(count);
      expect(fresh.every((rank, i) => isRank(rank) && (i === 0 || (fresh[i - 1] ?? '') < rank))).toBe(true);
    }
  });

  test.each([
    [['', '', '']],
    [['V', 'V', 'V', 'V', 'V', 'V', 'V', 'V', 'V', 'V', 'V', 'V']],
    [['z', 'a', 'A']],
    [['äöü', '\ud83d', '\0']],
    [['V', 'V'.repeat(500)]],
    [['z'.repeat(32), 'z'.repeat(32)]],
    [['0', '00', '000']],
  ])('[R6] %j with something new anywhere in it', (ranks) => {
    for (let index = -1; index <= ranks.length + 1; index++) {
      const { rank, moved } = place(ranks, index, seeded(8));
      expect(isRank(rank)).toBe(true);
      expect([...moved.values()].every(isRank)).toBe(true);
      expect([...moved.keys()].every((i) => i >= 0 && i < ranks.length)).toBe(true);
    }
  });

  test('[R6] ties are parted where something comes between them', () => {
    const list = new List(seeded(9));
    list.ranks = ['A', 'V', 'V', 'V', 'z'];
    list.insert(2);
    expect(list.sound).toBe(true);
  });
});
