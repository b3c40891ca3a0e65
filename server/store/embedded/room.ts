import { statfsSync } from 'node:fs';

const MB = 1024 * 1024;

/**
 * With less than this free, the engine takes no writes. It needs a next segment of its log (16 MB) in the middle of any
 * commit, and the room for a checkpoint; where it cannot get them it panics, and then it cannot start either before
 * space is freed. A refused write costs nobody anything.
 */
const NEEDED = 48 * MB;
/** Enough more that it does not refuse and take writes in turns. */
const EASE = 8 * MB;
/** What a new database takes. */
const NEW = 64 * MB;

/** Free bytes on the disk of `path`. Infinite where its file system does not tell. */
function freeBytes(path: string): number {
  const { blocks, bavail, bsize } = statfsSync(path);
  return blocks === 0 ? Infinity : bavail * bsize;
}

/** Why no database can be opened, or made, on the disk of `path`; null when it has room. */
export function lackOfRoom(path: string, isNew: boolean): string | null {
  const free = freeBytes(path);
  const needed = isNew ? NEEDED + NEW : NEEDED;
  if (free >= needed) return null;
  return `the disk is full: ${Math.floor(free / MB)} MB are free and ${needed / MB} MB are needed`;
}

/** Whether the disk has room for writes. */
export class Room {
  readonly #path: string;
  #full = false;

  constructor(path: string) {
    this.#path = path;
  }

  get full(): boolean {
    return this.#full;
  }

  /** Looks at the disk. True when its answer has changed. */
  look(): boolean {
    const before = this.#full;
    this.#full = freeBytes(this.#path) < NEEDED + (before ? EASE : 0);
    return this.#full !== before;
  }
}

/** The engine's own last words, for a person. */
export function inWords(line: string): string {
  return /No space left on device|Disk quota exceeded/.test(line) ? `the disk is full (${line})` : line;
}
