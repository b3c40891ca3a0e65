/**
 * Tables in memory, with the visibility of a database: what a transaction writes is seen by itself only, until it is
 * committed. Rows are never changed in place, so a row that was read stays as it was.
 */
export class Table<V> {
  readonly #committed = new Map<string, V>();
  /** What the one open transaction wrote; undefined stands for a deletion. */
  readonly #pending = new Map<string, V | undefined>();

  get(key: string, inside: boolean): V | undefined {
    if (inside && this.#pending.has(key)) return this.#pending.get(key);
    return this.#committed.get(key);
  }

  /** In no promised order, as in a database. */
  rows(inside: boolean): V[] {
    if (!inside || this.#pending.size === 0) return [...this.#committed.values()];
    const rows: V[] = [];
    for (const [key, row] of this.#committed) if (!this.#pending.has(key)) rows.push(row);
    for (const row of this.#pending.values()) if (row !== undefined) rows.push(row);
    return rows;
  }

  set(key: string, row: V): void {
    this.#pending.set(key, row);
  }

  delete(key: string): void {
    this.#pending.set(key, undefined);
  }

  /** Makes what is pending true for everybody, or forgets it. */
  end(commit: boolean): void {
    if (commit) {
      for (const [key, row] of this.#pending) {
        if (row === undefined) this.#committed.delete(key);
        else this.#committed.set(key, row);
      }
    }
    this.#pending.clear();
  }
}

/** A table as one statement sees it. */
export class Rows<V> {
  readonly #table: Table<V>;
  readonly #inside: boolean;

  constructor(table: Table<V>, inside: boolean) {
    this.#table = table;
    this.#inside = inside;
  }

  get(key: string): V | undefined {
    return this.#table.get(key, this.#inside);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  all(): V[] {
    return this.#table.rows(this.#inside);
  }

  where(holds: (row: V) => boolean): V[] {
    return this.all().filter(holds);
  }

  /** Adds or replaces. */
  set(key: string, row: V): void {
    this.#table.set(key, row);
  }

  /** Adds; throws as a database does when the key is taken. */
  insert(key: string, row: V): void {
    if (this.has(key)) throw new Error('duplicate key value violates unique constraint');
    this.set(key, row);
  }

  /** False when there is no such row. */
  update(key: string, change: Partial<V>): boolean {
    const row = this.get(key);
    if (row === undefined) return false;
    this.set(key, { ...row, ...change });
    return true;
  }

  /** False when there is no such row. */
  delete(key: string): boolean {
    const there = this.has(key);
    if (there) this.#table.delete(key);
    return there;
  }
}

/** Refuses a row that refers to nothing, as a foreign key does. */
export function mustBeThere(there: boolean): void {
  if (!there) throw new Error('insert or update violates foreign key constraint');
}
