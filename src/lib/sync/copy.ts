import * as Y from 'yjs';
import { adopt } from '../model/client-ids.ts';
import type { PendingRow } from './catalog.ts';
import type { Host } from './host.ts';
import { LocalDocument, type LocalEvents } from './local.ts';

type UpdateListener = (copy: Copy, update: Uint8Array, origin: unknown, transaction: Y.Transaction) => void;

/** One living copy of a document: a Y.Doc under its person's clientIDs, its rows on the device, and what it holds. */
export class Copy {
  readonly doc = new Y.Doc();
  readonly store: LocalDocument;
  /** Names the copy among tabs and on the device; null until the catalog has been read. */
  lineage: string | null = null;
  /** Waiting changes that are known to be in it. */
  readonly held = new Set<string>();
  /** Waiting changes that may have stood in a damaged row. */
  readonly missing = new Set<string>();
  /** True once its rows on the device have been asked for. */
  stored = false;
  /** Waiting changes whose note is not on the device yet. */
  notes = 0;
  readonly #end: () => void;

  /** What `onUpdate` throws is reported and goes no further: out of a listener it would end all saving and sending. */
  constructor(host: Host, local: LocalEvents, onUpdate: UpdateListener) {
    const disown = adopt(this.doc, host.me.seq);
    this.store = new LocalDocument(this.doc, local);
    const listen = (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void => {
      try {
        onUpdate(this, update, origin, transaction);
      } catch (error) {
        reportError(error);
      }
    };
    this.doc.on('update', listen);
    this.#end = () => {
      this.doc.off('update', listen);
      disown();
    };
  }

  get saved(): boolean {
    return this.store.saved && this.notes === 0;
  }

  holdAll(ids: readonly string[]): void {
    for (const id of ids) {
      this.held.add(id);
      this.missing.delete(id);
    }
  }

  /** Sorts what waits for this document, after its rows were read. */
  hold(waiting: readonly PendingRow[]): void {
    const vector = this.store.damaged ? Y.encodeStateVector(this.doc) : null;
    const known = vector === null ? null : Y.decodeStateVector(vector);
    for (const { id, inserts, client, clock } of waiting) {
      if (known !== null && inserts && (known.get(client) ?? 0) < clock) this.missing.add(id);
      else this.held.add(id);
    }
  }

  get empty(): boolean {
    return this.doc.store.clients.size === 0;
  }

  /** Ends it; the rows on the device stay. */
  async close(): Promise<void> {
    this.#end();
    await this.store.close();
    this.doc.destroy();
  }

  /** Ends it and deletes its rows. */
  async clear(): Promise<void> {
    this.#end();
    await this.store.clear();
    this.doc.destroy();
  }
}
