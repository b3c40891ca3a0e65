import { createSubscriber } from 'svelte/reactivity';
import type * as Y from 'yjs';
import type { OpenDocument } from './open-document.svelte.ts';
import { changedRoots } from './roots.ts';
import { share } from './share.ts';

/**
 * A value read from a document, kept current for whoever shows it. It observes only the roots it is told, reads at most
 * once per change, and keeps every part of the value that did not change, object for object, so that a keyed list of a
 * thousand rows renders the one that did. It follows when the document's copy is replaced.
 */
export class Live<T> {
  readonly #open: OpenDocument;
  readonly #read: (doc: Y.Doc) => T;
  readonly #roots: readonly string[];
  readonly #subscribe: () => void;
  #value: { now: T } | null = null;
  #stale = true;
  #update: (() => void) | null = null;
  #observed: { doc: Y.Doc; end: () => void } | null = null;

  /** `roots` must be those, and no others, whose content `read` uses; each a type the model has defined. */
  constructor(open: OpenDocument, read: (doc: Y.Doc) => T, roots: readonly string[]) {
    this.#open = open;
    this.#read = read;
    this.#roots = roots;
    this.#subscribe = createSubscriber((update) => {
      this.#update = update;
      this.#observe(this.#open.doc);
      return () => {
        this.#update = null;
        this.#observed?.end();
        this.#observed = null;
      };
    });
  }

  get current(): T {
    this.#subscribe();
    const { doc } = this.#open;
    if (this.#observed !== null && this.#observed.doc !== doc) this.#observe(doc);
    // Unobserved, nothing tells of changes: read each time.
    if (this.#value === null || this.#stale || this.#observed === null) {
      const next = this.#read(doc);
      this.#value = { now: this.#value === null ? next : share(this.#value.now, next) };
      this.#stale = false;
    }
    return this.#value.now;
  }

  /** Reads again, although the document has not changed: for what also depends on the time. */
  refresh(): void {
    this.#stale = true;
    this.#update?.();
  }

  #observe(doc: Y.Doc): void {
    this.#observed?.end();
    this.#stale = true;
    const changed = (transaction: Y.Transaction): void => {
      const names = changedRoots(transaction);
      if (!this.#roots.some((root) => names.has(root))) return;
      this.#stale = true;
      this.#update?.();
    };
    doc.on('afterTransaction', changed);
    this.#observed = { doc, end: () => doc.off('afterTransaction', changed) };
  }
}
