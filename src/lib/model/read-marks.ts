import type * as Y from 'yjs';
import { ALL, READ_ROOT, SINGLE, parseMarks, type Act, type Mark, type Marked } from './inbox-fields.ts';
import { isConversation, type ConversationRef } from './names.ts';
import { isCount } from './plain.ts';

/*
 * Two devices that wrote one key at the same time would leave the value of either. So each clientID writes keys of its
 * own, what holds is the largest that stands anywhere, and only what is smaller than that is ever taken away.
 */

/** Everything the owner marked, the largest mark of any device each. */
export class Marks {
  readonly #largest = new Map<Marked, Mark>();

  constructor(doc: Y.Doc) {
    for (const [key, value] of doc.getMap(READ_ROOT).entries()) {
      for (const [what, mark] of marksAt(key, value)) this.raise(what, mark);
    }
  }

  /** How far this is read; 0 for not at all. */
  upTo(what: Marked): number {
    const mark = this.#largest.get(what);
    return typeof mark === 'number' ? mark : 0;
  }

  /** What was done last; null for nothing. */
  last(what: Marked): Act | null {
    const mark = this.#largest.get(what);
    return typeof mark === 'object' ? mark : null;
  }

  /** False when what stands is as large. */
  raise(what: Marked, mark: Mark): boolean {
    if (!beats(mark, this.#largest.get(what))) return false;
    this.#largest.set(what, mark);
    return true;
  }

  isOutgrown(what: Marked, mark: Mark): boolean {
    // What 'all' covers, nobody asks for.
    if (what.startsWith('n/') && Number(what.slice(2)) <= this.upTo(ALL)) return true;
    const largest = this.#largest.get(what);
    // Smaller only: of two that are equal, each would else be taken away for the other's sake.
    return largest !== undefined && beats(largest, mark);
  }
}

/** Of acts at once, the one with the smaller value: unread rather than read, shown rather than put away. */
function beats(mark: Mark, other: Mark | undefined): boolean {
  if (other === undefined) return mark !== 0;
  if (typeof mark === 'number' || typeof other === 'number') return mark > other;
  return mark[0] !== other[0] ? mark[0] > other[0] : mark[1] < other[1];
}

/** How far each conversation is read: the number of the last message read, 0 for none. */
export function readMarks(doc: Y.Doc): (conversation: ConversationRef) => number {
  const marks = new Marks(doc);
  return (conversation) => marks.upTo(conversation);
}

/** An entry is right or not as long as it stands, and stands under one key only. */
const parsed = new WeakMap<object, [Marked, Mark][]>();

/** The marks of one entry; none for what is not right. */
export function marksAt(key: string, value: unknown): [Marked, Mark][] {
  if (typeof value === 'object' && value !== null) {
    let marks = parsed.get(value);
    if (marks === undefined) parsed.set(value, (marks = parseMarks(key, value) ?? []));
    return marks;
  }
  // Before marks were of their writer, each had its own key.
  if (key === ALL || isConversation(key)) return isCount(value) ? [[key, value]] : [];
  return SINGLE.test(key) && value === 1 ? [[key as Marked, 1]] : [];
}
