import type { Document } from '@hocuspocus/server';
import * as Y from 'yjs';
import { parseDocName, type DocName } from '../../src/lib/model/names.ts';
import { Overlay } from './gate/overlay.ts';
import { Unavailable } from './outcome.ts';

/** Origin of everything that is applied: it was stored before. Hocuspocus' own store hooks have nothing to do. */
const STORED = { source: 'local' as const, skipStoreHooks: true };

/**
 * All that belongs to one document while it is in memory or something is under way for it: the live document,
 * what is accepted but not applied yet, and the copy that the server's own writes are made on.
 */
export class Lane {
  readonly name: string;
  readonly at: DocName;
  readonly overlay = new Overlay();
  /** Bytes of the log since the last snapshot, and of that. */
  bytes = 0;
  /** Settles with the update that was accepted last: everything accepted before it has settled then too. */
  last: Promise<void> = Promise.resolve();
  #live: Document | null = null;
  #loading: Uint8Array[] | null = null;
  #twin: Y.Doc | null = null;
  #inFlight = 0;
  #writes: Promise<unknown> = Promise.resolve();
  #writing = 0;
  #onRest: (lane: Lane) => void;

  constructor(name: string, at: DocName, onRest: (lane: Lane) => void) {
    this.name = name;
    this.at = at;
    this.#onRest = onRest;
  }

  get live(): Document | null {
    return this.#live;
  }

  /** True while an update of this document is being stored: it must not be unloaded. */
  get busy(): boolean {
    return this.#inFlight > 0;
  }

  /** True when nothing is lost by forgetting this object. */
  get idle(): boolean {
    return this.#live === null && this.#loading === null && !this.busy && this.#writing === 0;
  }

  /**
   * Reads the document's rows by `read` and makes it the live one. What is stored between the reading and this
   * moment is kept and applied on top: an update that is there twice counts once.
   */
  async load(document: Document, read: (document: Document) => Promise<number>): Promise<void> {
    this.#loading = [];
    try {
      this.bytes = await read(document);
      if (this.#loading.length > 0) this.#applyTo(document, this.#loading);
      this.#live = document;
      // Synchronous with its removal from Hocuspocus' own map.
      document.on('destroy', () => {
        this.#left(document);
      });
    } finally {
      this.#loading = null;
      if (this.idle) this.#onRest(this);
    }
  }

  /** Applies what was stored, in one transaction: every receiver gets it in one frame. Throws when Yjs does. */
  apply(updates: readonly Uint8Array[]): void {
    for (const update of updates) this.bytes += update.length;
    this.#loading?.push(...updates);
    if (this.#live !== null) this.#applyTo(this.#live, updates);
  }

  #applyTo(document: Y.Doc, updates: readonly Uint8Array[]): void {
    Y.transact(
      document,
      () => {
        for (const update of updates) Y.applyUpdate(document, update);
      },
      STORED,
      false,
    );
  }

  /** Something of this document is being stored from now on, until `leave`. */
  enter(): void {
    this.#inFlight += 1;
  }

  leave(): void {
    this.#inFlight -= 1;
    if (!this.busy) this.#onRest(this);
  }

  /** Runs the server's own writes one after another: each builds on the one before. */
  async inTurn<T>(fn: () => Promise<T>): Promise<T> {
    this.#writing += 1;
    const turn = this.#writes.then(fn);
    this.#writes = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#writing -= 1;
      if (this.idle) this.#onRest(this);
    }
  }

  /**
   * A copy of the live document, up to date, to make a write on. Throw it away when the write is not stored. Throws
   * Unavailable when the document was dropped meanwhile.
   */
  twin(): Y.Doc {
    if (this.#live === null) throw new Unavailable();
    const twin = (this.#twin ??= new Y.Doc());
    Y.applyUpdate(twin, Y.encodeStateAsUpdate(this.#live, Y.encodeStateVector(twin)));
    return twin;
  }

  dropTwin(): void {
    this.#twin?.destroy();
    this.#twin = null;
  }

  #left(document: Document): void {
    if (this.#live !== document) return;
    this.#live = null;
    this.dropTwin();
    if (this.idle) this.#onRest(this);
  }
}

/** The lanes that are in use, by document name. */
export class Lanes {
  #lanes = new Map<string, Lane>();
  #onRest: (lane: Lane) => void;

  /** `onRest` hears of a lane in which nothing is being stored any more: its document may be unloadable now. */
  constructor(onRest: (lane: Lane) => void) {
    this.#onRest = onRest;
  }

  /** The lane of this document. Throws for what is no document's name. */
  open(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const at = parseDocName(name);
    if (at === null) throw new RangeError('not the name of a document');
    const lane = new Lane(name, at, (rested) => {
      this.#onRest(rested);
      if (rested.idle && this.#lanes.get(name) === rested) this.#lanes.delete(name);
    });
    this.#lanes.set(name, lane);
    return lane;
  }

  /** The lane if there is one. */
  find(name: string): Lane | undefined {
    return this.#lanes.get(name);
  }

  get size(): number {
    return this.#lanes.size;
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes.values();
  }
}
