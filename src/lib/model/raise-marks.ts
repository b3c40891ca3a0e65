import type * as Y from 'yjs';
import { MARKS, OF_ONE, READ_ROOT, isMark, writerKey, type Mark, type Marked } from './inbox-fields.ts';
import { notificationsIn } from './notification-list.ts';
import { Marks, marksAt } from './read-marks.ts';

/** Raises marks, in `marks` too, and takes away what all together have outgrown. False when all stand as high already. */
export function raiseMarks(doc: Y.Doc, wanted: Iterable<readonly [Marked, Mark]>, marks = new Marks(doc)): boolean {
  return doc.transact(() => {
    const fresh = [...wanted].filter(([what, mark]) => isMark(what, mark) && marks.raise(what, mark));
    if (fresh.length === 0) return false;
    const read = doc.getMap(READ_ROOT);
    const isOver = overIn(doc);
    const lives = ([what, mark]: readonly [Marked, Mark]): boolean => !marks.isOutgrown(what, mark) && !isOver(what);
    for (let n = 0; fresh.length > 0; n++) {
      const own = writerKey(doc.clientID, n);
      const kept = marksAt(own, read.get(own)).filter(lives);
      const added = fresh.splice(0, MARKS - kept.length);
      if (added.length > 0) read.set(own, Object.fromEntries([...kept, ...added]));
    }
    for (const [key, value] of [...read.entries()]) {
      const here = marksAt(key, value);
      if (here.length > 0 && !here.some(lives)) read.delete(key);
    }
    return true;
  });
}

/** Whether a mark is of a notification that has left the list: such numbers do not come back. */
function overIn(doc: Y.Doc): (what: Marked) => boolean {
  const listed = new Set<number>();
  for (const { notification } of notificationsIn(doc)) listed.add(notification.id);
  const newest = Math.max(0, ...listed);
  return (what) => {
    if (!OF_ONE.test(what)) return false;
    const id = Number(what.slice(2));
    return id < newest && !listed.has(id);
  };
}
