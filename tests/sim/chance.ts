/** Chance that a seed determines (xoshiro128**): every stream of one run has a name, so that adding one moves no other. */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, stream: string) {
    let state = seed >>> 0;
    for (const letter of stream) state = Math.imul(state ^ letter.charCodeAt(0), 0x9e3779b1) >>> 0;
    const mix = (): number => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return (mixed ^ (mixed >>> 14)) >>> 0;
    };
    [this.#a, this.#b, this.#c, this.#d] = [mix(), mix(), mix(), mix()];
  }

  uint32(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** In [0, 1). */
  next = (): number => this.uint32() / 2 ** 32;

  /** True this often. */
  is(share: number): boolean {
    return this.next() < share;
  }

  /** From `least` up to but not including `most`. */
  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  int(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  pick<T>(list: readonly T[]): T {
    const one = list[Math.floor(this.next() * list.length)];
    if (one === undefined) throw new Error('nothing to pick from');
    return one;
  }

  pickOr<T>(list: readonly T[]): T | null {
    return list.length === 0 ? null : this.pick(list);
  }

  /** One of the named, as often as its weight says. */
  weighted<T>(list: readonly (readonly [T, number])[]): T {
    let left = this.next() * list.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [one, weight] of list) {
      left -= weight;
      if (left < 0) return one;
    }
    return this.pick(list)[0];
  }

  fill(into: Uint8Array): void {
    if (into.length === 4 && into.byteOffset % 4 === 0) {
      new Uint32Array(into.buffer, into.byteOffset, 1)[0] = this.uint32();
      return;
    }
    for (let i = 0; i < into.length; i += 4) {
      const word = this.uint32();
      for (let j = 0; j < 4 && i + j < into.length; j++) into[i + j] = (word >>> (8 * j)) & 255;
    }
  }
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
