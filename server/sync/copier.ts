import type * as Y from 'yjs';
import type { Writer } from './writer.ts';

/** Copies facts of the database into documents: writes what differs, any number of times. */
export class Copier {
  readonly #writer: Writer;
  /** By document; settles with the copy that was asked for last. */
  readonly #copying = new Map<string, Promise<void>>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /**
   * One after another in each document: two at the same time could write in another order than they read, and what is
   * older would stay.
   */
  async copy<T>(name: string, read: () => Promise<T>, write: (doc: Y.Doc, facts: T) => void): Promise<void> {
    const before = this.#copying.get(name) ?? Promise.resolve();
    const turn = before.then(async () => {
      const facts = await read();
      await this.#writer.write(name, (doc) => {
        write(doc, facts);
      });
    });
    const settled = turn.catch(() => undefined);
    this.#copying.set(name, settled);
    try {
      await turn;
    } finally {
      if (this.#copying.get(name) === settled) this.#copying.delete(name);
    }
  }
}
