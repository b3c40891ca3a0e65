import { newId } from '../model/ids.ts';
import type { AsideRow, Catalog } from './catalog.ts';
import type { Tabs } from './tabs.ts';

/** A copy that ends: its readable unsent words, all of it, and the changes in it that waited. */
export type EndedCopy = {
  name: string;
  reason: string;
  text: string[];
  update: Uint8Array;
  waiting: readonly string[];
};

export type Aside = { id: string; name: string; at: number; reason: string; text: string[] };

/** Copies that the server refused, or that were purged with unsent words in them: kept until their writer discards them. */
export class Asides {
  readonly #catalog: Catalog;
  readonly #tabs: Tabs;
  #rows = $state.raw<readonly AsideRow[]>([]);
  /** What storage did not take. */
  #unkept: { row: AsideRow | null; name: string; lineage: string; waiting: readonly string[] }[] = [];

  constructor(catalog: Catalog, tabs: Tabs) {
    this.#catalog = catalog;
    this.#tabs = tabs;
  }

  async load(): Promise<void> {
    const stored = await this.#catalog.asides();
    const unkept = this.#unkept.flatMap(({ row }) => row ?? []);
    if (stored.length > 0 || this.#rows.length > 0) this.#rows = [...stored, ...unkept];
  }

  /** Newest first. */
  get items(): readonly Aside[] {
    return [...this.#rows].sort((one, other) => other.at - one.at);
  }

  /**
   * Keeps what is unsent of a copy and lets the document begin anew under `lineage`. Words that are kept already are not
   * kept twice; a copy without new words is kept only when `always`. Answers whether the device has them; what it does
   * not take stays in this tab and is written when it can be.
   */
  async keep({ waiting, ...copy }: EndedCopy, lineage: string, always: boolean): Promise<boolean> {
    const known = new Set(this.#rows.filter((row) => row.name === copy.name).flatMap((row) => row.text));
    const fresh = always || copy.text.some((text) => !known.has(text));
    const row = fresh ? { ...copy, id: newId(), at: Date.now() } : null;
    if (row !== null) this.#rows = [...this.#rows, row];
    const kept = await this.#catalog.setAside(row, copy.name, lineage, waiting);
    if (kept) await this.load();
    else this.#unkept.push({ row, name: copy.name, lineage, waiting });
    this.#tabs.tell({ kind: 'asides' });
    return kept;
  }

  /** Writes what could not be written: the catalog works again. */
  async keepAgain(): Promise<void> {
    const unkept = this.#unkept;
    this.#unkept = [];
    for (const one of unkept) {
      if (!(await this.#catalog.setAside(one.row, one.name, one.lineage, one.waiting))) this.#unkept.push(one);
    }
    await this.load();
    if (unkept.length > 0) this.#tabs.tell({ kind: 'asides' });
  }

  async discard(id: string): Promise<void> {
    this.#rows = this.#rows.filter((row) => row.id !== id);
    this.#unkept = this.#unkept.filter(({ row }) => row?.id !== id);
    await this.#catalog.discardAside(id);
    this.#tabs.tell({ kind: 'asides' });
  }
}
