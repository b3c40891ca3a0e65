import type { MessageSlot } from '../../../server/store/messages.ts';
import type { Store } from '../../../server/store/store.ts';
import { EDITS_KEPT } from '../../../src/lib/model/limits.ts';
import type { Connection } from './connection.ts';
import { slotKey } from './conversations.ts';
import type { View } from './data.ts';

export function messageEditsIn(db: Connection): Store['messageEdits'] {
  const rowsOf = ({ messageEdits }: View, slot: MessageSlot) =>
    messageEdits.where((row) => slotKey(row) === slotKey(slot)).sort((a, b) => a.nth - b.nth);

  return {
    add: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve();
      return db.write(tx, (view) => {
        for (const row of rows) {
          if (!view.messages.has(slotKey(row))) throw new Error('no such message');
          const nth = db.data.nextId();
          view.messageEdits.set(String(nth), { ...row, nth });
          for (const old of rowsOf(view, row).slice(0, -EDITS_KEPT)) view.messageEdits.delete(String(old.nth));
        }
      });
    },

    of: (slot, tx) => db.read(tx, (view) => rowsOf(view, slot).map(({ text, until }) => ({ text, until }))),

    forget: (slots, tx) => {
      if (slots.length === 0) return Promise.resolve();
      return db.write(tx, (view) => {
        for (const slot of slots) for (const row of rowsOf(view, slot)) view.messageEdits.delete(String(row.nth));
      });
    },
  };
}
