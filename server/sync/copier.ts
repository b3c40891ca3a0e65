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
  copy<T>(name: string, read: () => Promise<T>, write: (doc: Y.Doc, facts: T) => void): Promise<void> {
    return this.copyAll([name], read, write);
  }

  /**
   * The same facts into many documents: read once, when it is their turn in every one of them, and written together. Every
   * copy has ended before a failure of one is told.
   */
  async copyAll<T>(
    names: readonly string[],
    read: () => Promise<T>,
    write: (doc: Y.Doc, facts: T, name: string) => void,
  ): Promise<void> {
    const before = Promise.all(names.map((name) => this.#copying.get(name) ?? Promise.resolve()));
    const turn = before.then(async () => {
      const facts = await read();
      const copies = names.map((name) => this.#writer.write(name, (doc) => write(doc, facts, name)));
      const failed = (await Promise.allSettled(copies)).find((copy) => copy.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    });
    const settled = turn.catch(() => undefined);
    for (const name of names) this.#copying.set(name, settled);
    try {
      await turn;
    } finally {
      for (const name of names) if (this.#copying.get(name) === settled) this.#copying.delete(name);
    }
  }
}
