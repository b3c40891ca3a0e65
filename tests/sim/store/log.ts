import type { Store } from '../../../server/store/store.ts';
import type { Connection } from './connection.ts';
import type { DocumentRow } from './data.ts';

export function documentsIn(db: Connection): Store['documents'] {
  return {
    load: (name, tx) =>
      db.read(tx, ({ documents }) => {
        const row = documents.get(name);
        if (row === undefined) return null;
        return { epoch: row.epoch, snapshot: row.snapshot, snapshotUpto: row.upto, updates: [...row.updates] };
      }),

    append: (rows, tx) => {
      if (rows.length === 0) return Promise.resolve([]);
      return db.write(tx, ({ documents }) =>
        rows.map(({ name, data }) => {
          const row = documents.get(name) ?? blank(name);
          const id = row.head + 1;
          documents.set(name, { ...row, head: id, updates: [...row.updates, { id, data: data.slice() }] });
          return id;
        }),
      );
    },

    compact: (name, snapshot, upto, tx) =>
      db.write(tx, ({ documents }) => {
        const row = documents.get(name);
        if (row === undefined || row.upto > upto || row.head < upto) return false;
        const updates = row.updates.filter(({ id }) => id > upto);
        documents.set(name, { ...row, snapshot: snapshot.slice(), upto, updates });
        return true;
      }),

    setAside: (name, id, _reason, tx) =>
      db.write(tx, ({ documents }) => {
        const row = documents.get(name);
        if (row === undefined) return;
        documents.set(name, { ...row, updates: row.updates.filter((update) => update.id !== id) });
      }),

    heads: (names, tx) =>
      db.read(tx, ({ documents }) => {
        const heads = new Map<string, number>();
        for (const name of names) {
          const row = documents.get(name);
          if (row !== undefined) heads.set(name, row.head);
        }
        return heads;
      }),

    remove: (names, tx) =>
      db.write(tx, ({ documents }) => {
        for (const name of names) documents.delete(name);
      }),

    backlog: (min, limit, tx) =>
      db.read(tx, ({ documents }) =>
        documents
          .where(({ updates }) => updates.length >= min)
          .map(({ name, updates }) => ({ name, rows: updates.length }))
          .sort((a, b) => b.rows - a.rows || (a.name < b.name ? -1 : 1))
          .slice(0, limit),
      ),
  };
}

function blank(name: string): DocumentRow {
  return { name, epoch: 1, head: 0, snapshot: null, upto: 0, updates: [] };
}
