import { pair, runAt, type Run } from './markdown-emphasis.ts';
import { targetAt } from './markdown-targets.ts';
import { mentionTokenAt, type Mentioned } from './mention-tokens.ts';
import { autolinkAt, bareAddressAt, type Address } from './web-addresses.ts';

/** What a passage is made of, in its order. Ranges are of the passage's text. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'code'; from: number; to: number; text: string }
  | { kind: 'mention'; from: number; to: number; mentioned: Mentioned }
  | ({ kind: 'address'; from: number } & Address)
  | { kind: 'run'; run: Run }
  /** `target` is null where it is no link, but a bracket. */
  | { kind: 'bracket'; from: number; target: { to: number; href: string } | null }
  | { kind: 'end' };

/**
 * Reads what stands inside of a paragraph, as CommonMark does: escapes, code spans, mentions, autolinks and bare
 * addresses from left to right, links by their brackets. Left out: entities, so that text says what was typed, images,
 * HTML, and links by reference. The cost grows with the length, not with its square. Runs are not paired yet.
 */
export function piecesOf(text: string): Piece[] {
  return new InlineReader(text).read();
}

/** Pairs the runs: those in a link with each other, and the others. Only showing needs it. */
export function pairRuns(pieces: readonly Piece[]): void {
  const outside: Run[] = [];
  let inside: Run[] | null = null;
  for (const piece of pieces) {
    if (piece.kind === 'run') (inside ?? outside).push(piece.run);
    else if (piece.kind === 'bracket' && piece.target !== null) inside = [];
    else if (piece.kind === 'end') {
      pair(inside ?? []);
      inside = null;
    }
  }
  pair(outside);
}

const SPECIAL = /[\\`*_~[\]<hfmwHFMW]/g;
const ESCAPABLE = /[!-/:-@[-`{-~]/;

class InlineReader {
  readonly #text: string;
  readonly #pieces: Piece[] = [];
  /** Opened and not closed. */
  #brackets: Extract<Piece, { kind: 'bracket' }>[] = [];
  readonly #ticks: Ticks;
  /** Where the text that is no piece yet begins. */
  #from = 0;

  constructor(text: string) {
    this.#text = text;
    this.#ticks = new Ticks(text);
  }

  read(): Piece[] {
    const text = this.#text;
    SPECIAL.lastIndex = 0;
    for (let hit = SPECIAL.exec(text); hit !== null; hit = SPECIAL.exec(text)) {
      // `#at` reads with other patterns only, so this one's place is safe; it goes on where the piece ends.
      SPECIAL.lastIndex = this.#at(hit.index, hit[0]);
    }
    this.#flush(text.length);
    return this.#pieces;
  }

  /** Reads what begins at `i`, and says where to look next. */
  #at(i: number, char: string): number {
    const text = this.#text;
    switch (char) {
      case '\\':
        if (!ESCAPABLE.test(text.charAt(i + 1))) return i + 1;
        this.#flush(i);
        this.#from = i + 1;
        return i + 2;
      case '`':
        return this.#code(i);
      case '[': {
        const bracket: Piece = { kind: 'bracket', from: i, target: null };
        this.#brackets.push(bracket);
        return this.#put(bracket, i, i + 1);
      }
      case ']':
        return this.#close(i);
      case '<': {
        const token = mentionTokenAt(text, i);
        if (token) return this.#put({ kind: 'mention', from: i, ...token }, i, token.to);
        return this.#address(i, autolinkAt(text, i));
      }
      case '*':
      case '_':
      case '~': {
        const { run, to } = runAt(text, i);
        return run === null ? to : this.#put({ kind: 'run', run }, i, to);
      }
      default:
        return this.#address(i, bareAddressAt(text, i));
    }
  }

  #code(i: number): number {
    let to = i + 1;
    while (this.#text[to] === '`') to++;
    const width = to - i;
    const close = this.#ticks.closing(width, to);
    if (close === null) return to;
    const inner = this.#text.slice(to, close).replaceAll('\n', ' ');
    const padded = inner.length > 1 && inner.startsWith(' ') && inner.endsWith(' ') && /[^ ]/.test(inner);
    const end = close + width;
    return this.#put({ kind: 'code', from: i, to: end, text: padded ? inner.slice(1, -1) : inner }, i, end);
  }

  #address(i: number, address: Address | null): number {
    return address === null ? i + 1 : this.#put({ kind: 'address', from: i, ...address }, i, address.to);
  }

  #close(i: number): number {
    const open = this.#brackets.pop();
    const target = open ? targetAt(this.#text, i + 1) : null;
    if (open === undefined || target === null) return i + 1;
    open.target = target;
    this.#put({ kind: 'end' }, i, target.to);
    // A link holds no link: what is open outside of this one stays a bracket.
    this.#brackets = [];
    return target.to;
  }

  #put(piece: Piece, from: number, to: number): number {
    this.#flush(from);
    this.#pieces.push(piece);
    this.#from = to;
    return to;
  }

  #flush(to: number): void {
    if (to > this.#from) this.#pieces.push({ kind: 'text', text: this.#text.slice(this.#from, to) });
    this.#from = to;
  }
}

/** Where runs of ticks stand, by their width. Asked for places that only grow, so it never walks back. */
class Ticks {
  readonly #text: string;
  #places: Map<number, { at: number[]; next: number }> | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /** The first run of exactly this width that begins at `from` or later. */
  closing(width: number, from: number): number | null {
    const places = (this.#places ??= this.#find()).get(width);
    if (!places) return null;
    while (places.next < places.at.length && places.at[places.next]! < from) places.next++;
    return places.at[places.next] ?? null;
  }

  #find(): Map<number, { at: number[]; next: number }> {
    const found = new Map<number, { at: number[]; next: number }>();
    for (const { 0: run, index } of this.#text.matchAll(/`+/g)) {
      const places = found.get(run.length);
      if (places) places.at.push(index);
      else found.set(run.length, { at: [index], next: 0 });
    }
    return found;
  }
}
