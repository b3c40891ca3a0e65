import type * as Y from 'yjs';
import { HINTS } from '../model/hints.ts';
import type { Catalog, PendingRow } from './catalog.ts';
import { changedRoots } from './roots.ts';
import type { Tabs } from './tabs.ts';

/** What a copy of a document can show for the changes it holds. */
export type Holdings = { vector: Map<number, number>; held: ReadonlySet<string> };

/**
 * The changes that wait for the server, of all documents and all tabs of this device. The truth is the catalog's
 * `pending` store, so it survives reload and crash; this is its mirror, kept alike in every tab.
 *
 * A change leaves when some tab's connection is clean (see remote.ts) and that tab's copy holds the change: its writer's
 * clock is covered, or, for a change that only deletes, it was made here, came with its id from another tab, or was
 * listed before the copy was read.
 */
export class Outbox {
  readonly #catalog: Catalog;
  readonly #tabs: Tabs;
  readonly #rows = new Map<string, Map<string, PendingRow>>();
  /** Rows made here that are not in the catalog yet. */
  readonly #unkept = new Map<string, { row: PendingRow; settle: () => void }>();
  /** Rows that wait no more and are still in the catalog. */
  #unremoved: { name: string; id: string }[] = [];
  #version = $state(0);
  #made = 0;
  /** Called with each document whose changes began or ceased to wait. */
  changed: (name: string) => void = () => undefined;

  constructor(catalog: Catalog, tabs: Tabs) {
    this.#catalog = catalog;
    this.#tabs = tabs;
  }

  /** Reads what earlier tabs left. */
  async load(): Promise<void> {
    this.mirror(await this.#catalog.pending(), []);
  }

  /** How many changes wait that a person would count. */
  get waiting(): number {
    void this.#version;
    let sum = 0;
    for (const rows of this.#rows.values()) for (const row of rows.values()) if (row.counts) sum += 1;
    return sum;
  }

  /** Documents with changes that wait, counted or not. */
  get names(): string[] {
    void this.#version;
    return [...this.#rows.keys()];
  }

  /** How many changes of this document wait, counted or not. */
  of(name: string): number {
    void this.#version;
    return this.#rows.get(name)?.size ?? 0;
  }

  rowsOf(name: string): PendingRow[] {
    return [...(this.#rows.get(name)?.values() ?? [])];
  }

  ids(name: string): string[] {
    return [...(this.#rows.get(name)?.keys() ?? [])];
  }

  /** Notes a change just made here. `kept` resolves when the note is on the device, or not needed there any more. */
  add(row: Omit<PendingRow, 'id'>): { id: string; kept: Promise<void> } {
    this.#made += 1;
    const full: PendingRow = { ...row, id: `${this.#tabs.id}:${this.#made}` };
    const kept = new Promise<void>((settle) => this.#unkept.set(full.id, { row: full, settle }));
    this.mirror([full], []);
    this.#tabs.tell({ kind: 'waiting', added: [full], removed: [] });
    void this.#keep(full);
    return { id: full.id, kept };
  }

  /** Writes what could not be written: the catalog works again. */
  async keepAgain(): Promise<void> {
    const removed = this.#unremoved;
    this.#unremoved = [];
    await Promise.all([this.#unnote(removed), ...[...this.#unkept.values()].map(({ row }) => this.#keep(row))]);
    await this.load();
  }

  /** Changes that can never be sent, because nobody has them any more. */
  drop(name: string, ids: readonly string[]): void {
    this.#remove(ids.flatMap((id) => this.#rows.get(name)?.get(id) ?? []));
  }

  /** The server has everything this copy holds. */
  confirm(name: string, holdings: Holdings): void {
    this.#remove(this.rowsOf(name).filter((row) => holds(holdings, row)));
  }

  /** These changes wait no more: the copy that held them was set aside. The catalog is told by who keeps it. */
  forget(name: string, ids: readonly string[]): void {
    const removed = ids.map((id) => ({ name, id }));
    this.mirror([], removed);
    this.#tabs.tell({ kind: 'waiting', added: [], removed });
  }

  /** Takes over what another tab said, or the catalog. */
  mirror(added: readonly PendingRow[], removed: readonly { name: string; id: string }[]): void {
    const names = new Set<string>();
    for (const row of added) {
      const rows = this.#rows.get(row.name) ?? new Map<string, PendingRow>();
      this.#rows.set(row.name, rows.set(row.id, row));
      names.add(row.name);
    }
    for (const { name, id } of removed) {
      this.#settle(id);
      const rows = this.#rows.get(name);
      if (rows?.delete(id) !== true) continue;
      if (rows.size === 0) this.#rows.delete(name);
      names.add(name);
    }
    if (names.size === 0) return;
    this.#version += 1;
    for (const name of names) this.changed(name);
  }

  async #keep(row: PendingRow): Promise<void> {
    if (await this.#catalog.addPending(row)) this.#settle(row.id);
  }

  async #unnote(rows: { name: string; id: string }[]): Promise<void> {
    if (rows.length > 0 && !(await this.#catalog.removePending(rows))) this.#unremoved.push(...rows);
  }

  #settle(id: string): void {
    this.#unkept.get(id)?.settle();
    this.#unkept.delete(id);
  }

  #remove(rows: readonly PendingRow[]): void {
    if (rows.length === 0) return;
    const removed = rows.map(({ name, id }) => ({ name, id }));
    this.mirror([], removed);
    this.#tabs.tell({ kind: 'waiting', added: [], removed });
    void this.#unnote(removed);
  }
}

function holds({ vector, held }: Holdings, row: PendingRow): boolean {
  return held.has(row.id) ? true : row.inserts && (vector.get(row.client) ?? 0) >= row.clock;
}

/** Describes what a local transaction changed, for the outbox. */
export function describe(
  transaction: Y.Transaction,
): Pick<PendingRow, 'client' | 'clock' | 'inserts' | 'hint'> & { roots: Set<string> } {
  const client = lastWriter(transaction);
  return {
    client,
    clock: transaction.afterState.get(client) ?? 0,
    inserts: (transaction.afterState.get(client) ?? 0) > (transaction.beforeState.get(client) ?? 0),
    roots: changedRoots(transaction),
    hint: transaction.meta.get(HINTS) as number | undefined,
  };
}

/** Usually the document's own clientID; Yjs may have replaced that at the end of the transaction. */
function lastWriter(transaction: Y.Transaction): number {
  for (const [client, clock] of transaction.afterState) {
    if (clock > (transaction.beforeState.get(client) ?? 0)) return client;
  }
  return transaction.doc.clientID;
}
