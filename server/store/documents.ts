import type { UserId } from '../../src/lib/model/ids.ts';
import { rowset, type Database, type Tx } from './database.ts';

/** An update of a document as the log holds it. `id` counts from 1 in each document, without a gap. */
export interface LoggedUpdate {
  id: number;
  data: Uint8Array;
}

export interface StoredDocument {
  /** Rises after a restore from a backup. */
  epoch: number;
  snapshot: Uint8Array | null;
  /** The last update that the snapshot holds; 0 without one. */
  snapshotUpto: number;
  /** What came after the snapshot, oldest first. */
  updates: LoggedUpdate[];
}

export interface NewUpdate {
  name: string;
  data: Uint8Array;
  /** Null for the server. */
  author: UserId | null;
}

export function documentsOf(db: Database) {
  return {
    /** A consistent view of one document (a single statement), or null when nothing was ever written to it. */
    async load(name: string, tx?: Tx): Promise<StoredDocument | null> {
      const sql = db.sql(tx);
      const rows = await sql<{ id: number; data: Uint8Array | null; epoch: number; upto: number }[]>`
        select 0::bigint as id, snapshot as data, epoch, snapshot_upto as upto from documents where name = ${name}
        union all
        select id, data, 0, 0 from updates where document = ${name}
        order by id`;
      const [document, ...updates] = rows;
      if (!document) return null;
      return {
        epoch: document.epoch,
        snapshot: document.data,
        snapshotUpto: document.upto,
        updates: updates.map(({ id, data }) => ({ id, data: data ?? new Uint8Array() })),
      };
    },

    /**
     * Appends a batch, creating documents as needed, and gives the ids in the order of `rows`. One statement. Ids are
     * handed out under the lock of the document's row, so a higher id is never visible before a lower one: what a
     * reader has seen up to n, it may cover by a snapshot up to n.
     */
    async append(rows: readonly NewUpdate[], tx?: Tx): Promise<number[]> {
      if (rows.length === 0) return [];
      const sql = db.sql(tx);
      let offset = 1;
      const index = rows.map(({ name, data, author }, n) => {
        const from = offset;
        offset += data.length;
        return { n, document: name, start: from, length: data.length, author };
      });
      const bytes = Buffer.concat(rows.map((row) => row.data));
      const appended = await sql<{ document: string; id: number }[]>`
        with input as (
          select n, document, start, length, author,
            row_number() over (partition by document order by n) as rank,
            count(*) over (partition by document) as total
          from jsonb_to_recordset(${rowset(sql, index)})
            as r(n integer, document text, start integer, length integer, author text)
        ), heads as (
          insert into documents as d (name, head)
          select document, total from input where rank = 1 order by document
          on conflict (name) do update set head = d.head + excluded.head
          returning d.name, d.head
        )
        insert into updates (document, id, data, author)
        select i.document, h.head - i.total + i.rank,
          substring(${bytes}::bytea from i.start for i.length), i.author
        from input i join heads h on h.name = i.document
        order by i.n
        returning document, id`;
      return inOrder(rows, appended);
    },

    /**
     * Stores a snapshot that holds every update up to `upto`, and deletes those rows. Updates after it are untouched.
     * False when a snapshot that reaches further is there already, or the document is gone: then nothing changes.
     */
    async compact(name: string, snapshot: Uint8Array, upto: number, tx?: Tx): Promise<boolean> {
      const sql = db.sql(tx);
      const [done] = await sql<{ name: string }[]>`
        with stored as (
          update documents set snapshot = ${snapshot}::bytea, snapshot_upto = ${upto}
          where name = ${name} and snapshot_upto <= ${upto} and head >= ${upto}
          returning name
        ), covered as (
          delete from updates using stored where document = stored.name and id <= ${upto}
        )
        select name from stored`;
      return done !== undefined;
    },

    /** Takes an update that cannot be applied out of its document, and keeps it with the reason. */
    async setAside(name: string, id: number, reason: string, tx?: Tx): Promise<void> {
      const sql = db.sql(tx);
      await sql`
        with bad as (
          delete from updates where document = ${name} and id = ${id} returning document, id, data, author, at
        )
        insert into updates_set_aside (document, id, data, author, at, reason)
        select document, id, data, author, at, ${reason} from bad
        on conflict (document, id) do nothing`;
    },

    /** The id of the latest update of each of these documents. Those never written to are absent. */
    async heads(names: readonly string[], tx?: Tx): Promise<Map<string, number>> {
      const sql = db.sql(tx);
      const rows = await sql<{ name: string; head: number }[]>`
        select name, head from documents where name = any(${names}::text[])`;
      return new Map(rows.map(({ name, head }) => [name, head]));
    },

    /** Deletes documents with all that belongs to them. */
    async remove(names: readonly string[], tx?: Tx): Promise<void> {
      const sql = db.sql(tx);
      await sql`
        with logged as (delete from updates where document = any(${names}::text[])),
          aside as (delete from updates_set_aside where document = any(${names}::text[]))
        delete from documents where name = any(${names}::text[])`;
    },

    /** Documents with at least `min` rows that no snapshot covers, the longest first. */
    async backlog(min: number, limit: number, tx?: Tx): Promise<{ name: string; rows: number }[]> {
      const sql = db.sql(tx);
      return [
        ...(await sql<{ name: string; rows: number }[]>`
          select document as name, count(*) as rows from updates
          group by document having count(*) >= ${min} order by count(*) desc, document limit ${limit}`),
      ];
    },
  };
}

/** A statement returns rows in no promised order; within one document ids rise in the order of the input. */
function inOrder(rows: readonly NewUpdate[], appended: readonly { document: string; id: number }[]): number[] {
  const ids = new Map<string, number[]>();
  for (const { document, id } of appended) {
    const list = ids.get(document);
    if (list) list.push(id);
    else ids.set(document, [id]);
  }
  for (const list of ids.values()) list.sort((a, b) => b - a);
  return rows.map(({ name }) => {
    const id = ids.get(name)?.pop();
    if (id === undefined) throw new Error(`The append to ${name} returned no id`);
    return id;
  });
}
