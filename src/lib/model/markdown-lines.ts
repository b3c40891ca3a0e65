/** Columns up to the next tab stop. */
const TAB = 4;

/**
 * One line of a source, read from its left: containers (quotes, list items) take their share of it in columns, in which
 * a tab reaches to the next multiple of four and may be used up in part.
 */
export class Line {
  readonly text: string;
  /** Where the line begins in the source. */
  readonly from: number;
  /** Where the next line begins. */
  readonly to: number;
  /** How far the line has been read. */
  at = 0;
  /** Columns of white space from there. */
  indent = 0;
  /** The first character that is none; the line's length when it is blank. */
  next = 0;
  #column = 0;
  /** Columns that are left of a tab read in part. */
  #rest = 0;

  constructor(text: string, from: number, to: number) {
    this.text = text;
    this.from = from;
    this.to = to;
    this.#look();
  }

  get blank(): boolean {
    return this.next === this.text.length;
  }

  /** The first character that is no white space; '' when there is none. */
  get first(): string {
    return this.text.charAt(this.next);
  }

  /** Reads white space of at most so many columns. */
  skip(columns: number): void {
    let left = columns;
    while (left > 0 && this.at < this.next) {
      const width = this.#rest || (this.text[this.at] === '\t' ? TAB - (this.#column % TAB) : 1);
      const used = Math.min(width, left);
      this.#column += used;
      this.#rest = width - used;
      left -= used;
      if (this.#rest === 0) this.at++;
    }
    this.#look();
  }

  /** Reads the white space and so many characters after it. */
  take(characters: number): void {
    this.skip(this.indent);
    this.at += characters;
    this.#column += characters;
    this.#look();
  }

  /** What has not been read. */
  rest(): string {
    return this.#rest > 0 ? ' '.repeat(this.#rest) + this.text.slice(this.at + 1) : this.text.slice(this.at);
  }

  #look(): void {
    let column = this.#column + this.#rest;
    let next = this.#rest > 0 ? this.at + 1 : this.at;
    for (; next < this.text.length; next++) {
      const char = this.text[next];
      if (char === '\t') column += TAB - (column % TAB);
      else if (char === ' ') column++;
      else break;
    }
    this.next = next;
    this.indent = column - this.#column;
  }
}

const LINE_END = /\r\n|\n|\r/g;

/** The lines of a source; their texts come without what ends them. */
export function linesOf(source: string): Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (const end of source.matchAll(LINE_END)) {
    const to = end.index + end[0].length;
    lines.push(new Line(source.slice(from, end.index), from, to));
    from = to;
  }
  if (from < source.length) lines.push(new Line(source.slice(from), from, source.length));
  return lines;
}
